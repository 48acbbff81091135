/** A root key sealed by a key that nobody has: k of n keepers put their shares of it together to unseal the vault. */
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { VaultError } from '../../services/kms/ports.ts';
import { openSecret, sealSecret } from '../secret-box.ts';
import { decodeShare, encodeShare } from '../share.ts';
import { combineParts, splitSecret } from '../sharing.ts';
import type { Parameters, RootSeal } from './provider.ts';

const place = 'root key by shares';
const mostShares = 32;

export function shamirSeal(): RootSeal {
  /** Kept while the vault is open, for the rotation of the root key. */
  let key: KeyObject | undefined;
  let made: Parameters | undefined;
  let shares: Buffer[] = [];
  let needed = 0;

  const forget = (): void => {
    for (const share of shares) share.fill(0);
    shares = [];
  };

  return {
    kind: 'shamir',
    get wants() {
      return key === undefined && (needed === 0 || shares.length < needed) ? 'share' : undefined;
    },
    get progress() {
      return key === undefined ? { given: shares.length, needed } : undefined;
    },
    async initialize(count, threshold) {
      if (!(threshold >= 2 && threshold <= count && count <= mostShares)) {
        throw new VaultError('sealed', `Choose 2 to ${mostShares} shares, and a threshold from 2 to that number.`);
      }
      const bytes = randomBytes(32);
      const set = randomBytes(4).toString('hex');
      const parts = await splitSecret(bytes, count, threshold);
      key = createSecretKey(bytes);
      made = { set, threshold, shares: count };
      const shown = parts.map((part) => encodeShare({ set, threshold, bytes: part }));
      for (const one of [bytes, ...parts]) one.fill(0);
      return shown;
    },
    async close(root, before) {
      const parameters = before ?? made;
      if (!key || !parameters) {
        throw new VaultError('sealed', 'The vault has no shares yet: make them with bailey unseal --init.');
      }
      return { parameters, sealed: sealSecret(key, place, root) };
    },
    async open(sealed, parameters) {
      const threshold = Number(parameters.threshold);
      needed = threshold;
      if (!key) {
        if (shares.length < threshold) {
          throw new VaultError('sealed', `The vault waits for ${threshold - shares.length} more of its shares.`);
        }
        const bytes = await combineParts(shares);
        forget();
        key = createSecretKey(bytes);
        bytes.fill(0);
      }
      try {
        return openSecret(key, place, sealed);
      } catch {
        key = undefined;
        throw new VaultError('sealed', 'These shares do not open the vault: one of them is wrong. Begin again.');
      }
    },
    async give(secret, parameters) {
      if (!parameters) {
        throw new VaultError('sealed', 'The vault has no shares yet: make them with bailey unseal --init.');
      }
      needed = Number(parameters.threshold);
      const share = decodeShare(secret);
      if (!share) throw new VaultError('sealed', 'This is no share, or it was mistyped.');
      if (share.set !== parameters.set) {
        share.bytes.fill(0);
        throw new VaultError('sealed', 'This share belongs to another vault.');
      }
      // Its last byte is its place on the curve: one keeper counts once.
      if (shares.some((one) => one.at(-1) === share.bytes.at(-1))) {
        share.bytes.fill(0);
        throw new VaultError('sealed', 'This share was given already.');
      }
      shares.push(share.bytes);
    },
    wipe() {
      forget();
      key = undefined;
      made = undefined;
    },
  };
}
