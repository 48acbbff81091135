/** Which target gets the next request: the algorithms of load balancers over a list of those that may. */
import type { Target } from './target.ts';

export type Algorithm = 'round_robin' | 'least_outstanding_requests' | 'weighted_random';

export interface Choosing {
  /** 0 up to but not including 1. */
  random(): number;
  /** Epoch milliseconds. */
  readonly now: number;
  /** 0: targets get their full share at once. */
  readonly slowStartMs: number;
}

/** What a target in its slow start gets of a full share at least: without any it would never warm up. */
const leastShare = 0.05;

function share(target: Target, { now, slowStartMs }: Choosing): number {
  const age = now - target.healthySince;
  return slowStartMs === 0 || age >= slowStartMs ? 1 : Math.max(leastShare, age / slowStartMs);
}

/** Counts on from request to request, one for each group. */
export class Turn {
  #next = 0;

  choose(algorithm: Algorithm, targets: readonly Target[], choosing: Choosing): Target | undefined {
    if (targets.length <= 1) return targets[0];
    switch (algorithm) {
      case 'least_outstanding_requests':
        return this.#leastOutstanding(targets, choosing);
      case 'weighted_random':
        return weightedRandom(targets, choosing);
      default:
        return this.#roundRobin(targets, choosing);
    }
  }

  /** Targets in slow start let their turn go by in the measure of what they lack. */
  #roundRobin(targets: readonly Target[], choosing: Choosing): Target {
    let target: Target | undefined;
    for (let tried = 0; tried < targets.length; tried++) {
      this.#next = (this.#next + 1) % targets.length;
      target = targets[this.#next] as Target;
      if (choosing.slowStartMs === 0) return target;
      const part = share(target, choosing);
      if (part >= 1 || choosing.random() < part) return target;
    }
    return target as Target;
  }

  /** Equals take turns, or the first would get every request of a quiet hour. */
  #leastOutstanding(targets: readonly Target[], choosing: Choosing): Target {
    this.#next = (this.#next + 1) % targets.length;
    let best = targets[this.#next] as Target;
    let least = Number.POSITIVE_INFINITY;
    for (let step = 0; step < targets.length; step++) {
      const target = targets[(this.#next + step) % targets.length] as Target;
      const load = (target.outstanding + 1) / share(target, choosing);
      if (load >= least) continue;
      least = load;
      best = target;
    }
    return best;
  }
}

function weightedRandom(targets: readonly Target[], choosing: Choosing): Target {
  const shares = targets.map((target) => share(target, choosing));
  let rest = choosing.random() * shares.reduce((sum, one) => sum + one, 0);
  for (const [index, part] of shares.entries()) {
    rest -= part;
    if (rest < 0) return targets[index] as Target;
  }
  return targets.at(-1) as Target;
}

/**
 * The target whose number, made of its own mark and the client, is the highest: when one goes, its clients are shared
 * out among the others, and nobody else moves (rendezvous hashing).
 */
export function sameFor(client: string, targets: readonly Target[]): Target | undefined {
  const own = numberOf(client);
  let best: Target | undefined;
  let highest = -1;
  for (const target of targets) {
    const number = mixed(own ^ target.number);
    if (number <= highest) continue;
    highest = number;
    best = target;
  }
  return best;
}

/** FNV-1a, 32 bits. */
export function numberOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** The last steps of MurmurHash3: numbers that are alike become unlike. */
function mixed(number: number): number {
  let hash = number;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
