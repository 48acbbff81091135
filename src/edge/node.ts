/** An edge node within a process: ports, targets and web ACLs as the last snapshot says, swapped as one. */
import { rootCertificates } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { SharedAuthentication } from './authentication/shared.ts';
import { DatagramGate } from './datagrams/gate.ts';
import { DatagramPorts } from './datagrams/ports.ts';
import { originOf } from './distributions/asking.ts';
import { AnswerCache } from './distributions/cache.ts';
import { Invalidations } from './distributions/invalidations.ts';
import type { Inspector } from './inspection/inspector.ts';
import { PaceKeeper } from './intake/pace.ts';
import { Holdings } from './intake/spill.ts';
import { type Claim, claimPort } from './listeners/claim.ts';
import { connectionsWithin, flowsWithin } from './listeners/descriptors.ts';
import { type Connection, Gate } from './listeners/gate.ts';
import { Port } from './listeners/port.ts';
import { certificatesOf } from './listeners/tls.ts';
import { type Plan, type Planned, plan } from './plan.ts';
import { type Report, Reports } from './reports/reports.ts';
import { groupArnsOf } from './routing/group-arns.ts';
import type { Runtime } from './site.ts';
import {
  defaultLimits,
  type EdgeLimits,
  type NodeSettings,
  type Snapshot,
  type TargetGroupSettings,
  type WebAclSettings,
} from './snapshot.ts';
import { TargetGroup } from './targets/group.ts';
import { Pools } from './upstream/pools.ts';
import { isLoopback } from './upstream/reach.ts';

export interface InspectorContext {
  readonly runtime: Runtime;
  readonly node: NodeSettings;
  /** What the same web ACL was before. */
  readonly before: Inspector | undefined;
}

export interface NodeOptions {
  readonly now: () => number;
  readonly random: () => number;
  /** Processes of one node share ports. */
  readonly reusesPorts: boolean;
  /** Where this node listens, if not where the snapshot says. */
  readonly bindAddress?: string;
  /** Makes inspectors; throws an Error for web ACLs that cannot be compiled. */
  readonly inspectorFor: (settings: WebAclSettings, context: InspectorContext) => Inspector;
}

/** How long requests may go on after their listener is gone. */
const portGraceMs = 10_000;

interface KnownInspector {
  /** Of the web ACL, and of the operator's files and lists that it goes by. */
  readonly revision: string;
  readonly inspector: Inspector;
}

const measureEveryMs = 10_000;

export class EdgeNode {
  readonly reports = new Reports();
  readonly #options: NodeOptions;
  readonly #ports = new Map<number, { readonly arn: string; readonly port: Port }>();
  readonly #claims = new Map<number, Claim>();
  readonly #datagramPorts: DatagramPorts;
  /** ARNs of listeners of which something failed with the last snapshot. */
  readonly #faulty = new Set<string>();
  readonly #cache = new AnswerCache();
  readonly #invalidations = new Invalidations();
  #groups = new Map<string, TargetGroup>();
  #inspectors = new Map<string, KnownInspector>();
  #lists: readonly unknown[] = [];
  #listsRevision = 0;
  #runtime: (Runtime & { pools: Pools }) | undefined;
  #authentication: SharedAuthentication | undefined;
  #measuredAt = 0;
  #sweeper: NodeJS.Timeout | undefined;
  #applying: Promise<void> = Promise.resolve();
  snapshot: Snapshot | undefined;

  constructor(options: NodeOptions) {
    this.#options = options;
    const { now, reusesPorts } = options;
    this.#datagramPorts = new DatagramPorts({
      now,
      reusesPorts,
      listening: (arn, port) => this.#listening(arn, port),
      failed: (arn, port, error) => this.#failed(arn, port, error),
    });
  }

  /** Older snapshots are passed over. Resolves when the ports of this one listen, or have failed and said so. */
  apply(snapshot: Snapshot): Promise<void> {
    const applied = this.#applying.then(() => this.#apply(snapshot));
    this.#applying = applied.catch(() => undefined);
    return applied;
  }

  /** Everything since the last time; undefined when there is nothing to tell. */
  report(): Report | undefined {
    const now = this.#options.now();
    if (now - this.#measuredAt >= measureEveryMs) {
      this.#measuredAt = now;
      for (const { port } of this.#ports.values()) port.measure();
      this.#datagramPorts.measure();
    }
    const all = [...this.#inspectors].map(([arn, { inspector }]) => ({ arn, inspector, told: inspector.take() }));
    return this.reports.take({
      inspected: all.flatMap(({ told }) => told.inspected),
      traffic: all.flatMap(({ told }) => told.traffic ?? []),
      limited: all.flatMap(({ told }) => told.limited),
      rates: all.flatMap(({ arn, inspector }) => {
        const deltas = inspector.takeRates();
        return deltas.length === 0 ? [] : { webAcl: arn, deltas };
      }),
      lost: all.reduce((sum, { told }) => sum + told.lost, 0),
    });
  }

  /** What other processes and nodes have counted. */
  mergeRates(rates: Report['rates']): void {
    for (const { webAcl, deltas } of rates) this.#inspectors.get(webAcl)?.inspector.mergeRates(deltas);
  }

  async close(graceMs = portGraceMs): Promise<void> {
    await this.#applying;
    clearInterval(this.#sweeper);
    const ports = [...this.#ports.values()].map(({ port }) => port.close(graceMs));
    await Promise.all([...ports, this.#datagramPorts.close()]);
    this.#ports.clear();
    for (const port of [...this.#claims.keys()]) this.#release(port);
    for (const group of this.#groups.values()) group.stop();
    this.#runtime?.pace.stop();
    await this.#runtime?.pools.close();
    await this.#authentication?.close();
  }

  async #apply(snapshot: Snapshot): Promise<void> {
    const before = this.snapshot;
    if (before && before.instanceId === snapshot.instanceId && before.version >= snapshot.version) return;
    const runtime = this.#runtimeFor(snapshot);
    const { plans, datagrams } = this.#plan(snapshot, runtime);
    this.snapshot = snapshot;
    this.#invalidations.apply(snapshot.distributions, this.#cache);
    // What listens already has its new settings before anything waits: no request sees half of them.
    const fresh = plans.filter((plan) => !this.#update(plan));
    const freshDatagrams = this.#datagramPorts.update(datagrams);
    const wanted = new Set(plans.map(({ port }) => port));
    const closing = [...this.#ports].filter(([number]) => !wanted.has(number));
    for (const [number, { port }] of closing) {
      this.#ports.delete(number);
      this.#release(number);
      port.close(portGraceMs).catch(() => undefined);
    }
    for (const plan of fresh) await this.#open(plan, snapshot);
    const { instanceId, node } = snapshot;
    const address = this.#options.bindAddress ?? node.bindAddress;
    const place = { gate: runtime.datagrams, address, instanceId };
    for (const one of freshDatagrams) await this.#datagramPorts.open(one, place);
    const origins = new Set([
      ...[...this.#groups.values()].flatMap(({ targets }) => targets.map(({ origin }) => origin)),
      ...snapshot.distributions.flatMap((one) => one.origins.map(originOf)),
    ]);
    runtime.pools.retire((origin) => origins.has(origin), longestDelay(snapshot));
  }

  #runtimeFor({ node }: Snapshot): Runtime & { pools: Pools } {
    const connections = connectionsWithin(node.limits.connections);
    const within = { ...node.limits, connections, flows: flowsWithin(node.limits.flows) };
    if (this.#runtime) {
      this.#runtime.gate.limits = within;
      this.#runtime.pools.trust(authoritiesOf(node.targetAuthorities), portGraceMs);
      this.#runtime.datagrams.limits = within;
      return this.#runtime;
    }
    const gate = new Gate(within);
    const datagrams = new DatagramGate(within);
    const { now, random } = this.#options;
    const limits = (): EdgeLimits => this.snapshot?.node.limits ?? defaultLimits;
    this.#runtime = {
      now,
      random,
      gate,
      datagrams,
      pace: new PaceKeeper(limits, now),
      holdings: new Holdings(),
      reports: this.reports,
      pools: new Pools({
        connectMs: node.limits.upstreamConnectMs,
        connections: node.limits.connectionsPerTarget,
        authorities: authoritiesOf(node.targetAuthorities),
        reachesOwn: isLoopback(this.#options.bindAddress ?? node.bindAddress),
      }),
      hand: (connection, loadBalancer, port) => this.#hand(connection, loadBalancer, port),
    };
    this.#sweeper = setInterval(() => {
      this.#sweep(gate);
      datagrams.sweep(now());
    }, 1_000).unref();
    return this.#runtime;
  }

  #hand(connection: Connection, loadBalancer: string, number: number): boolean {
    const known = this.#ports.get(number);
    const own = `${loadBalancer.replace(':loadbalancer/', ':listener/')}/`;
    if (!known?.arn.startsWith(own)) return false;
    known.port.adopt(connection);
    return true;
  }

  /** Cuts connections that have not come as far as HTTP, which looks after its own. */
  #sweep(gate: Gate): void {
    const before = this.#options.now() - gate.limits.headMs - 2_000;
    for (const connection of gate.waitingSince(before)) {
      if (connection.requests === 0) connection.socket.destroy();
    }
  }

  /** Compiles everything first: what fails is told, and harms nothing else. */
  #plan(snapshot: Snapshot, runtime: Runtime): Plan {
    this.#faulty.clear();
    const inspectors = this.#inspectorsFor(snapshot, runtime);
    this.#groups = this.#groupsFor(snapshot);
    const authentication = this.#authenticationFor(snapshot);
    const parts = { runtime, inspectors, groups: this.#groups, cache: this.#cache, authentication };
    const planned = plan(snapshot, parts);
    for (const { arn, port, error } of planned.failures) this.#failed(arn, port, error);
    return planned;
  }

  #authenticationFor({ node, loadBalancers }: Snapshot): SharedAuthentication {
    const authorities = authoritiesOf(node.targetAuthorities);
    this.#authentication ??= new SharedAuthentication(this.#options.now, {
      authorities,
      reachesOwn: isLoopback(this.#options.bindAddress ?? node.bindAddress),
    });
    this.#authentication.trust(authorities);
    this.#authentication.retire(loadBalancers.flatMap(({ listeners }) => listeners));
    return this.#authentication;
  }

  #inspectorsFor(snapshot: Snapshot, runtime: Runtime) {
    const { placeFiles, addressLists, stolenCredentials, filesVersion } = snapshot.node;
    const lists = [placeFiles, addressLists, stolenCredentials, filesVersion];
    if (!isDeepStrictEqual(lists, this.#lists)) this.#listsRevision += 1;
    this.#lists = lists;
    const next = new Map<string, KnownInspector>();
    for (const settings of snapshot.webAcls) {
      const known = this.#inspectors.get(settings.arn);
      const revision = `${this.#listsRevision} ${settings.revision}`;
      if (known?.revision === revision) next.set(settings.arn, known);
      else {
        const inspector = this.#inspectorFor(settings, { runtime, node: snapshot.node, before: known?.inspector });
        if (inspector) next.set(settings.arn, { revision, inspector });
      }
    }
    this.#inspectors = next;
    return next;
  }

  /** A web ACL that cannot be compiled takes its listeners down with it, rather than letting everything pass. */
  #inspectorFor(settings: WebAclSettings, context: InspectorContext): Inspector | undefined {
    try {
      return this.#options.inspectorFor(settings, context);
    } catch (error) {
      console.error(`bailey edge: the web ACL ${settings.arn} cannot be compiled:`, error);
      return undefined;
    }
  }

  /** Only groups that a listener uses are asked how they are. */
  #groupsFor(snapshot: Snapshot): Map<string, TargetGroup> {
    const used = new Set(snapshot.loadBalancers.flatMap(({ listeners }) => listeners.flatMap(groupArnsOf)));
    const next = new Map<string, TargetGroup>();
    const { now, random } = this.#options;
    const authorities = authoritiesOf(snapshot.node.targetAuthorities);
    const address = ownAddress(this.#options.bindAddress ?? snapshot.node.bindAddress);
    for (const given of snapshot.targetGroups) {
      if (!used.has(given.arn)) continue;
      const settings = {
        ...given,
        targets: given.targets.map((one) => (one.loadBalancer ? { ...one, address } : one)),
      };
      const before = this.#groups.get(settings.arn);
      const changed = (group: TargetGroup, target: TargetGroup['targets'][number]): void =>
        this.reports.health({
          targetGroupArn: group.settings.arn,
          targetId: target.settings.id,
          port: target.settings.port,
          health: target.health,
        });
      next.set(settings.arn, groupFor(settings, { now, random, authorities, changed }, before));
    }
    for (const [arn, group] of this.#groups) if (!next.has(arn)) group.stop();
    return next;
  }

  /** @returns whether the port listens already */
  #update({ arn, port: number, settings }: Planned): boolean {
    const known = this.#ports.get(number);
    if (!known) return false;
    // Who is connected has shown a certificate to, and was let in by, this listener and no other.
    const isAnothers = known.arn !== arn && !(isShared(known.arn) && isShared(arn));
    if (isAnothers || !known.port.isLike(settings)) {
      this.#ports.delete(number);
      known.port.close(isAnothers ? portGraceMs : 0).catch(() => undefined);
      return false;
    }
    known.port.update(settings);
    if (known.arn !== arn) {
      this.#ports.set(number, { arn, port: known.port });
      this.#listening(arn, number);
    }
    return true;
  }

  async #open(plan: Planned, { node, instanceId }: Snapshot): Promise<void> {
    const port = new Port(plan.port, plan.settings, (this.#runtime as Runtime).gate, this.#options.now);
    const address = this.#options.bindAddress ?? node.bindAddress;
    try {
      await this.#claim(plan.port, address, instanceId);
      await port.listen(address, this.#options.reusesPorts);
      this.#ports.set(plan.port, { arn: plan.arn, port });
      this.#listening(plan.arn, plan.port);
    } catch (error) {
      this.#release(plan.port);
      this.#failed(plan.arn, plan.port, error as Error);
      await port.close(0);
    }
  }

  /** Only where ports are shared: otherwise the system itself says whose they are. */
  async #claim(port: number, address: string, instanceId: string): Promise<void> {
    if (!this.#options.reusesPorts || this.#claims.has(port)) return;
    this.#claims.set(port, await claimPort(address, port, instanceId));
  }

  #release(port: number): void {
    this.#claims.get(port)?.release();
    this.#claims.delete(port);
  }

  /** A listener of TCP and UDP serves when both do. */
  #listening(arn: string, port: number): void {
    if (!this.#faulty.has(arn)) this.reports.listener({ arn, port, state: 'listening' });
  }

  #failed(arn: string, port: number, error: Error): void {
    this.#faulty.add(arn);
    this.reports.listener({ arn, port, state: 'failed', error: error.message });
  }
}

/** Distributions have their ports together, under the name of the first. */
const isShared = (arn: string): boolean => arn.split(':')[2] === 'cloudfront';

function groupFor(
  settings: TargetGroupSettings,
  runtime: ConstructorParameters<typeof TargetGroup>[1],
  before: TargetGroup | undefined,
): TargetGroup {
  const isSame = before !== undefined && JSON.stringify(before.settings) === JSON.stringify(settings);
  return isSame ? before : new TargetGroup(settings, runtime, before);
}

/** Where a node reaches its own listeners. */
const ownAddress = (bound: string): string => ({ '0.0.0.0': '127.0.0.1', '::': '::1' })[bound] ?? bound;

/** undici replaces the machine's authorities by those it is given: ours come beside them. */
function authoritiesOf(bundle: string | undefined): readonly string[] | undefined {
  return bundle === undefined ? undefined : [...rootCertificates, ...certificatesOf(bundle)];
}

/** Connections to targets that are gone may end what they do. */
function longestDelay({ targetGroups }: Snapshot): number {
  const seconds = targetGroups.map(({ attributes }) =>
    Number(attributes['deregistration_delay.timeout_seconds'] ?? 300),
  );
  return Math.max(0, ...seconds) * 1000;
}
