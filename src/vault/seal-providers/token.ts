/** A root key sealed in a PKCS #11 token, by an AES-256 key that was made there and never leaves it. */
import { VaultError } from '../../services/kms/ports.ts';
import { Token, type TokenPlace } from '../pkcs11.ts';
import { readSecretLine } from './passphrase.ts';
import type { RootSeal } from './provider.ts';

export interface RootToken extends TokenPlace {
  /** Holds the PIN, in its first line. */
  readonly pinFile: string;
  /** The key's label in the token; `bailey-root` by default. */
  readonly label?: string;
}

const aad = Buffer.from('bailey vault root key');
const IV = 12;
const TAG = 16;

export function tokenSeal(place: RootToken): RootSeal {
  const label = place.label ?? 'bailey-root';

  /** Logged in for this piece of work only: the token is not needed while the vault is open. */
  async function use<T>(work: (token: Token) => Promise<T>): Promise<T> {
    const pin = readSecretLine(place.pinFile, 'a PIN');
    let token: Token | undefined;
    try {
      token = await Token.open(place);
      await token.login(pin.toString());
      return await work(token);
    } catch (error) {
      if (!(error instanceof VaultError) || error.code !== 'token-refused') throw error;
      throw new VaultError('sealed', `The token ${place.token} refused to open the vault: ${error.message}.`);
    } finally {
      pin.fill(0);
      token?.close();
    }
  }

  return {
    kind: 'pkcs11',
    wants: undefined,
    close: (root, before) =>
      use(async (token) => {
        // Made with the vault: a key that is missing later is another token, and must not be replaced.
        if (before === undefined && !(await token.hasKey(label))) await token.makeKey(label);
        const { iv, body, tag } = await token.encrypt(label, root, aad);
        return { parameters: { token: place.token, label }, sealed: Buffer.concat([iv, body, tag]) };
      }),
    open: (sealed, parameters) =>
      use(async (token) => {
        const [iv, body, tag] = [sealed.subarray(0, IV), sealed.subarray(IV, -TAG), sealed.subarray(-TAG)];
        try {
          return await token.decrypt(String(parameters.label), { iv, body, tag }, aad);
        } catch (error) {
          if (!(error instanceof VaultError) || error.code !== 'invalid-ciphertext') throw error;
          throw new VaultError('sealed', `The key ${label} in the token ${place.token} did not seal this root key.`);
        }
      }),
    wipe: () => undefined,
  };
}
