/**
 * Tells what is a flood for AWSManagedRulesAntiDDoSRuleSet, which needs no subscription to Shield Advanced: it learns the
 * traffic of each resource by itself, within minutes, and says what the requests of an attack have in common. Edge
 * processes judge each request by that.
 * @see AWS WAF features, "Application layer (L7) DDoS protection": a baseline within minutes of activation
 */
import type { ArrivalReport } from '../../edge/reports/arrivals.ts';
import {
  Detector,
  defaultSettings,
  type Finding,
  type Settings,
  type Threat,
  threatOf,
} from '../../engines/traffic/index.ts';
import type { Job, Random } from '../../services/service.ts';
import { ArrivedTraffic, defaultWindowSeconds } from './arrived.ts';

export interface FloodsOptions {
  readonly settings?: Partial<Settings> | undefined;
  readonly windowSeconds?: number | undefined;
  /** What edge processes are to know is another. */
  readonly changed: () => void;
}

/** Learned before anything is judged; less where Shield Advanced is told to learn for less. */
const baselineSeconds = 15 * 60;
/** A resource for which nothing has come for so long is forgotten. */
const forgottenMs = 24 * 60 * 60 * 1000;

interface Followed {
  readonly detector: Detector;
  seenAt: number;
}

const none: Threat = { terms: [], sources: [], odd: [] };

export class Floods {
  readonly #options: FloodsOptions;
  readonly #seconds: number;
  readonly #settings: Settings;
  readonly #arrived: ArrivedTraffic;
  readonly #followed = new Map<string, Followed>();
  readonly #threats = new Map<string, Threat>();

  constructor(options: FloodsOptions) {
    this.#options = options;
    this.#seconds = options.windowSeconds ?? defaultWindowSeconds;
    this.#arrived = new ArrivedTraffic(this.#seconds);
    const settings = { ...defaultSettings, ...options.settings };
    this.#settings = { ...settings, baselineSeconds: Math.min(baselineSeconds, settings.baselineSeconds) };
  }

  /** Attacks that go on, by ARN of the resource. */
  get threats(): ReadonlyMap<string, Threat> {
    return this.#threats;
  }

  arrived(reports: readonly ArrivalReport[]): void {
    this.#arrived.add(reports);
  }

  get job(): Job {
    return { name: 'floods', everySeconds: this.#seconds, run: async ({ now, random }) => this.#run(now, random) };
  }

  #run(now: number, random: Random): void {
    const before = JSON.stringify([...this.#threats]);
    const arrived = this.#arrived.take(now);
    for (const resource of new Set([...this.#followed.keys(), ...arrived.resources])) {
      const window = { start: now, ...arrived.of(resource) };
      const followed = this.#follow(resource, random);
      if (window.requests > 0) followed.seenAt = now;
      this.#note(resource, followed.detector, followed.detector.take(window));
      if (now - followed.seenAt <= forgottenMs) continue;
      this.#followed.delete(resource);
      this.#threats.delete(resource);
    }
    if (JSON.stringify([...this.#threats]) !== before) this.#options.changed();
  }

  #follow(resource: string, random: Random): Followed {
    const known = this.#followed.get(resource);
    if (known) return known;
    const chance = (): number => Buffer.from(random.bytes(4)).readUInt32BE() / 2 ** 32;
    const made = { detector: new Detector(this.#settings, chance), seenAt: 0 };
    this.#followed.set(resource, made);
    return made;
  }

  #note(resource: string, { history }: Detector, finding: Finding): void {
    if (finding.kind === 'quiet' || finding.kind === 'over') {
      this.#threats.delete(resource);
      return;
    }
    const threat = threatOf(history, finding.window, finding.signature) ?? this.#threats.get(resource) ?? none;
    this.#threats.set(resource, threat);
  }
}
