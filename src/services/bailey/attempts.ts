/** Failed sign-ins, counted for each identity and each source address: whoever guesses is shut out, and waits in line. */

/** Failures within the window after which nothing is tried any more. */
const failureLimit = 5;
/** Milliseconds. */
const window = 5 * 60_000;
/** Identities and addresses that are remembered; the one whose latest failure is oldest gives way. */
const rememberedLimit = 20_000;
/** Sign-ins that may wait, for everybody and from one address: stretching a password takes time and memory. */
const waitingLimit = 64;
const waitingFromOne = 16;

/** What a sign-in is counted under. */
export interface AttemptKeys {
  readonly identity: string;
  /** Of the connection, as an address. */
  readonly sourceIp: string;
}

/** The identity of a root user, by the account's email. */
export const rootKey = (email: string): string => `root ${email.trim().toLowerCase()}`;

/** The identity of an IAM user. */
export const userKey = (account: string, name: string): string => `user ${account}/${name.toLowerCase()}`;

/**
 * What became of a form: right, wrong, the password right and the code wrong, or the password right and no code yet.
 * An unfinished one neither counts nor forgives: or whoever has the password alone could clear the count between guesses.
 */
export type Attempt = boolean | 'wrong-code' | 'unfinished';

/** In memory only: a restart forgives, and takes longer than a guess would gain. */
export class Attempts {
  /** Key → times of the latest failures, oldest first (epoch milliseconds); keys by latest failure. */
  readonly #failures = new Map<string, readonly number[]>();
  readonly #waiting = new Map<string, number>();
  #waitingInAll = 0;
  #line: Promise<unknown> = Promise.resolve();

  /**
   * Tries a password or a code, one at a time, so that guesses made at once do not outrun the count.
   * @param work whether it is right
   * @returns what `work` said; `locked` after too many failures, `busy` when too many wait: then it was not asked
   */
  async take<T extends Attempt>(
    keys: AttemptKeys,
    now: number,
    work: () => Promise<T>,
  ): Promise<T | 'locked' | 'busy'> {
    const address = `address ${network(keys.sourceIp)}`;
    const counted = [`identity ${keys.identity}`, address];
    if (this.#locked(counted, now)) return 'locked';
    const before = this.#waiting.get(address) ?? 0;
    if (before >= waitingFromOne || this.#waitingInAll >= waitingLimit) return 'busy';
    this.#waiting.set(address, before + 1);
    this.#waitingInAll += 1;
    const turn = this.#line.then(async () => {
      if (this.#locked(counted, now)) return 'locked';
      const right = await work();
      // The address keeps its count: a guesser with one password of his own must not get more guesses by it.
      if (right === true) this.#failures.delete(counted[0] as string);
      else if (right !== 'unfinished') for (const key of counted) this.#failed(key, now);
      return right;
    });
    this.#line = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      const left = (this.#waiting.get(address) ?? 1) - 1;
      if (left > 0) this.#waiting.set(address, left);
      else this.#waiting.delete(address);
      this.#waitingInAll -= 1;
    }
  }

  /** After the store was cleared. */
  forget(): void {
    this.#failures.clear();
  }

  get remembered(): number {
    return this.#failures.size;
  }

  #locked(keys: readonly string[], now: number): boolean {
    return keys.some((key) => recent(this.#failures.get(key), now).length >= failureLimit);
  }

  #failed(key: string, now: number): void {
    const times = [...recent(this.#failures.get(key), now), now].slice(-failureLimit);
    // Deleted first, so that keys stay in the order of their latest failure.
    this.#failures.delete(key);
    this.#failures.set(key, times);
    if (this.#failures.size <= rememberedLimit) return;
    const oldest = this.#failures.keys().next().value;
    if (oldest !== undefined) this.#failures.delete(oldest);
  }
}

function recent(times: readonly number[] | undefined, now: number): readonly number[] {
  return times?.filter((time) => time > now - window) ?? [];
}

/** An IPv6 customer has a whole /64 to choose addresses from: that counts as one. */
function network(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const front = head === '' ? [] : head.split(':');
  const back = !tail ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - back.length);
  const groups = [...front, ...Array<string>(zeros).fill('0'), ...back];
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
