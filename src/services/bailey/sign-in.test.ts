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
const right = '123456';
const identity: Identity = {
  principal: { kind: 'user', account, arn: `arn:aws:iam::${account}:user/rudy`, id: 'AIDARUDY', name: 'rudy' },
  password: { method: 'm', salt: 's', hash: 'h' },
  renewal: 'none',
};
const forms: Record<string, Named> = {
  known: { account, identity },
  'without a password': { account, identity: { ...identity, password: undefined } },
  'unknown user': { account, identity: undefined },
  'with a device': { account, identity: { ...identity, devices: 'phone' } },
  'unknown account': { account: undefined, identity: undefined },
};

let bench: Bench<BaileyPorts>;
let verified: (Identity['password'] | 'none')[];
let reasons: string[];
let tried: string[];
let used: boolean;
let store = openMemoryStore();

beforeEach(() => {
  store = openMemoryStore();
  verified = [];
  reasons = [];
  tried = [];
  used = false;
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
    codes: {
      async isRight(_reader, _principal, code) {
        tried.push(code);
        return code === right;
      },
      use: async (_change, _principal, code) => (code === right && !used ? 'phone' : undefined),
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

describe('an enabled device', () => {
  const sign = (more: object, password = Password) =>
    bench.run('SignInUser', SignInUser, { Account: account, UserName: 'with a device', Password: password, ...more });

  test('asks for a code when the password is right: no session, on record, no failure', async () => {
    for (let each = 0; each < 6; each += 1) {
      await expect(sign({})).rejects.toMatchObject({ code: 'MfaRequiredException', status: 400 });
    }
    expect({ tried, reasons }).toEqual({ tried: [], reasons: [] });
    const [record] = await records(account);
    expect(record).toMatchObject({ eventName: 'CheckMfa', responseElements: { CheckMfa: 'Success' } });
    expect(record?.userIdentity).toMatchObject({ type: 'IAMUser', userName: 'rudy', accessKeyId: '' });
  });

  test('says nothing of itself and its codes to a wrong password', async () => {
    for (const more of [{}, { MfaCode: right }, { MfaCode: '000000' }]) {
      await expect(sign(more, 'wrong')).rejects.toMatchObject({ code: 'AccessDeniedException' });
    }
    expect(tried).toEqual([]);
  });

  test('counts wrong codes as wrong passwords, whatever is asked between them', async () => {
    for (let each = 0; each < 5; each += 1) {
      await expect(sign({ MfaCode: '000000' })).rejects.toMatchObject({
        code: 'AccessDeniedException',
        message: 'Your authentication information is incorrect. Please try again.',
      });
      await expect(sign({})).rejects.toThrow();
    }
    await expect(sign({ MfaCode: right })).rejects.toMatchObject({ code: 'TooManyRequestsException' });
    expect(tried).toHaveLength(5);
    expect((await records(account)).at(-1)).toMatchObject({
      errorMessage: 'Failed authentication',
      additionalEventData: { MFAUsed: 'Yes' },
      responseElements: { ConsoleLogin: 'Failure' },
    });
  });

  test('lets the right code in, unless another has used it meanwhile', async () => {
    await sign({ MfaCode: right });
    expect(await records(account)).toMatchObject([
      {
        additionalEventData: { MFAUsed: 'Yes', MFAIdentifier: 'phone' },
        responseElements: { ConsoleLogin: 'Success' },
      },
    ]);
    used = true;
    await expect(sign({ MfaCode: right })).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });

  test('is missed where a code comes without one', async () => {
    const input = { Account: account, UserName: 'known', Password, MfaCode: right };
    await expect(bench.run('SignInUser', SignInUser, input)).rejects.toMatchObject({ code: 'ValidationException' });
    expect(tried).toEqual([]);
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
