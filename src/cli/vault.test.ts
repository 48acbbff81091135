import { expect, test } from 'vitest';
import { describe, type VaultState } from './vault.ts';

const open: VaultState = {
  isSealed: false,
  provider: 'key-file',
  isInitialized: true,
  address: '',
  keys: 3,
  domainKey: 2,
};
const sealed: VaultState = { isSealed: true, provider: 'shamir', isInitialized: true, wants: 'share', address: '' };

test.each<[Partial<VaultState>, string]>([
  [open, 'open (key-file), 3 keys, domain key 2'],
  [{ ...open, keysToRewrap: 5 }, 'open (key-file), 3 keys, domain key 2, 5 keys still under an older one'],
  [
    { ...open, copiesLeft: 1 },
    'open (key-file), 3 keys, domain key 2, 1 keyrings of backups could not be rewritten after a deletion',
  ],
  [sealed, 'sealed (shamir)'],
  [{ ...sealed, progress: { given: 1, needed: 3 } }, 'sealed (shamir), 1 of 3 shares given'],
  [{ ...sealed, reason: 'The passphrase is wrong.' }, 'sealed (shamir): The passphrase is wrong.'],
])('a line for people: %#', (state, line) => {
  expect(describe(state as VaultState)).toBe(line);
});
