/** A target group at work: who of its targets may get requests now. */
import { createHash } from 'node:crypto';
import type { TargetGroupSettings, TargetSettings } from '../snapshot.ts';
import { type Algorithm, type Choosing, sameFor, Turn } from './choice.ts';
import { type CheckResult, checkHttp, checkTcp, HealthChecker, matcher } from './health.ts';
import { checkHttp2 } from './health-http2.ts';
import { Target } from './target.ts';

export interface GroupRuntime {
  readonly now: () => number;
  readonly random: () => number;
  /** PEM. */
  readonly authorities: readonly string[] | undefined;
  readonly changed: (group: TargetGroup, target: Target) => void;
}

export class TargetGroup {
  readonly settings: TargetGroupSettings;
  readonly targets: readonly Target[];
  readonly stickiness: Stickiness | undefined;
  readonly speaksHttp2: boolean;
  readonly #runtime: GroupRuntime;
  readonly #algorithm: Algorithm;
  readonly #slowStartMs: number;
  readonly #turn = new Turn();
  #eligible: readonly Target[] | undefined;

  /** @param before the group as it was: targets that stay keep their health and their requests */
  constructor(settings: TargetGroupSettings, runtime: GroupRuntime, before?: TargetGroup) {
    this.settings = settings;
    this.#runtime = runtime;
    this.#algorithm = (settings.attributes['load_balancing.algorithm.type'] ?? 'round_robin') as Algorithm;
    this.#slowStartMs = Number(settings.attributes['slow_start.duration_seconds'] ?? 0) * 1000;
    this.stickiness = stickinessOf(settings);
    const isSame = before !== undefined && sameChecks(before.settings, settings);
    const known = new Map(before?.targets.map((target) => [keyOf(target.settings), target]));
    const isSecure = settings.protocol === 'HTTPS' || settings.protocol === 'TLS';
    this.speaksHttp2 = settings.protocolVersion !== 'HTTP1';
    const scheme = this.speaksHttp2 ? (isSecure ? 'h2' : 'h2c') : isSecure ? 'https' : 'http';
    this.targets = settings.targets.map((one) => {
      const old = known.get(keyOf(one));
      known.delete(keyOf(one));
      if (!old) return new Target(one, scheme, markOf(settings.arn, one));
      old.settings = one;
      if (!isSame || one.deregisteredAt !== undefined) stopChecks(old);
      return old;
    });
    const ends = settings.attributes['deregistration_delay.connection_termination.enabled'] === 'true';
    for (const gone of known.values()) gone.leave(ends);
    this.#adopt();
  }

  stop(): void {
    for (const target of this.targets) stopChecks(target);
  }

  /** @param mark of the target that a cookie names */
  choose(mark?: string): Target | undefined {
    this.#eligible ??= this.#whoMay();
    if (mark !== undefined) {
      const stuck = this.#eligible.find((target) => target.mark === mark);
      if (stuck) return stuck;
    }
    const { now, random } = this.#runtime;
    const choosing: Choosing = { now: this.#slowStartMs === 0 ? 0 : now(), random, slowStartMs: this.#slowStartMs };
    return this.#turn.choose(this.#algorithm, this.#eligible, choosing);
  }

  /** For what is no request: at random, or for clients that stay with their target always the same. */
  chooseFor(client: string): Target | undefined {
    return this.settings.attributes['stickiness.enabled'] === 'true' ? this.sameFor(client) : this.choose();
  }

  /** The same target as long as it may get something, in whatever process or node this is asked. */
  sameFor(client: string): Target | undefined {
    this.#eligible ??= this.#whoMay();
    return sameFor(client, this.#eligible);
  }

  /** Whether what is joined to a target may stay: one that drains keeps what it has. */
  keeps(target: Target): boolean {
    if (target.isGone) return false;
    if (target.settings.deregisteredAt !== undefined || isInService(target)) return true;
    this.#eligible ??= this.#whoMay();
    return this.#eligible.includes(target);
  }

  get authorities(): readonly string[] | undefined {
    return this.#runtime.authorities;
  }

  get counts(): { readonly registered: number; readonly healthy: number } {
    const registered = this.targets.filter(({ settings }) => settings.deregisteredAt === undefined);
    return { registered: registered.length, healthy: registered.filter(isInService).length };
  }

  /**
   * Those in service; everybody registered where too few are: a load balancer rather tries than refuses.
   * @see Elastic Load Balancing User Guide, "Target group health", unhealthy state routing
   */
  #whoMay(): readonly Target[] {
    const registered = this.targets.filter(
      ({ settings }) => settings.deregisteredAt === undefined && settings.address !== undefined,
    );
    const healthy = registered.filter(isInService);
    const { attributes } = this.settings;
    const prefix = 'target_group_health.unhealthy_state_routing.minimum_healthy_targets';
    const count = attributes[`${prefix}.count`] ?? '1';
    const percentage = attributes[`${prefix}.percentage`] ?? 'off';
    const isEnough =
      (count === 'off' || healthy.length >= Number(count)) &&
      (percentage === 'off' || healthy.length * 100 >= Number(percentage) * registered.length) &&
      healthy.length > 0;
    return isEnough ? healthy : registered;
  }

  #adopt(): void {
    const { healthCheck } = this.settings;
    for (const target of this.targets) {
      const { address, deregisteredAt } = target.settings;
      if (address === undefined || deregisteredAt !== undefined || !healthCheck.enabled) continue;
      const changed = (): void => {
        if (target.health.state === 'healthy') target.healthySince = this.#runtime.now();
        this.#eligible = undefined;
        this.#runtime.changed(this, target);
      };
      const before = target.checker;
      if (before) {
        before.onChange = changed;
        continue;
      }
      target.checker = new HealthChecker(healthCheck, () => this.#check(target, address), changed);
      target.checker.start();
    }
  }

  #check(target: Target, address: string): Promise<CheckResult> {
    const { healthCheck } = this.settings;
    const port = healthCheck.port === 'traffic-port' ? target.settings.port : Number(healthCheck.port);
    const timeoutMs = healthCheck.timeoutSeconds * 1000;
    if (healthCheck.protocol === 'TCP') return checkTcp({ address, port }, timeoutMs);
    const check = {
      place: { address, port },
      isSecure: healthCheck.protocol === 'HTTPS',
      path: healthCheck.path,
      timeoutMs,
      expected: matcher(healthCheck.matcher),
      authorities: this.#runtime.authorities,
    };
    return this.speaksHttp2 ? checkHttp2(check, this.settings.protocolVersion === 'GRPC') : checkHttp(check);
  }
}

export interface Stickiness {
  readonly type: 'lb_cookie' | 'app_cookie';
  readonly seconds: number;
  /** The application's cookie. */
  readonly cookieName: string;
}

function stickinessOf({ attributes }: TargetGroupSettings): Stickiness | undefined {
  if (attributes['stickiness.enabled'] !== 'true' || attributes['stickiness.type'] === 'source_ip') return undefined;
  const type = attributes['stickiness.type'] === 'app_cookie' ? 'app_cookie' : 'lb_cookie';
  return {
    type,
    seconds: Number(attributes[`stickiness.${type}.duration_seconds`] ?? 86_400),
    cookieName: attributes['stickiness.app_cookie.cookie_name'] ?? '',
  };
}

function stopChecks(target: Target): void {
  target.checker?.stop();
  target.checker = undefined;
}

function isInService(target: Target): boolean {
  const { state } = target.health;
  return state === 'healthy' || state === 'unavailable';
}

/** A target that was registered anew is another one. */
const keyOf = ({ id, port, address, registeredAt }: TargetSettings): string =>
  `${id} ${port} ${address} ${registeredAt}`;

function markOf(arn: string, { id, port }: TargetSettings): string {
  return createHash('sha256').update(`${arn} ${id} ${port}`).digest('base64url').slice(0, 12);
}

function sameChecks(a: TargetGroupSettings, b: TargetGroupSettings): boolean {
  return a.protocol === b.protocol && JSON.stringify(a.healthCheck) === JSON.stringify(b.healthCheck);
}
