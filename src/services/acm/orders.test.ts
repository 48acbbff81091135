/** Orders with the public authority by the clock: what is asked when, how long it is tried, and what the requester is told. */
import { randomInt } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { seededRandom } from '../../../test/support/call.ts';
import { type Made, makeCertificate } from '../../../test/support/certificates.ts';
import { openMemoryStore } from '../../store/memory.ts';
import type { Store } from '../../store/store.ts';
import { renewalJob, validationJob } from './jobs.ts';
import { backoffMs } from './order-outcomes.ts';
import { orderJob } from './orders.ts';
import type { AcmPorts, OrderState, PublicAuthority, Way } from './ports.ts';
import { recordOf } from './proofs.ts';
import { pendingChallenges, presentedCertificate } from './reading.ts';
import { shownCertificate } from './shapes.ts';
import { type CertificateRow, certificateArn, certificates, orders, pathOf, pending, regional } from './state.ts';

const account = '111122223333';
const region = 'us-east-1';
const start = Date.now();
const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000];
const seed = randomInt(2 ** 31);
console.info(`seed ${seed}`);

let store: Store;
let ports: AcmPorts;
let authority: FakeAuthority;
let proven: Set<string>;
let jobs: ReturnType<typeof orderJob>[];
let now: number;
let random: ReturnType<typeof seededRandom>;

/** Does as it is told, and remembers what it was asked. */
class FakeAuthority implements PublicAuthority {
  readonly asked: { what: string; at: number }[] = [];
  fails: ((what: string) => Error | undefined) | undefined;
  ways: Way[] = ['dns-01', 'http-01'];
  state: OrderState = { status: 'ready' };
  /** What is done, but not answered. */
  loses: string | undefined;
  /** What certificates are for, if it is not the key that was sent. */
  otherKey: Made | undefined;
  #root: Promise<Made> | undefined;
  readonly #keys = new Map<string, Made>();
  readonly #pems = new Map<string, string>();

  #do(what: string): void {
    this.asked.push({ what, at: now });
    const error = this.fails?.(what);
    if (error) throw error;
  }
  count = (what: string): number => this.asked.filter((one) => one.what === what).length;
  signsFor = () => true;
  waysFor = async () => this.ways;
  async open(names: readonly string[]) {
    this.#do('open');
    const authorizations = names.map((domain) => ({
      domain,
      isValid: false,
      challenges: (['http-01', 'dns-01'] as const).map((way) => ({ way, url: way, token: 't', answer: 'a' })),
    }));
    return { url: names.join(), finish: names.join(), authorizations };
  }
  placed = async () => undefined;
  beAsked = async (url: string) => this.#do(url);
  async look(url: string) {
    this.#do('look');
    return this.#pems.has(url) ? { status: 'valid' as const, certificate: url } : this.state;
  }
  async makeKey() {
    const made = await makeCertificate({ name: 'key' });
    this.#keys.set(made.privateKey, made);
    return made.privateKey;
  }
  async finish(url: string, privateKey: string, names: readonly string[]) {
    this.#do('finish');
    this.#root ??= makeCertificate({ name: 'root', isAuthority: true, to: new Date(now + 5000 * day) });
    const { keys } = this.otherKey ?? (this.#keys.get(privateKey) as Made);
    const [issuer, name = '', from, to] = [await this.#root, names[0], new Date(now), new Date(now + 90 * day)];
    const leaf = await makeCertificate({ name, names, issuer, from, to, keys });
    this.#pems.set(url, `${leaf.pem}\n${issuer.pem}\n`);
    if (this.loses === 'finish') throw problem('silent');
  }
  async read(url: string) {
    this.#do('read');
    if (this.loses === 'read') throw problem('silent');
    const pem = this.#pems.get(url) as string;
    this.#pems.delete(url);
    return pem;
  }
  revoke = async () => undefined;
}

const problem = (type: string, retryAfterMs?: number): Error => Object.assign(new Error(type), { type, retryAfterMs });

beforeEach(() => {
  store = openMemoryStore();
  proven = new Set();
  authority = new FakeAuthority();
  random = seededRandom(seed);
  now = start;
  ports = {
    issue: async () => {
      throw new Error('the own authority was asked');
    },
    publicAuthority: authority,
    isOwnName: () => false,
    async cname(name) {
      return [...proven].map((one) => recordOf(account, one)).find(({ Name }) => Name === `${name}.`)?.Value;
    },
    mail: async () => undefined,
    approvalLink: () => '',
    users: async () => ['arn'],
    store,
  };
  jobs = [validationJob(ports), renewalJob(ports), orderJob(ports)];
});

const idOf = (place: number): string => `00000000-0000-4000-8000-${String(place).padStart(12, '0')}`;
const found = async (place = 1) =>
  (await store.get(certificates, regional({ account, region }), idOf(place))) as CertificateRow;
const shown = async (place = 1) => shownCertificate(await found(place), ['arn'], now);

async function wants(place: number, domain: string, isProven = true): Promise<void> {
  const row: CertificateRow = {
    account,
    region,
    id: idOf(place),
    type: 'AMAZON_ISSUED',
    domainName: domain,
    names: [domain],
    keyAlgorithm: 'EC_prime256v1',
    status: 'PENDING_VALIDATION',
    isPublic: true,
    createdAt: now,
    proofs: [{ domain, method: 'DNS', status: 'PENDING_VALIDATION', mailDomain: domain }],
    options: { transparency: 'ENABLED', export: 'DISABLED' },
    isExported: false,
    tags: {},
  };
  if (isProven) proven.add(domain);
  const change = store.begin();
  change.put(certificates, regional(row), row.id, row);
  change.put(pending, '', pathOf(row), {});
  await store.commit(change);
}

/** Runs all jobs every so often; what they complain of is theirs. */
async function pass(milliseconds: number, everyMs = 2 * second): Promise<void> {
  for (const end = now + milliseconds; now < end; now += everyMs) {
    for (const job of jobs) await job.run({ now, random, actor: undefined as never }).catch(() => undefined);
  }
}

test('nothing is asked before the requester has proven the name, and then step by step', async () => {
  await wants(1, 'shop.example.com', false);
  await pass(minute);
  expect(authority.asked).toEqual([]);
  proven.add('shop.example.com');
  authority.state = { status: 'pending' };
  await pass(20 * second);
  expect((await pendingChallenges(store)).map(({ way, account: whose }) => [way, whose])).toEqual([
    ['dns-01', account],
  ]);
  expect(await shown()).toMatchObject({
    Status: 'PENDING_VALIDATION',
    DomainValidationOptions: [{ ValidationStatus: 'PENDING_VALIDATION' }],
  });
  const [opened, told] = ['open', 'dns-01'].map((what) => authority.asked.find((one) => one.what === what)?.at ?? 0);
  expect((told as number) - (opened as number)).toBeGreaterThanOrEqual(2 * second);
  authority.state = { status: 'ready' };
  await pass(10 * second);
  expect(await shown()).toMatchObject({ Status: 'ISSUED', DomainValidationOptions: [{ ValidationStatus: 'SUCCESS' }] });
  expect(await pendingChallenges(store)).toEqual([]);
  expect(await store.list(orders, '')).toEqual([]);
  const row = await found();
  expect((await presentedCertificate(store, certificateArn(row)))?.privateKey).toContain('PRIVATE KEY');
});

test('an authority that does not answer is tried ever more rarely, for 72 hours: then the request has failed', async () => {
  await wants(1, 'shop.example.com');
  authority.fails = () => problem('silent');
  await pass(71 * hour, 10 * second);
  expect((await found()).status).toBe('PENDING_VALIDATION');
  // Doubling from a minute to six hours, and then every six to nine.
  expect(authority.count('open')).toBeGreaterThan(12);
  expect(authority.count('open')).toBeLessThan(25);
  await pass(1.1 * hour, 10 * second);
  expect(await shown()).toMatchObject({ Status: 'FAILED', FailureReason: 'OTHER' });
  expect(await store.list(orders, '')).toEqual([]);
  const asked = authority.asked.length;
  await pass(hour, minute);
  expect(authority.asked).toHaveLength(asked);
});

test('who is refused is tried the other way, and timed out after 72 hours', async () => {
  await wants(1, 'shop.example.com');
  authority.state = { status: 'invalid', problem: problem('unauthorized') as never };
  await pass(hour);
  expect(authority.count('dns-01')).toBeGreaterThan(0);
  expect(authority.count('http-01')).toBeGreaterThan(0);
  // Public authorities take five refusals an hour.
  expect(authority.count('open')).toBeLessThanOrEqual(5);
  await pass(72 * hour, minute);
  expect((await shown()).Status).toBe('VALIDATION_TIMED_OUT');
});

test.each([
  ['caa', 'CAA_ERROR'],
  ['rejectedIdentifier', 'DOMAIN_NOT_ALLOWED'],
  ['unsupportedIdentifier', 'INVALID_PUBLIC_DOMAIN'],
])('what %s says is final: %s', async (type, FailureReason) => {
  await wants(1, 'shop.example.com');
  authority.fails = (what) => (what === 'open' ? problem(type) : undefined);
  await pass(minute);
  expect(await shown()).toMatchObject({
    Status: 'FAILED',
    FailureReason,
    DomainValidationOptions: [{ ValidationStatus: 'FAILED' }],
  });
  await pass(hour);
  expect(authority.count('open')).toBe(1);
});

test('a limit of the authority holds for everybody for a while, and for who has met it as long as it says', async () => {
  await wants(1, 'a.example.com');
  authority.fails = (what) => (what === 'open' ? problem('rateLimited', 3 * hour) : undefined);
  await pass(10 * second);
  authority.fails = undefined;
  await wants(2, 'b.example.com');
  await pass(14 * minute, 10 * second);
  expect(authority.count('open')).toBe(1);
  await pass(3 * minute);
  expect((await found(2)).status).toBe('ISSUED');
  await pass(2.6 * hour, minute);
  expect((await found(1)).status).toBe('PENDING_VALIDATION');
  await pass(hour, minute);
  expect((await found(1)).status).toBe('ISSUED');
});

test('one account does not use up what the authority grants the instance', async () => {
  for (let place = 1; place <= 30; place += 1) await wants(place, `n${place}.example.com`);
  await pass(50 * minute, 10 * second);
  expect(authority.count('open')).toBe(20);
  await pass(hour, 10 * second);
  for (let place = 1; place <= 30; place += 1) expect((await found(place)).status).toBe('ISSUED');
});

test.each(['finish', 'read'])('an answer that is lost (%s), and a restart, lose no certificate', async (lost) => {
  await wants(1, 'shop.example.com');
  authority.loses = lost;
  await pass(12 * second);
  expect((await found()).status).toBe('PENDING_VALIDATION');
  authority.loses = undefined;
  jobs = [validationJob(ports), renewalJob(ports), orderJob(ports)];
  await pass(minute);
  expect((await found()).status).toBe('ISSUED');
  expect(authority.count('open')).toBe(1);
  expect(authority.count('finish')).toBe(1);
});

test('few orders are open at a time, and never two for a name', async () => {
  authority.state = { status: 'pending' };
  for (let place = 1; place <= 9; place += 1)
    await wants(place, place < 4 ? 'same.example.com' : `n${place}.example.com`);
  await pass(minute);
  const open = (await store.list(orders, '')).filter(({ value }) => value.open);
  expect(open).toHaveLength(4);
  expect(open.filter(({ value }) => value.names.includes('same.example.com'))).toHaveLength(1);
  authority.state = { status: 'ready' };
  await pass(5 * minute);
  for (let place = 1; place <= 9; place += 1) expect((await found(place)).status).toBe('ISSUED');
});

test('a certificate for another key is not taken', async () => {
  await wants(1, 'shop.example.com');
  authority.otherKey = await makeCertificate({ name: 'other' });
  await pass(20 * second);
  expect(authority.count('read')).toBe(1);
  expect((await found()).status).toBe('PENDING_VALIDATION');
});

test('it is renewed after two thirds of its life, and says what it waits for', async () => {
  await wants(1, 'shop.example.com');
  await pass(minute);
  const first = (await found()).content?.serial;
  now = start + 59 * day;
  await pass(10 * minute, 10 * second);
  expect(authority.count('open')).toBe(1);

  now = start + 61 * day;
  authority.state = { status: 'pending' };
  await pass(5 * minute, 10 * second);
  expect((await shown()).RenewalSummary).toMatchObject({
    RenewalStatus: 'PENDING_AUTO_RENEWAL',
    DomainValidationOptions: [{ ValidationStatus: 'PENDING_VALIDATION' }],
  });
  authority.state = { status: 'invalid', problem: problem('dns') as never };
  await pass(5 * minute, 10 * second);
  expect((await shown()).RenewalSummary?.RenewalStatus).toBe('PENDING_VALIDATION');
  expect((await found()).content?.serial).toBe(first);
  authority.state = { status: 'ready' };
  await pass(hour, 10 * second);
  const row = await found();
  expect(row.content?.serial).not.toBe(first);
  expect((await shown()).RenewalSummary).toMatchObject({
    RenewalStatus: 'SUCCESS',
    DomainValidationOptions: [{ ValidationStatus: 'SUCCESS' }],
  });
  expect(await store.list(orders, '')).toEqual([]);
});

test('a name that is not the account’s any more is not ordered again', async () => {
  await wants(1, 'shop.example.com');
  await pass(minute);
  now = start + 61 * day;
  proven.clear();
  await pass(hour, 10 * second);
  expect(authority.count('open')).toBe(1);
  expect((await shown()).RenewalSummary?.RenewalStatus).toBe('PENDING_VALIDATION');
});

test('every order needs the proof again, the first ones too', async () => {
  await wants(1, 'shop.example.com');
  authority.state = { status: 'invalid', problem: problem('dns') as never };
  await pass(minute);
  expect(authority.count('open')).toBe(1);
  proven.clear();
  await pass(2 * hour, 10 * second);
  expect(authority.count('open')).toBe(1);
  proven.add('shop.example.com');
  authority.state = { status: 'ready' };
  await pass(10 * minute, 10 * second);
  expect((await found()).status).toBe('ISSUED');
});

test('an order that is never done is begun anew', async () => {
  await wants(1, 'shop.example.com');
  authority.state = { status: 'pending' };
  await pass(29 * minute, 10 * second);
  expect(authority.count('open')).toBe(1);
  await pass(6 * minute, 10 * second);
  expect(authority.count('open')).toBe(2);
});

test('what the authority was told before, it need not be told again', async () => {
  await wants(1, 'shop.example.com');
  authority.fails = (what) => (what === 'dns-01' ? problem('malformed') : undefined);
  await pass(minute);
  expect((await found()).status).toBe('ISSUED');
  expect(authority.count('open')).toBe(1);
});

test('waits double, are drawn out by chance, and have an end', () => {
  expect(backoffMs(0, true, 0)).toBe(5 * minute);
  expect(backoffMs(2, true, 0)).toBe(20 * minute);
  expect(backoffMs(0, false, 0)).toBe(minute);
  expect(backoffMs(1, false, 0.5)).toBe(2.5 * minute);
  expect(backoffMs(1000, true, 0.999)).toBeLessThan(9 * hour);
});
