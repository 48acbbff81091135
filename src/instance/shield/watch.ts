/**
 * Watches what comes for protected resources: windows of samples go to a detector each, and what it finds becomes attacks
 * in Shield's list, metrics, and rules in the web ACL where the automatic response is on.
 */

import type { ArrivalReport } from '../../edge/reports/arrivals.ts';
import {
  Detector,
  defaultSettings,
  type Finding,
  type RequestTraits,
  type Settings,
} from '../../engines/traffic/index.ts';
import { record, single } from '../../services/cloudwatch/record.ts';
import type { Actor, Job, Random } from '../../services/service.ts';
import {
  type AttackRow,
  attacks,
  type PropertyRow,
  type ProtectionRow,
  protections,
  subscriptions,
} from '../../services/shield/state.ts';
import type { Store } from '../../store/store.ts';
import { type Arrived, ArrivedTraffic, defaultWindowSeconds } from './arrived.ts';
import { shieldRole } from './linked-role.ts';
import { placeRules } from './rules.ts';

export interface WatchOptions {
  readonly store: Store;
  readonly accounts: () => Promise<readonly string[]>;
  readonly webAclOf: (resource: string) => Promise<string | undefined>;
  readonly settings?: Partial<Settings> | undefined;
  readonly windowSeconds?: number | undefined;
  readonly failed: (error: unknown) => void;
}

const MOST_CONTRIBUTORS = 10;
/** How often it is written down that nothing happens. */
const quietEveryMs = 10_000;

interface Watched {
  readonly account: string;
  readonly detector: Detector;
  measuredAt: number;
}

export class Watch {
  readonly #options: WatchOptions;
  readonly #seconds: number;
  readonly #watched = new Map<string, Watched>();
  readonly #arrived: ArrivedTraffic;
  /** Ids of those that go on, by resource. */
  readonly #attacks = new Map<string, string>();
  /** What was last placed for a resource, so that it is not placed again. */
  readonly #placed = new Map<string, { readonly key: string; readonly rules: readonly string[] }>();

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#seconds = options.windowSeconds ?? defaultWindowSeconds;
    this.#arrived = new ArrivedTraffic(this.#seconds);
  }

  /** What edge processes say has come. */
  arrived(reports: readonly ArrivalReport[]): void {
    this.#arrived.add(reports);
  }

  get job(): Job {
    return {
      name: 'shield',
      everySeconds: this.#seconds,
      run: ({ now, actor, random }) => this.#run(now, actor, random),
    };
  }

  async #run(now: number, actor: Actor, random: Random): Promise<void> {
    const { store, accounts, failed } = this.#options;
    const watched = new Set<string>();
    const arrived = this.#arrived.take(now);
    for (const account of await accounts()) {
      const subscription = await store.get(subscriptions, '', account);
      if (!subscription) continue;
      for (const { value } of await store.list(protections, account)) {
        watched.add(value.resource);
        await this.#look(value, arrived.of(value.resource), now, actor, random).catch(failed);
      }
    }
    for (const [resource, { account }] of this.#watched) {
      if (watched.has(resource)) continue;
      this.#watched.delete(resource);
      this.#placed.delete(resource);
      await this.#endAttacks(account, resource, now).catch(failed);
    }
  }

  /**
   * Nothing is known of a resource that is watched from now on: what another instance before this one has seen is over, and
   * what it has placed goes, or it would stay for ever.
   */
  async #begin({ account, resource, response }: ProtectionRow, now: number, actor: Actor): Promise<void> {
    const { store, webAclOf } = this.#options;
    if (!(await this.#endAttacks(account, resource, now)) || !response) return;
    const webAcl = await webAclOf(resource);
    const caller = webAcl !== undefined && (await shieldRole(store, account, now));
    if (caller) await placeRules({ actor, caller, webAcl }, undefined, response.action);
  }

  /** Whether there was one. */
  async #endAttacks(account: string, resource: string, now: number): Promise<boolean> {
    this.#attacks.delete(resource);
    const change = this.#options.store.begin();
    const all = (await change.list(attacks, account)).map(({ value }) => value);
    const open = all.filter((one) => one.resource === resource && one.endedAt === undefined);
    for (const one of open) change.put(attacks, account, one.id, { ...one, endedAt: now });
    if (open.length > 0) await this.#options.store.commit(change);
    return open.length > 0;
  }

  async #look(protection: ProtectionRow, arrived: Arrived, now: number, actor: Actor, random: Random): Promise<void> {
    const watched = this.#watched.get(protection.resource) ?? (await this.#follow(protection, now, actor, random));
    const finding = watched.detector.take({ start: now, ...arrived });
    if (finding.kind !== 'quiet' || Math.abs(now - watched.measuredAt) >= quietEveryMs) {
      watched.measuredAt = now;
      await this.#measure(protection, finding, arrived.requests / arrived.seconds, now);
    }
    if (finding.kind === 'quiet') return;
    const mitigations = await this.#respond(protection, watched.detector, finding, now, actor);
    await this.#note(protection, finding, mitigations, arrived, now, random);
  }

  async #follow(protection: ProtectionRow, now: number, actor: Actor, random: Random): Promise<Watched> {
    await this.#begin(protection, now, actor);
    const chance = (): number => Buffer.from(random.bytes(4)).readUInt32BE() / 2 ** 32;
    const detector = new Detector({ ...defaultSettings, ...this.#options.settings }, chance);
    const watched: Watched = { account: protection.account, detector, measuredAt: 0 };
    this.#watched.set(protection.resource, watched);
    return watched;
  }

  async #respond(
    protection: ProtectionRow,
    detector: Detector,
    finding: Finding,
    now: number,
    actor: Actor,
  ): Promise<readonly string[]> {
    const { store, webAclOf, failed } = this.#options;
    const webAcl = await webAclOf(protection.resource);
    if (!protection.response || webAcl === undefined) {
      // What was placed has gone with the response, or with the web ACL.
      this.#placed.delete(protection.resource);
      return [];
    }
    const caller = await shieldRole(store, protection.account, now);
    if (!caller) return [];
    const signature = 'signature' in finding ? finding.signature : undefined;
    // Where nothing tells the attack from customers, nothing is placed.
    if (finding.kind !== 'over' && !signature) return [];
    const key = JSON.stringify([webAcl, protection.response.action, signature?.kind, signature?.terms]);
    const before = this.#placed.get(protection.resource);
    if (before?.key === key) return before.rules;
    try {
      const rules = await placeRules(
        { actor, caller, webAcl },
        signature && { signature, sourceRate: detector.history.sourceRate },
        protection.response.action,
      );
      this.#placed.set(protection.resource, { key, rules });
      return rules;
    } catch (error) {
      failed(error);
      return [];
    }
  }

  async #note(
    protection: ProtectionRow,
    finding: Finding,
    mitigations: readonly string[],
    window: Arrived,
    now: number,
    random: Random,
  ): Promise<void> {
    const { store } = this.#options;
    const { account, resource } = protection;
    const id = this.#attacks.get(resource) ?? random.uuid();
    const change = store.begin();
    const before = await change.get(attacks, account, id);
    const rate = window.requests / window.seconds;
    if (finding.kind === 'over') {
      this.#attacks.delete(resource);
      if (before) change.put(attacks, account, id, { ...before, endedAt: now });
    } else {
      this.#attacks.set(resource, id);
      change.put(attacks, account, id, attackOf(before, { id, account, resource, now, rate, window, mitigations }));
    }
    await store.commit(change);
  }

  /** As Shield's metrics are named (Shield Advanced, "CloudWatch metrics"). */
  async #measure({ account, resource }: ProtectionRow, finding: Finding, rate: number, now: number): Promise<void> {
    const { store } = this.#options;
    const isUnderAttack = finding.kind === 'begun' || finding.kind === 'going on';
    const region = resource.split(':')[3] || 'us-east-1';
    const metric = (name: string) => ({
      namespace: 'AWS/DDoSProtection',
      name,
      dimensions: [['ResourceArn', resource]] as const,
    });
    const change = store.begin();
    await record(change, { account, region }, [
      {
        metric: metric('DDoSDetected'),
        at: now,
        unit: 'None',
        resolutionSeconds: 60,
        ...single(isUnderAttack ? 1 : 0),
      },
      ...(isUnderAttack
        ? [
            {
              metric: metric('DDoSAttackRequestsPerSecond'),
              at: now,
              unit: 'Count/Second',
              resolutionSeconds: 60 as const,
              ...single(rate),
            },
          ]
        : []),
    ]);
    await store.commit(change);
  }
}

interface Seen {
  readonly id: string;
  readonly account: string;
  readonly resource: string;
  readonly now: number;
  readonly rate: number;
  readonly window: Arrived;
  readonly mitigations: readonly string[];
}

function attackOf(
  before: AttackRow | undefined,
  { id, account, resource, now, rate, window, mitigations }: Seen,
): AttackRow {
  const vector = before?.vectors[0] ?? { type: 'REQUEST_FLOOD', peak: 0, sum: 0, count: 0 };
  return {
    id,
    account,
    resource,
    startedAt: before?.startedAt ?? now,
    layer: 'APPLICATION',
    vectors: [{ ...vector, peak: Math.max(vector.peak, rate), sum: vector.sum + rate, count: vector.count + 1 }],
    properties: propertiesOf(before?.properties ?? [], window),
    mitigations: [...new Set([...(before?.mitigations ?? []), ...mitigations])],
  };
}

/** Shield API Reference, AttackProperty, AttackPropertyIdentifier. */
const identifiers: readonly (readonly [string, (traits: RequestTraits) => string | undefined])[] = [
  ['DESTINATION_URL', ({ path }) => path],
  ['SOURCE_IP_ADDRESS', ({ source }) => source],
  ['SOURCE_COUNTRY', ({ country }) => country],
  ['SOURCE_ASN', ({ asn }) => asn?.toString()],
  ['SOURCE_USER_AGENT', ({ userAgent }) => userAgent],
];

function propertiesOf(before: readonly PropertyRow[], { requests, sample }: Arrived): PropertyRow[] {
  const weight = requests / Math.max(1, sample.length);
  return identifiers.flatMap(([property, of]) => {
    const held = before.find((one) => one.property === property);
    const counts = new Map((held?.top ?? []).map(({ name, value }) => [name, value]));
    let total = held?.total ?? 0;
    for (const traits of sample) {
      const name = of(traits);
      if (name === undefined || name === '') continue;
      counts.set(name, (counts.get(name) ?? 0) + weight);
      total += weight;
    }
    const top = [...counts]
      .map(([name, value]) => ({ name, value: Math.round(value) }))
      .sort((a, b) => b.value - a.value)
      .slice(0, MOST_CONTRIBUTORS);
    return top.length === 0 ? [] : [{ property, total: Math.round(total), top }];
  });
}
