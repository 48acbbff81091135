/** Guesses through STS and through the sign-in form have one count, whoever is guessed and wherever from. */
import { beforeEach, describe, expect, test } from 'vitest';
import { Bench, rootCaller, seededRandom, userCaller } from '../../test/support/call.ts';
import { Attempts, rootKey, userKey } from '../services/bailey/attempts.ts';
import { deviceKey, mfaDevices } from '../services/iam/mfa/state.ts';
import { codeOf, stepAt } from '../services/iam/mfa/totp.ts';
import { accountKey, accounts, users } from '../services/iam/state.ts';
import { openMemoryStore } from '../store/memory.ts';
import { seedConfig } from './seed.ts';
import { codesForSts } from './sign-in-ports.ts';

const account = '111122223333';
const seed = Buffer.alloc(40, 7);
let store = openMemoryStore();
let attempts: Attempts;
let bench: Bench<void>;
let rudyId: string;

beforeEach(async () => {
  store = openMemoryStore();
  attempts = new Attempts();
  bench = new Bench(undefined, store);
  const config = { id: account, email: 'Owner@coffee.example', rootPassword: 'root words', users: [{ name: 'Rudy' }] };
  await seedConfig({ store, random: seededRandom(), now: () => bench.now }, { accounts: [config] });
  const change = store.begin();
  const rudy = (await change.get(users, account, 'rudy'))!;
  const settings = (await change.get(accounts, account, accountKey))!;
  rudyId = rudy.id;
  for (const [name, holder] of [
    ['phone', rudy.id],
    ['root', 'root'],
  ] as const) {
    const row = { name, path: '/', createdAt: 0, seed: seed.toString('base64'), tags: {}, holder, enabledAt: 0 };
    change.put(mfaDevices, account, deviceKey('/', name), row);
  }
  change.put(users, account, 'rudy', { ...rudy, mfaDeviceKeys: ['/phone'] });
  change.put(accounts, account, accountKey, { ...settings, root: { ...settings.root, mfaDeviceKeys: ['/root'] } });
  await store.commit(change);
});

const serial = (name: string) => `arn:aws:iam::${account}:mfa/${name}`;
const code = () => codeOf(seed, stepAt(bench.now));
const wrong = () => (code() === '000000' ? '111111' : '000000');

describe.each([
  ['a user', () => userCaller('Rudy', rudyId), 'phone', userKey(account, 'rudy')],
  ['the root user', () => rootCaller(), 'root', rootKey('owner@coffee.example')],
])('%s', (_who, caller, device, identity) => {
  const guess = (given: string, from: number, name = device) => {
    const call = { ...bench.call('GetSessionToken', { caller: caller() }) };
    const connection = { ...call.connection, sourceIp: `198.51.100.${from}` };
    const { principal } = call.caller;
    if (principal.kind !== 'user' && principal.kind !== 'root') throw new Error('has no devices');
    return codesForSts(attempts).attempt({ ...call, connection }, principal, serial(name), given);
  };

  test('is shut out of the sign-in form by guesses through STS', async () => {
    for (let each = 0; each < 5; each += 1) expect(await guess(wrong(), each)).toBe(false);
    expect(await attempts.take({ identity, sourceIp: '203.0.113.1' }, bench.now, async () => true)).toBe('locked');
  });

  test('is shut out of STS by guesses at the sign-in form', async () => {
    for (let each = 0; each < 5; each += 1) {
      await attempts.take({ identity, sourceIp: `203.0.113.${each}` }, bench.now, async () => 'wrong-code');
    }
    expect(await guess(code(), 1)).toBe('locked');
  });

  test('has a device of its own only, and an unknown one is no guess', async () => {
    for (let each = 0; each < 6; each += 1) {
      expect(await guess(code(), each, device === 'phone' ? 'root' : 'phone')).toBe('unknown-device');
    }
    expect(await guess(code(), 9)).toBe(true);
  });
});
