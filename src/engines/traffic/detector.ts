/**
 * Follows the traffic of one resource: learns what is usual, notices when both the volume and the make-up of requests
 * leave it, says what the surplus has in common, and when it is over.
 * @see AWS Shield Advanced, "Detection logic for application layer threats"
 */
import { History, type Settings, TOGETHER } from './history.ts';
import { joined } from './joining.ts';
import type { Scale, Shift } from './scale.ts';
import { follow, type Signature } from './signature.ts';
import type { TrafficWindow } from './traits.ts';

/** Of an attack. */
interface Going {
  readonly rate: number;
  /** The windows of late in which it shows, as one. */
  readonly window: TrafficWindow;
  readonly signature?: Signature;
}

export type Finding =
  | { readonly kind: 'quiet' }
  | ({ readonly kind: 'begun'; readonly usual: number; readonly shifts: readonly Shift[] } & Going)
  | ({ readonly kind: 'going on' } & Going)
  | { readonly kind: 'over' };

/** Of those that are looked at together, windows that must be wrong before an event begins: one is a burst, two are pulses. */
const BEGIN_AFTER = 2;
/** Windows in a row that must be well before it ends: it may come back. */
const END_AFTER = 10;
/** Times as much as is usual that a window has in which an attack shows. */
const LEAST_EXCESS = 1.5;

interface Judged {
  readonly window: TrafficWindow;
  /** More than usual came, made up otherwise, and is still coming. */
  readonly isWrong: boolean;
}

export class Detector {
  readonly history = new History();
  readonly #settings: Settings;
  readonly #random: () => number;
  /** The newest is the last. They are learned later: the first moments of an attack are not usual. */
  #recent: Judged[] = [];
  #well = 0;
  #attack: Omit<Going, 'rate'> | undefined;

  constructor(settings: Settings, random: () => number) {
    this.#settings = settings;
    this.#random = random;
  }

  /** @param arrived all requests that came, also those that a mitigation stopped */
  take(arrived: TrafficWindow): Finding {
    const shifts = this.#shifts(arrived);
    const isWrong = shifts.length > 0 && this.#isExcess(arrived);
    this.#recent.push({ window: arrived, isWrong });
    const rate = arrived.requests / arrived.seconds;
    const finding = this.#attack ? this.#during(this.#attack, rate, isWrong) : this.#before(arrived, rate, shifts);
    const oldest = this.#recent.length < TOGETHER ? undefined : this.#recent.shift();
    // A crowd of the usual make-up is what is usual from now on, too; so is a burst of which nothing came.
    if (oldest && finding.kind === 'quiet') this.history.learn(oldest.window, this.#random);
    return finding;
  }

  /** Of a window where it has more than is usual; else, of the last ones together where these have. */
  #shifts(arrived: TrafficWindow): readonly Shift[] {
    if (!this.history.isReady(this.#settings)) return [];
    const { short, long } = this.history;
    const shifts = this.#compared(short, [arrived]);
    return shifts.length > 0 ? shifts : this.#compared(long, [...this.#recent.map(({ window }) => window), arrived]);
  }

  #compared(scale: Scale, windows: readonly TrafficWindow[]): readonly Shift[] {
    if (!scale.isMore(windows, this.#settings.floor)) return [];
    return scale.shifts(joined(windows, this.#random), (attribute) => this.history.shares(attribute));
  }

  #before({ start }: TrafficWindow, rate: number, shifts: readonly Shift[]): Finding {
    const wrong = this.#recent.filter(({ isWrong }) => isWrong).length;
    if (!this.#recent.at(-1)?.isWrong || wrong < BEGIN_AFTER) return { kind: 'quiet' };
    this.#well = 0;
    this.#attack = this.#shown(undefined);
    return { kind: 'begun', rate, usual: this.history.short.rate(start), shifts, ...this.#attack };
  }

  #during(before: Omit<Going, 'rate'>, rate: number, isWrong: boolean): Finding {
    this.#well = isWrong ? 0 : this.#well + 1;
    if (this.#well >= END_AFTER) {
      this.#attack = undefined;
      this.#recent = [];
      return { kind: 'over' };
    }
    // The attack may change; what is placed follows it.
    if (isWrong) this.#attack = this.#shown(before.signature);
    return { kind: 'going on', rate, ...before, ...this.#attack };
  }

  #shown(before: Signature | undefined): Omit<Going, 'rate'> {
    const excess = this.#recent.map((one) => one.window).filter((one) => this.#isExcess(one));
    const window = joined(excess, this.#random);
    const signature = follow(this.history, window, before);
    return { window, ...(signature && { signature }) };
  }

  #isExcess({ start, requests, seconds }: TrafficWindow): boolean {
    return requests / seconds > LEAST_EXCESS * this.history.short.rate(start);
  }
}
