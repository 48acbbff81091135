/** The RSA keys that sign digests: one after another in each region, good for a year. */
import { createHash, createPrivateKey, generateKeyPair, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { CloudTrailPorts } from '../ports.ts';
import { type KeyRow, signingKeys } from '../state.ts';
import { commit } from './commit.ts';

const hour = 3_600_000;
const year = 365 * 24 * hour;

const generate = promisify(generateKeyPair);

export interface SigningKey {
  /** 32 hexadecimal digits. */
  readonly fingerprint: string;
  /** SHA256withRSA of a text, hex. */
  sign(text: string): string;
}

/** The key for a digest that ends at `end`; made on first use. */
export async function signingKey(ports: CloudTrailPorts, region: string, end: number): Promise<SigningKey> {
  const known = await ports.store.list(signingKeys, region);
  const fitting = known.findLast(({ value }) => value.validFrom <= end && end <= value.validTo);
  if (fitting) return usable(fitting.id, createPrivateKey(fitting.value.privateKey));
  // Not from the injected source of randomness: Node makes RSA keys from its own, and nothing replays a private key.
  const pair = await generate('rsa', { modulusLength: 2048 });
  const der = pair.publicKey.export({ type: 'pkcs1', format: 'der' });
  const fingerprint = createHash('md5').update(der).digest('hex');
  const validFrom = Math.floor(end / hour) * hour - hour;
  const row: KeyRow = {
    privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    publicKey: der.toString('base64'),
    validFrom,
    validTo: validFrom + year,
  };
  await commit(ports.store, (change) => change.put(signingKeys, region, fingerprint, row));
  return usable(fingerprint, pair.privateKey);
}

function usable(fingerprint: string, key: KeyObject): SigningKey {
  return { fingerprint, sign: (text) => sign('sha256', Buffer.from(text, 'utf8'), key).toString('hex') };
}
