/** The work that runs on other threads: names that travel, and what they do. */
import { agree, decapsulateWith, decryptAsymmetric, encapsulateTo, encryptAsymmetric } from './encryption.ts';
import { unwrapMaterial } from './importing.ts';
import { spkiOf } from './quick.ts';
import { signWith, verifyWith } from './signing.ts';

/** Arguments are bytes and names; results are bytes. */
export type Argument = Buffer | string;

const bytes = (argument: Argument | undefined): Buffer => argument as Buffer;
const text = (argument: Argument | undefined): string => argument as string;

export const tasks = {
  sign: ([spec, pkcs8, algorithm, message, type]: readonly Argument[]): Buffer[] => [
    signWith(text(spec), bytes(pkcs8), text(algorithm), bytes(message), text(type)),
  ],
  verify: ([spec, pkcs8, algorithm, message, type, signature]: readonly Argument[]): Buffer[] => [
    Buffer.from([
      Number(
        verifyWith(text(spec), spkiOf(bytes(pkcs8)), text(algorithm), bytes(message), text(type), bytes(signature)),
      ),
    ]),
  ],
  encrypt: ([pkcs8, algorithm, plaintext]: readonly Argument[]): Buffer[] => [
    encryptAsymmetric(bytes(pkcs8), text(algorithm), bytes(plaintext)),
  ],
  decrypt: ([pkcs8, algorithm, ciphertext]: readonly Argument[]): Buffer[] => [
    decryptAsymmetric(bytes(pkcs8), text(algorithm), bytes(ciphertext)),
  ],
  agree: ([spec, pkcs8, spki]: readonly Argument[]): Buffer[] => [agree(text(spec), bytes(pkcs8), bytes(spki))],
  encapsulate: ([pkcs8]: readonly Argument[]): Buffer[] => {
    const { secret, ciphertext } = encapsulateTo(bytes(pkcs8));
    return [secret, ciphertext];
  },
  decapsulate: ([pkcs8, ciphertext]: readonly Argument[]): Buffer[] => [
    decapsulateWith(bytes(pkcs8), bytes(ciphertext)),
  ],
  unwrap: ([wrappingKey, algorithm, wrapped]: readonly Argument[]): Buffer[] => [
    unwrapMaterial(bytes(wrappingKey), text(algorithm), bytes(wrapped)),
  ],
} as const;

export type TaskName = keyof typeof tasks;
