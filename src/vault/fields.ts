/** The fields of calls and answers as the API process packs and unpacks them; `reading.ts` is the vault's side. */
import type {
  Encryption,
  MadeKey,
  NewVaultKey,
  Recipient,
  Secret,
  TokenLogin,
  VaultKey,
} from '../services/kms/ports.ts';
import { canonicalContext } from './ciphertext.ts';
import type { Field } from './frames.ts';

export const empty = Buffer.alloc(0);

export const newKey = ({ account, keyId, spec }: NewVaultKey): Field[] => [account, keyId, spec];
export const vaultKey = (key: VaultKey): Field[] => [...newKey(key), key.materialId, key.sealed];
export const encryption = ({ key, algorithm, context }: Encryption): Field[] => [
  ...vaultKey(key),
  algorithm,
  canonicalContext(context),
];
export const tokenLogin = ({ clusterId, password }: TokenLogin): Field[] => [
  clusterId,
  ...encryption(password.how),
  password.ciphertext,
];
export const recipientField = (recipient: Recipient | undefined): Field => recipient?.publicKey ?? empty;
export const flag = (is: boolean): Field => Buffer.from([is ? 1 : 0]);

export function size(value: number): Field {
  const field = Buffer.alloc(4);
  field.writeUInt32BE(value);
  return field;
}

export function double(value: number): Field {
  const field = Buffer.alloc(8);
  field.writeDoubleBE(value);
  return field;
}

export const first = (answer: readonly Buffer[]): Buffer => answer[0] ?? empty;
export const yes = (answer: readonly Buffer[]): boolean => answer[0]?.[0] === 1;

export function made(answer: readonly Buffer[]): MadeKey {
  const [materialId = empty, sealed = empty, publicKey] = answer;
  return { materialId: materialId.toString(), sealed, ...(publicKey && { publicKey }) };
}

/** The plaintext and the envelope are fields beside each other, of which one is empty. */
export function secret(answer: readonly Buffer[], at: number): Secret {
  const plaintext = answer[at] ?? empty;
  const forRecipient = answer[at + 1] ?? empty;
  if (forRecipient.length > 0) return { forRecipient };
  return plaintext.length > 0 ? { plaintext } : {};
}
