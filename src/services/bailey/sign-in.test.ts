/** What the answers must not tell: every wrong form costs one verification and one record. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Bench } from '../../../test/support/call.ts';
import { managementStream, readStoredCall, recordPartition } from '../../events/api-call.ts';
import { openMemoryStore } from '../../store/memory.ts';
import { FullError } from '../../store/store.ts';
import { Attempts } from './attempts.ts';
import { SignInRootUser, SignInUser } from './operations/sign-in.ts';
import type { BaileyPorts, Firewall, Identity, Named, SignInPorts } from './ports.ts';

const account = '111122223333';
const Password = 'right';
const identity: Identity = {
  principal: { kind: 'user', account, arn: `arn:aws:iam::${account}:user/rudy`, id: 'AIDARUDY', name: 'rudy' },
  password: { method: 'm', salt: 's', hash: 'h' },
  renewal: 'none',
};
const forms: Record<string, Named> = {
  known: { account, identity },
  'without a password': { account, identity: { ...identity, password: undefined } },
  'unknown user': { account, identity: undefined },
  'unknown account': { account: undefined, identity: undefined },
};

let bench: Bench<BaileyPorts>;
let verified: (Identity['password'] | 'none')[];
let reasons: string[];
let store = openMemoryStore();

beforeEach(() => {
  store = openMemoryStore();
  verified = [];
  reasons = [];
  const named = (name: string): Named => forms[name] as Named;
  const signIn: SignInPorts = {
    passwords: {
      rootWithEmail: async (_reader, email) => named(email),
      userNamed: async (_reader, _account, name) => named(name),
      async verify(password, kept) {
        verified.push(kept ?? 'none');
        return kept !== undefined && password === Password;
      },
      used: async () => undefined,
      renew: async () => undefined,
    },
    attempts: new Attempts(),
    store,
    issue: (_call, _principal, session) => ({
      AccessKeyId: 'ASIA',
      SecretAccessKey: 's',
      SessionToken: session.kind,
      Expiration: new Date(session.expiresAt),
    }),
    refused: ({ reason }) => reasons.push(reason),
  };
  const firewall: Firewall = {
    explain: async () => undefined,
    replay: () => Promise.reject(new Error('this test has no web ACLs')),
    createManagedRuleSet: () => Promise.reject(new Error('this test has no web ACLs')),
  };
  bench = new Bench(
    {
      signIn,
      firewall,
      findCall: async () => undefined,
      recentCalls: async function* () {},
      coverage: async () => ({}),
    },
    store,
  );
});

const run = (UserName: string, password: string) =>
  bench.run('SignInUser', SignInUser, { Account: account, UserName, Password: password });

async function records(of: string) {
  const partition = recordPartition(of, 'us-east-1');
  const { entries } = await store.query({ stream: managementStream, partition, limit: 50 });
  return entries.map(({ body }) => readStoredCall(body).record);
}

describe('every wrong form', () => {
  test.each([
    ['known', 'wrong', account],
    ['without a password', Password, account],
    ['unknown user', Password, account],
    ['unknown account', Password, ''],
  ])('%s: is verified once, recorded once and answered alike', async (name, password, recipient) => {
    await expect(run(name, password)).rejects.toMatchObject({
      code: 'AccessDeniedException',
      message: 'Your authentication information is incorrect. Please try again.',
      status: 400,
    });
    expect(verified).toHaveLength(1);
    expect(reasons).toEqual(['sign-in-failed']);
    expect(await records(recipient)).toMatchObject([{ responseElements: { ConsoleLogin: 'Failure' } }]);
  });

  test('of a root user as well', async () => {
    const input = { Email: 'unknown account', Password };
    await expect(bench.run('SignInRootUser', SignInRootUser, input)).rejects.toMatchObject({
      code: 'AccessDeniedException',
    });
    expect(verified).toEqual(['none']);
  });
});

test('a right form gets twelve hours from the whole second', async () => {
  bench.now += 123;
  const { Expiration, SessionToken } = await run('known', Password);
  expect(SessionToken).toBe('sign-in');
  expect(Expiration.getTime()).toBe(Math.floor(bench.now / 1000) * 1000 + 12 * 3_600_000);
  expect(await records(account)).toHaveLength(1);
});

test('a refusal during a lock-out verifies nothing and records nothing', async () => {
  for (let each = 0; each < 5; each += 1) await expect(run('known', 'wrong')).rejects.toThrow();
  await expect(run('known', Password)).rejects.toMatchObject({ code: 'TooManyRequestsException', status: 429 });
  expect(verified).toHaveLength(5);
  expect(await records(account)).toHaveLength(5);
  expect(reasons.at(-1)).toBe('sign-in-locked');
});

test('a handler that runs again after a conflict tries the form once, and another password again', async () => {
  const once = new Map<string, Promise<unknown>>();
  const call = () => ({
    ...bench.call('SignInUser'),
    once<T>(name: string, work: () => Promise<T>): Promise<T> {
      const result = (once.get(name) as Promise<T> | undefined) ?? work();
      once.set(name, result);
      return result;
    },
  });
  const input = { Account: account, UserName: 'known', Password };
  await SignInUser.handle(input, call(), bench.ports);
  await SignInUser.handle(input, call(), bench.ports);
  expect(verified).toHaveLength(1);
  forms.known = { account, identity: { ...identity, password: { method: 'm', salt: 's', hash: 'another' } } };
  await SignInUser.handle(input, call(), bench.ports);
  forms.known = { account, identity };
  expect(verified).toHaveLength(2);
});

test('a failure that cannot be recorded is answered as a full disk, and counts all the same', async () => {
  const full = { begin: () => store.begin(), commit: () => Promise.reject(new FullError('full')) };
  const ports = { ...bench.ports, signIn: { ...bench.ports.signIn, store: full } };
  const input = { Account: account, UserName: 'known', Password: 'wrong' };
  await expect(SignInUser.handle(input, bench.call('SignInUser'), ports)).rejects.toBeInstanceOf(FullError);
  expect(bench.ports.signIn.attempts.remembered).toBe(2);
});
