/**
 * S3 Bucket Keys: one data key for many objects of a bucket, for a bounded time and for one requester. It spares calls of
 * KMS, never a decision: each use asks whether the key is enabled and whether its policy still lets this caller use it.
 */
import type { Caller } from '../../service.ts';
import type { ObjectKeys } from '../ports.ts';
import type { DataKey } from './data-key.ts';

const lifetimeMs = 5 * 60_000;
const most = 1000;

export interface BucketKey {
  readonly keyArn: string;
  /** Base64 of the data key as KMS encrypted it. */
  readonly encrypted: string;
  readonly dataKey: DataKey;
}

export class BucketKeys {
  readonly #known = new Map<string, BucketKey & { readonly until: number }>();
  readonly #keys: ObjectKeys;

  constructor(keys: ObjectKeys) {
    this.#keys = keys;
    keys.whenChanged((keyArn) => this.#forget(keyArn));
  }

  /** Undefined also while the KMS key is not enabled: then KMS is to say why. @param name made by `nameOf` */
  async find(name: string, now: number): Promise<BucketKey | undefined> {
    const known = this.#known.get(name);
    if (!known) return undefined;
    if (known.until > now && (await this.#keys.isEnabled(known.keyArn))) return known;
    this.#known.delete(name);
    return undefined;
  }

  keep(name: string, key: BucketKey, now: number): void {
    if (this.#known.size >= most) this.#known.delete(this.#known.keys().next().value as string);
    this.#known.set(name, { ...key, until: now + lifetimeMs });
  }

  /** A key that changed in any way is asked for again. */
  #forget(keyArn: string): void {
    for (const [name, known] of this.#known) if (known.keyArn === keyArn) this.#known.delete(name);
  }
}

/** Other roles, sessions and accounts are other requesters. */
export function nameOf(caller: Caller, ...what: readonly unknown[]): string {
  const { principal, accessKeyId } = caller;
  const who = principal.kind === 'service' ? principal.name : 'id' in principal ? principal.id : principal.kind;
  return JSON.stringify([caller.account, who, accessKeyId, ...what]);
}
