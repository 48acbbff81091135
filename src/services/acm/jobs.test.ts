import { beforeEach, expect, test } from 'vitest';
import { seededRandom } from '../../../test/support/call.ts';
import { makeCertificate } from '../../../test/support/certificates.ts';
import { openMemoryStore } from '../../store/memory.ts';
import type { Store } from '../../store/store.ts';
import type { JobRuntime } from '../service.ts';
import { renewalJob, validationJob } from './jobs.ts';
import type { AcmPorts } from './ports.ts';
import { recordOf } from './proofs.ts';
import { type CertificateRow, certificates, dueRenewals, pathOf, pending, regional } from './state.ts';

const account = '111122223333';
const region = 'us-east-1';
const start = Date.now();
const day = 86_400_000;

let store: Store;
let proven: Set<string>;
let used: boolean;
let fails: (names: readonly string[]) => boolean;
let ports: AcmPorts;
let made: number;
beforeEach(() => {
  store = openMemoryStore();
  proven = new Set();
  used = false;
  fails = () => false;
  made = 0;
  ports = {
    async issue({ names, now, days }) {
      if (fails(names)) throw new Error('sealed');
      made += 1;
      const [name = ''] = names;
      const leaf = await makeCertificate({ name, from: new Date(now), to: new Date(now + days * day) });
      return { body: leaf.pem, chain: leaf.pem, privateKey: leaf.privateKey };
    },
    isOwnName: () => false,
    async cname(name) {
      const records = [...proven].map((domain) => recordOf(account, domain));
      return records.find(({ Name }) => Name === `${name}.`)?.Value;
    },
    mail: async () => undefined,
    approvalLink: () => '',
    users: async () => (used ? ['arn'] : []),
    store,
  };
});

const idOf = (place: number): string => `00000000-0000-4000-8000-${String(place).padStart(12, '0')}`;

async function ask(place: number, domain: string): Promise<CertificateRow> {
  const row: CertificateRow = {
    account,
    region,
    id: idOf(place),
    type: 'AMAZON_ISSUED',
    domainName: domain,
    names: [domain],
    keyAlgorithm: 'EC_prime256v1',
    status: 'PENDING_VALIDATION',
    createdAt: start,
    proofs: [{ domain, method: 'DNS', status: 'PENDING_VALIDATION', mailDomain: domain }],
    options: { transparency: 'ENABLED', export: 'DISABLED' },
    isExported: false,
    tags: {},
  };
  const change = store.begin();
  change.put(certificates, regional(row), row.id, row);
  change.put(pending, '', pathOf(row), {});
  await store.commit(change);
  return row;
}

const runtime = (now: number): JobRuntime => ({ now, random: seededRandom(), actor: undefined as never });
const found = (place: number) => store.get(certificates, `${account}/${region}`, idOf(place));

test('requests that prove nothing keep none waiting that do', async () => {
  for (let place = 0; place < 120; place += 1) await ask(place, `n${place}.example.com`);
  await ask(500, 'proven.example.com');
  proven.add('proven.example.com');
  const job = validationJob(ports);
  for (let round = 0; round < 3; round += 1) await job.run(runtime(start + 1000));
  expect((await found(500))?.status).toBe('ISSUED');
  expect((await found(0))?.status).toBe('PENDING_VALIDATION');
  expect(made).toBe(1);
});

test('what cannot be signed keeps the others from nothing, and is tried again', async () => {
  await ask(1, 'bad.example.com');
  await ask(2, 'good.example.com');
  for (const domain of ['bad.example.com', 'good.example.com']) proven.add(domain);
  fails = (names) => names.includes('bad.example.com');
  const job = validationJob(ports);
  await expect(job.run(runtime(start))).rejects.toThrow('sealed');
  expect((await found(2))?.status).toBe('ISSUED');
  expect((await found(1))?.status).toBe('PENDING_VALIDATION');
  fails = () => false;
  await job.run(runtime(start));
  expect((await found(1))?.status).toBe('ISSUED');
});

test('a renewal needs the record again, and goes on while the authority cannot sign', async () => {
  await ask(1, 'shop.example.com');
  proven.add('shop.example.com');
  await validationJob(ports).run(runtime(start));
  const first = (await found(1))?.content?.serial;
  used = true;
  const job = renewalJob(ports);
  const later = start + 140 * day;
  await job.run(runtime(start + 100 * day));
  expect((await found(1))?.renewal).toBeUndefined();

  proven.clear();
  await job.run(runtime(later));
  expect((await found(1))?.renewal?.status).toBe('PENDING_VALIDATION');
  proven.add('shop.example.com');
  fails = () => true;
  await job.run(runtime(later + day + 1));
  expect((await found(1))?.renewal?.status).toBe('FAILED');
  expect((await found(1))?.content?.serial).toBe(first);
  fails = () => false;
  await job.run(runtime(later + day + 3_600_002));
  expect((await found(1))?.renewal?.status).toBe('SUCCESS');
  expect((await found(1))?.content?.serial).not.toBe(first);
  expect(await store.list(dueRenewals, '')).toHaveLength(1);
});
