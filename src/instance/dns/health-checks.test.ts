/** Health checks as they are carried out, against servers of this machine. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { makeCertificate } from '../../../test/support/certificates.ts';
import { accounts } from '../../services/account/state.ts';
import { type HealthCheckRow, healthChecks } from '../../services/route53/state.ts';
import type { JobRuntime } from '../../services/service.ts';
import { openMemoryStore } from '../../store/memory.ts';
import { HealthChecks } from './health-checks.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
const page = (answer: RequestListener): Promise<number> => serve(createServer(answer));

const check = (id: string, given: Partial<HealthCheckRow>): HealthCheckRow => ({
  id,
  account: '111122223333',
  callerReference: id,
  version: 1,
  type: 'HTTP',
  address: '127.0.0.1',
  intervalSeconds: 30,
  failureThreshold: 1,
  isInverted: false,
  isDisabled: false,
  children: [],
  createdAt: 1,
  ...given,
});

/** What is found of each after one run: by id, with the reason. */
async function run(...rows: HealthCheckRow[]) {
  const store = openMemoryStore();
  const change = store.begin();
  for (const row of rows) {
    change.put(accounts, '', row.account, { id: row.account } as never);
    change.put(healthChecks, row.account, row.id, row);
  }
  await store.commit(change);
  const checks = new HealthChecks(store, () => undefined);
  await checks.job.run({ now: 1_000 } as JobRuntime);
  return (id: string) => checks.health(id);
}

test('a check that cannot be carried out is ill, and keeps nobody else’s from being carried out', async () => {
  const port = await page((_request, response) => response.end('hello'));
  const health = await run(
    check('path', { port, path: '/a path' }),
    check('name', { account: '100000000001', port, domainName: 'a\nb' }),
    check('well', { account: '444455556666', port }),
  );
  expect(health('path')).toMatchObject({ isHealthy: false, reason: 'ERR_UNESCAPED_CHARACTERS' });
  expect(health('name')).toMatchObject({ isHealthy: false });
  expect(health('well')).toMatchObject({ isHealthy: true });
});

test('who does not answer in one account keeps none of another waiting', async () => {
  const asked: string[] = [];
  let answer: (() => void) | undefined;
  const port = await page((request, response) => {
    asked.push(request.url ?? '');
    const all = asked.length;
    if (all === 1) answer = () => response.end('late');
    else {
      response.end('hello');
      answer?.();
    }
  });
  // The first is answered when the second has come.
  const health = await run(
    check('first', { port, path: '/first' }),
    check('second', { account: '444455556666', port, path: '/second' }),
  );
  expect(asked.toSorted()).toEqual(['/first', '/second']);
  expect([health('first')?.isHealthy, health('second')?.isHealthy]).toEqual([true, true]);
}, 8_000);

test('whom nobody vouches for is ill, and a body is read only as far as it is searched', async () => {
  const made = await makeCertificate({ name: 'shop.example' });
  const secure = await serve(
    createSecureServer({ key: made.privateKey, cert: made.pem }, (_request, response) => response.end('hello')),
  );
  let sent = 0;
  const endless = await page((_request, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(10_000))) sent += 1;
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  const searching = { type: 'HTTP_STR_MATCH', searchString: 'needle' } as const;
  const health = await run(
    check('secure', { type: 'HTTPS', port: secure }),
    check('endless', { ...searching, port: endless }),
  );
  expect(health('secure')).toMatchObject({ isHealthy: false, reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  expect(health('endless')).toMatchObject({ isHealthy: false, reason: 'the string was not found' });
  expect(sent).toBeGreaterThan(0);
}, 8_000);

test('a disabled check asks nobody and is well, or ill where it is inverted; calculations count one’s own', async () => {
  let asked = 0;
  const port = await page((_request, response) => {
    asked += 1;
    response.statusCode = 500;
    response.end();
  });
  const calculated = { type: 'CALCULATED', children: ['off'], threshold: 1 } as const;
  const health = await run(
    check('off', { port, isDisabled: true }),
    check('against', { port, isDisabled: true, isInverted: true }),
    check('own', calculated),
    check('theirs', { ...calculated, account: '444455556666' }),
  );
  expect(asked).toBe(0);
  expect(['off', 'against', 'own', 'theirs'].map((id) => health(id)?.isHealthy)).toEqual([true, false, true, false]);
});
