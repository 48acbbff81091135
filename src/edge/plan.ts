/** What a snapshot means for ports: each with what stands behind it, compiled before anything changes. */
import { createSecretKey } from 'node:crypto';
import { type Proxies, trustedProxies } from '../gateway/proxies.ts';
import { Challenges } from './answers/challenges.ts';
import type { Authentication } from './authentication/guards.ts';
import { AuthenticationKeys } from './authentication/keys.ts';
import type { DatagramSettings } from './datagrams/port.ts';
import type { PlannedDatagrams } from './datagrams/ports.ts';
import type { AnswerCache } from './distributions/cache.ts';
import type { Inspector } from './inspection/inspector.ts';
import { compileIngress, everybodyTracked, UDP } from './listeners/ingress.ts';
import type { PortSettings } from './listeners/port.ts';
import { TlsSettings } from './listeners/tls.ts';
import { groupArnsOf } from './routing/group-arns.ts';
import type { Runtime } from './site.ts';
import { DatagramSite } from './sites/datagrams.ts';
import { DistributionsSite } from './sites/distributions.ts';
import { LoadBalancerSite } from './sites/load-balancer.ts';
import { RelaySite } from './sites/relay.ts';
import type { DistributionSettings, ListenerSettings, LoadBalancerSettings, Snapshot } from './snapshot.ts';
import type { TargetGroup } from './targets/group.ts';

export interface Planned {
  /** Of the listener, or of the first distribution. */
  readonly arn: string;
  readonly port: number;
  readonly settings: PortSettings;
}

interface Unplanned {
  readonly arn: string;
  readonly port: number;
  readonly error: Error;
}

export interface PlanParts {
  readonly runtime: Runtime;
  /** By ARN of the web ACL. */
  readonly inspectors: ReadonlyMap<string, { readonly inspector: Inspector }>;
  /** By ARN. */
  readonly groups: ReadonlyMap<string, TargetGroup>;
  readonly cache: AnswerCache;
  readonly authentication: Authentication;
}

export interface Plan {
  readonly plans: readonly Planned[];
  readonly datagrams: readonly PlannedDatagrams[];
  readonly failures: readonly Unplanned[];
}

/** What fails is told, and harms nothing else. */
export function plan(snapshot: Snapshot, parts: PlanParts): Plan {
  return new Planning(snapshot, parts).run();
}

class Planning {
  readonly #snapshot: Snapshot;
  readonly #parts: PlanParts;
  readonly #proxies: Proxies;
  readonly #certificates;
  readonly #trustStores;
  readonly #cookieKey;
  readonly #challenges;
  readonly #authenticationKeys;
  readonly #plans: Planned[] = [];
  readonly #datagrams: PlannedDatagrams[] = [];
  readonly #failures: Unplanned[] = [];
  /** Ports of TCP and of UDP are not the same. */
  readonly #taken = { tcp: new Set<number>(), udp: new Set<number>() };

  constructor(snapshot: Snapshot, parts: PlanParts) {
    this.#snapshot = snapshot;
    this.#parts = parts;
    this.#proxies = trustedProxies(snapshot.node.trustedProxies);
    this.#certificates = byArn(snapshot.certificates);
    this.#trustStores = byArn(snapshot.trustStores);
    this.#cookieKey = createSecretKey(Buffer.from(snapshot.node.cookieKey, 'base64'));
    // Where ports are shared the system would let both have it, and give each some of what comes.
    if (snapshot.node.dns) for (const taken of Object.values(this.#taken)) taken.add(snapshot.node.dns.port);
    this.#challenges = new Challenges(snapshot.challenges);
    const { authenticationKeys: keys = [] } = snapshot;
    this.#authenticationKeys = keys.length === 0 ? undefined : new AuthenticationKeys(keys, parts.authentication.now);
  }

  run(): Plan {
    // Ports of distributions are the operator's choice: no load balancer takes them away.
    for (const [port, shared] of distributionPorts(this.#snapshot.distributions)) {
      const arns = shared.distributions.map(({ arn }) => arn);
      this.#tryPort(arns, port, () => this.#distributions(port, shared));
    }
    for (const loadBalancer of this.#snapshot.loadBalancers) {
      for (const listener of loadBalancer.listeners) {
        const { arn, port, protocol } = listener;
        if (protocol !== 'UDP') this.#tryPort([arn], port, () => this.#listener(loadBalancer, listener));
        if (protocol === 'UDP' || protocol === 'TCP_UDP') {
          this.#try('udp', [arn], port, () => {
            this.#datagrams.push({ arn, port, settings: this.#datagramListener(loadBalancer, listener) });
          });
        }
      }
    }
    return { plans: this.#plans, datagrams: this.#datagrams, failures: this.#failures };
  }

  #tryPort(arns: readonly string[], port: number, settings: () => PortSettings): void {
    this.#try('tcp', arns, port, () => {
      this.#plans.push({ arn: arns[0] as string, port, settings: settings() });
    });
  }

  #try(transport: 'tcp' | 'udp', arns: readonly string[], port: number, add: () => void): void {
    const taken = this.#taken[transport];
    try {
      if (taken.has(port)) throw new Error(`EADDRINUSE: port ${port} is another listener's`);
      // Also where it cannot be served: nobody else gets what was meant for it.
      taken.add(port);
      add();
    } catch (error) {
      for (const arn of arns) this.#failures.push({ arn, port, error: error as Error });
    }
  }

  #listener(loadBalancer: LoadBalancerSettings, listener: ListenerSettings): PortSettings {
    const { runtime, authentication } = this.#parts;
    const { limits, spillFolder } = this.#snapshot.node;
    const groups = this.#groupsOf(listener);
    const isSecure = listener.protocol === 'HTTPS' || listener.protocol === 'TLS';
    const certificates = this.#certificates;
    const trustStores = this.#trustStores;
    const shared = {
      ingress: compileIngress(loadBalancer, listener.port),
      proxies: this.#proxies,
      tls: isSecure ? new TlsSettings({ listener, certificates, trustStores }) : undefined,
    };
    if (loadBalancer.type === 'network') {
      return { ...shared, site: new RelaySite({ runtime, loadBalancer, listener, groups, limits }) };
    }
    const inspector = this.#inspectorOf(loadBalancer.webAcl);
    const cookieKey = this.#cookieKey;
    const challenges = this.#challenges;
    const authenticationKeys = this.#authenticationKeys;
    const parts = { challenges, runtime, loadBalancer, listener, groups, inspector, limits, spillFolder, cookieKey };
    return { ...shared, site: new LoadBalancerSite({ ...parts, authentication, authenticationKeys }) };
  }

  #datagramListener(loadBalancer: LoadBalancerSettings, listener: ListenerSettings): DatagramSettings {
    const { runtime } = this.#parts;
    const site = new DatagramSite({ runtime, loadBalancer, listener, groups: this.#groupsOf(listener) });
    return { site, ingress: compileIngress(loadBalancer, listener.port, UDP) };
  }

  #groupsOf(listener: ListenerSettings): Map<string, TargetGroup> {
    const groups = new Map<string, TargetGroup>();
    for (const arn of groupArnsOf(listener)) {
      const group = this.#parts.groups.get(arn);
      if (group) groups.set(arn, group);
    }
    return groups;
  }

  /** What names a web ACL that is not there must not pass as something that has none. */
  #inspectorOf(webAcl: string | undefined): Inspector | undefined {
    if (webAcl === undefined) return undefined;
    const known = this.#parts.inspectors.get(webAcl);
    if (!known) throw new Error(`the web ACL ${webAcl} is not known`);
    return known.inspector;
  }

  /** Throws an Error for one that TLS would not take, such as one with a key that is too short. */
  #tryCertificate(arn: string | undefined): void {
    const listener = { certificates: arn === undefined ? [] : [arn] };
    new TlsSettings({ listener, certificates: this.#certificates, trustStores: this.#trustStores });
  }

  #distributions(port: number, { isSecure, distributions: all }: SharedPort): PortSettings {
    const { runtime, cache } = this.#parts;
    const { limits, spillFolder } = this.#snapshot.node;
    const inspectors = new Map<string, Inspector>();
    // What is wrong with one is no harm to those that share its port.
    const distributions = all.filter(({ arn, webAcl, certificate }) => {
      try {
        const inspector = this.#inspectorOf(webAcl);
        if (inspector) inspectors.set(arn, inspector);
        if (isSecure) this.#tryCertificate(certificate);
        return true;
      } catch (error) {
        this.#failures.push({ arn, port, error: error as Error });
        return false;
      }
    });
    const site = new DistributionsSite({
      challenges: this.#challenges,
      runtime,
      port,
      isSecure,
      distributions,
      inspectors,
      cache,
      limits,
      spillFolder,
    });
    const shownFor = namesByCertificate(distributions);
    const named = [...shownFor.keys()];
    const listener = { certificates: named };
    const tls = isSecure
      ? new TlsSettings({ listener, certificates: this.#certificates, trustStores: this.#trustStores, shownFor })
      : undefined;
    return { site, ingress: everybodyTracked, proxies: this.#proxies, tls };
  }
}

/** A certificate is shown for the names of the distributions that have it, whatever else it may be good for. */
function namesByCertificate(distributions: readonly DistributionSettings[]): Map<string, readonly string[]> {
  const names = new Map<string, readonly string[]>();
  const show = (arn: string, hosts: readonly string[]) =>
    names.set(arn, [...(names.get(arn) ?? []), ...hosts.map((host) => host.toLowerCase())]);
  for (const { certificate, standardCertificate, hosts } of distributions) {
    if (certificate === undefined) continue;
    show(certificate, standardCertificate === undefined ? hosts : hosts.slice(1));
    if (standardCertificate !== undefined) show(standardCertificate, hosts.slice(0, 1));
  }
  return names;
}

interface SharedPort {
  readonly isSecure: boolean;
  readonly distributions: DistributionSettings[];
}

/** All distributions of a port share it: the host of a request says whose it is. */
function distributionPorts(all: readonly DistributionSettings[]): Map<number, SharedPort> {
  const ports = new Map<number, SharedPort>();
  const add = (port: number, isSecure: boolean, one: DistributionSettings): void => {
    const known = ports.get(port);
    if (known) known.distributions.push(one);
    else ports.set(port, { isSecure, distributions: [one] });
  };
  for (const one of all) {
    add(one.port, false, one);
    if (one.securePort !== undefined && one.certificate !== undefined) add(one.securePort, true, one);
  }
  return ports;
}

function byArn<T extends { readonly arn: string }>(all: readonly T[]): Map<string, T> {
  return new Map(all.map((one) => [one.arn, one]));
}
