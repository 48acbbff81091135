/**
 * The keys by which the edge signs users in: made with the first action that needs them, followed by new ones every day,
 * and kept until no session can be left that an old one has sealed.
 */
import { createECDH, createPrivateKey, createPublicKey } from 'node:crypto';
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Reader } from '../../store/store.ts';
import type { Call, Job, Random } from '../service.ts';
import type { ElbPorts } from './ports.ts';
import { type AuthenticationKeyRow, authenticationKeys } from './state.ts';

const day = 86_400_000;
/** The longest session, a day in which a key was the newest, and the time until nodes go by the next one. */
const lifetimeMs = 9 * day;

/** Oldest first. */
export async function keysOf(reader: Reader): Promise<AuthenticationKeyRow[]> {
  const rows = await reader.list(authenticationKeys, '');
  return rows.map(({ value }) => value).sort((a, b) => a.createdAt - b.createdAt);
}

/** PEM; undefined for a key that there is not. */
export async function publicKeyOf(reader: Reader, id: string): Promise<string | undefined> {
  return (await reader.get(authenticationKeys, '', id))?.publicKey;
}

/** Makes the first key where actions need one. */
export async function keepKeyFor(
  { change, random, now }: Pick<Call, 'change' | 'random' | 'now'>,
  actions: readonly Action[],
): Promise<void> {
  if (!actions.some(({ Type }) => Type === 'authenticate-oidc')) return;
  if ((await change.list(authenticationKeys, '', { limit: 1 })).length > 0) return;
  const key = newKey(random, now);
  change.put(authenticationKeys, '', key.id, key);
}

export function rotationJob({ store }: Pick<ElbPorts, 'store'>): Job {
  return {
    name: 'elasticloadbalancing authentication keys',
    everySeconds: 3600,
    async run({ now, random }) {
      const change = store.begin();
      const keys = await keysOf(change);
      const newest = keys.at(-1);
      if (!newest || now - newest.createdAt < day) return;
      const key = newKey(random, now);
      change.put(authenticationKeys, '', key.id, key);
      for (const { id, createdAt } of keys) {
        if (now - createdAt >= lifetimeMs) change.delete(authenticationKeys, '', id);
      }
      await store.commit(change);
    },
  };
}

function newKey(random: Random, now: number): AuthenticationKeyRow {
  const pair = createECDH('prime256v1');
  const scalar = random.bytes(32);
  pair.setPrivateKey(scalar);
  const point = pair.getPublicKey();
  const part = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
  const jwk = { kty: 'EC', crv: 'P-256', x: part(point.subarray(1, 33)), y: part(point.subarray(33)), d: part(scalar) };
  const privateKey = createPrivateKey({ key: jwk, format: 'jwk' });
  return {
    id: random.uuid(),
    createdAt: now,
    sessionKey: Buffer.from(random.bytes(32)).toString('base64'),
    privateKey: String(privateKey.export({ format: 'pem', type: 'pkcs8' })),
    publicKey: String(createPublicKey(privateKey).export({ format: 'pem', type: 'spki' })),
  };
}
