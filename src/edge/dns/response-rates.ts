/**
 * Limits answers by the network that asks, as the sender may be forged: a reflection attack gets little, and every second
 * answer above the limit is an empty one that tells a real client to ask again by TCP.
 */
import { parseAddress } from '../../engines/text/address.ts';

/** Answers a second to one network, and how many may come at once. */
const perSecond = 50;
const burst = 100;
/** Networks that are remembered. */
const most = 50_000;

interface Bucket {
  tokens: number;
  at: number;
  over: number;
}

export type Decision = 'answer' | 'slip' | 'drop';

export class ResponseRates {
  readonly #buckets = new Map<string, Bucket>();

  /** @param now milliseconds that only grow */
  take(address: string, now: number): Decision {
    const key = networkOf(address);
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now, over: 0 };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    bucket.at = now;
    // The latest are the last in the map, so the first is the one that was quiet longest.
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > most) this.#buckets.delete(this.#buckets.keys().next().value as string);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      bucket.over = 0;
      return 'answer';
    }
    bucket.over += 1;
    return bucket.over % 2 === 0 ? 'slip' : 'drop';
  }
}

/** /24 of IPv4, /56 of IPv6. */
function networkOf(address: string): string {
  const groups = parseAddress(address);
  if (!groups) return address;
  const whole = groups.length === 2 ? 1 : 3;
  return [...groups.slice(0, whole), (groups[whole] ?? 0) >> 8].join(':');
}
