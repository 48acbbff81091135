/**
 * Follows the traffic of one resource: learns what is usual, notices when both the volume and the make-up of requests
 * leave it, says what the surplus has in common, and when it is over.
 * @see AWS Shield Advanced, "Detection logic for application layer threats"
 */
import { type Shift, shifts } from './composition.ts';
import { History, type Settings } from './history.ts';
import { isolate, type Signature } from './signature.ts';
import type { TrafficWindow } from './traits.ts';

export type Finding =
  | { readonly kind: 'quiet' }
  | {
      readonly kind: 'begun';
      readonly rate: number;
      readonly usual: number;
      readonly shifts: readonly Shift[];
      readonly signature?: Signature;
    }
  | { readonly kind: 'going on'; readonly rate: number; readonly signature?: Signature }
  | { readonly kind: 'over' };

/** Windows in a row that must be wrong before an event begins, and well before it ends. */
const BEGIN_AFTER = 2;
const END_AFTER = 6;
/** Windows wait so long before they are learned: the first moments of an attack are not usual. */
const LEARN_AFTER = 4;
/** How different requests must be made up. */
const LEAST_DIVERGENCE = 0.15;

export class Detector {
  readonly history = new History();
  readonly #settings: Settings;
  readonly #random: () => number;
  #wrong = 0;
  #well = 0;
  #isUnderAttack = false;
  #signature: Signature | undefined;
  #unlearned: TrafficWindow[] = [];

  constructor(settings: Settings, random: () => number) {
    this.#settings = settings;
    this.#random = random;
  }

  get isUnderAttack(): boolean {
    return this.#isUnderAttack;
  }

  /** @param arrived all requests that came, also those that a mitigation stopped */
  take(arrived: TrafficWindow): Finding {
    const rate = arrived.requests / arrived.seconds;
    const isReady = this.history.isReady(this.#settings);
    const limit = this.history.limit(arrived.start, this.#settings);
    const isMore = isReady && rate > limit;
    const shifted = isMore ? shifts(this.history, arrived) : [];
    const isDifferent = (shifted[0]?.divergence ?? 0) >= LEAST_DIVERGENCE;
    if (this.#isUnderAttack) return this.#during(arrived, rate, isMore);
    if (!isMore || !isDifferent) {
      this.#wrong = 0;
      // A crowd of the usual make-up is what is usual from now on, too.
      this.#learnLater(arrived);
      return { kind: 'quiet' };
    }
    this.#wrong += 1;
    if (this.#wrong < BEGIN_AFTER) return { kind: 'quiet' };
    this.#isUnderAttack = true;
    this.#unlearned = [];
    this.#well = 0;
    this.#signature = isolate(this.history, arrived);
    return {
      kind: 'begun',
      rate,
      usual: this.history.rate,
      shifts: shifted,
      ...(this.#signature && { signature: this.#signature }),
    };
  }

  #learnLater(window: TrafficWindow): void {
    this.#unlearned.push(window);
    if (this.#unlearned.length <= LEARN_AFTER) return;
    const oldest = this.#unlearned.shift();
    if (oldest) this.history.learn(oldest, this.#random);
  }

  #during(window: TrafficWindow, rate: number, isMore: boolean): Finding {
    this.#well = isMore ? 0 : this.#well + 1;
    if (this.#well >= END_AFTER) {
      this.#isUnderAttack = false;
      this.#wrong = 0;
      this.#signature = undefined;
      return { kind: 'over' };
    }
    // The attack may change; what is placed follows it.
    if (isMore) this.#signature = isolate(this.history, window) ?? this.#signature;
    return { kind: 'going on', rate, ...(this.#signature && { signature: this.#signature }) };
  }
}
