/** The tokens that the configuration names as CloudHSM clusters, and what the vault does in them for custom key stores. */
import { VaultError } from '../services/kms/ports.ts';
import { Token, type TokenPlace } from './pkcs11.ts';

/** A token, and in whose name to log in: some libraries take `user:password` for a PIN. */
export interface ClusterPlace extends TokenPlace {
  readonly user?: string;
}

export class Tokens {
  readonly #places: Readonly<Record<string, ClusterPlace>>;
  readonly #open = new Map<string, Promise<Token>>();

  /** @param places by the id of the cluster */
  constructor(places: Readonly<Record<string, ClusterPlace>> = {}) {
    this.#places = places;
  }

  /** Whether the token is there. Throws a VaultError `token-refused`. */
  async find(cluster: string): Promise<Token> {
    const place = Object.hasOwn(this.#places, cluster) ? this.#places[cluster] : undefined;
    if (!place) throw new VaultError('token-refused', 'cluster-unknown');
    let opening = this.#open.get(cluster);
    if (!opening) {
      opening = Token.open(place);
      this.#open.set(cluster, opening);
      // It may be plugged in later.
      opening.catch(() => this.#open.delete(cluster));
    }
    return opening;
  }

  /** The token, logged in. Whatever fails with the connection itself is tried anew the next time. */
  async use<T>(cluster: string, password: Buffer, work: (token: Token) => Promise<T>): Promise<T> {
    const token = await this.find(cluster);
    const user = this.#places[cluster]?.user;
    try {
      await token.login(`${user === undefined ? '' : `${user}:`}${password.toString()}`);
      return await work(token);
    } catch (error) {
      const reason = error instanceof VaultError && error.code === 'token-refused' ? error.message : '';
      if (/^CKR_(?:SESSION_|DEVICE_|TOKEN_|USER_NOT_LOGGED_IN|CRYPTOKI_)/.test(reason)) {
        token.close();
        this.#open.delete(cluster);
      }
      throw error;
    }
  }

  close(): void {
    for (const opening of this.#open.values()) {
      opening.then(
        (token) => token.close(),
        () => undefined,
      );
    }
    this.#open.clear();
  }
}
