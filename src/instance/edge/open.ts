/** Opens the edge of an instance: its control side, and who hears what its processes report. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../../config/config.ts';
import type { EdgeConfig } from '../../config/edge.ts';
import { checkStolenCredentials } from '../../edge/inspection/stolen-credentials.ts';
import type { ArrivalReport } from '../../edge/reports/arrivals.ts';
import type { FlowReport, SkippedFlows } from '../../edge/reports/flows.ts';
import type { InspectedReport, Report } from '../../edge/reports/reports.ts';
import type { PlaceFiles } from '../../edge/snapshot.ts';
import type { Threat } from '../../engines/traffic/index.ts';
import type { Job, Random } from '../../services/service.ts';
import type { InspectedRequest } from '../../services/wafv2/traffic/inspected-request.ts';
import type { Traffic } from '../../services/wafv2/traffic/traffic.ts';
import type { Store } from '../../store/store.ts';
import { HealthChecks } from '../dns/health-checks.ts';
import { dnsZones } from '../dns/zones.ts';
import type { OperatorCommands } from '../operator.ts';
import type { Places } from '../places.ts';
import { isLoopback } from '../transport/listeners.ts';
import type { OwnAuthority } from '../transport/own-authority.ts';
import { AccessLogs } from './access-logs.ts';
import { readAddressLists } from './address-lists.ts';
import { localAddress, reachableAt } from './addresses.ts';
import { EdgeControl } from './edge.ts';
import { EdgeMetrics } from './metrics.ts';
import { carriesDistributions } from './node-place.ts';
import { type CarryingNode, type NodeAddresses, nodeAddresses } from './nodes.ts';
import { Observations } from './observations.ts';
import { OperatorLists } from './operator-lists.ts';
import { RemoteDoor } from './remote-door.ts';
import { edgeSources, type ServedDistributions } from './sources.ts';
import { StandardCertificate } from './standard-certificate.ts';

/** Who hears what. */
export interface EdgeListeners {
  readonly traffic: Traffic;
  readonly flowed: (flows: readonly FlowReport[], skipped: readonly SkippedFlows[]) => void;
  readonly arrived: (arrivals: readonly ArrivalReport[]) => void;
  /** Attacks that go on, by ARN of the resource. */
  readonly threats: () => ReadonlyMap<string, Threat>;
}

export interface OpenEdgeOptions {
  /** Undefined for an instance in memory: its edge ends with it. */
  readonly dataDir: string | undefined;
  readonly config: EdgeConfig;
  readonly trustedProxies: readonly string[];
  readonly store: Store;
  /** This instance's certificate authority: nodes elsewhere prove themselves by it. */
  readonly authority: () => Promise<OwnAuthority>;
  readonly random: Random;
  /** Certificates are checked by the machine's time, whatever the instance's clock says. */
  readonly machineNow: () => number;
  readonly now: () => number;
  /** Where names are answered, if the configuration does not say. */
  readonly dnsPort?: number | undefined;
  /** Where distributions are served, if the configuration does not say. */
  readonly cloudfront?: EdgeConfig['cloudfront'];
  /** Of this instance's API; known once it listens. */
  readonly endpoint: () => string;
  /** Where the node of this machine is, and which places there are. */
  readonly places: Pick<Places, 'ownNode' | 'problemOf'>;
}

const metricSeconds = 5;

/** Made before services are bound, since they ask what it has heard; opened when they are. */
export class InstanceEdge {
  readonly observations: Observations;
  readonly healthChecks: HealthChecks;
  /** The operator's lists, once it is open. */
  readonly lists = new OperatorLists();
  /** Where what is carried is reached. */
  readonly nodes: NodeAddresses = nodeAddresses(() => this.#nodes);
  readonly #accessLogs: AccessLogs;
  readonly #metrics: EdgeMetrics;
  readonly #standard: StandardCertificate;
  readonly #options: OpenEdgeOptions;
  readonly #processes: number;
  readonly #bindAddress: string;
  #control: EdgeControl | undefined;
  #temporary: string | undefined;
  #door: RemoteDoor | undefined;

  constructor(options: OpenEdgeOptions) {
    const { config, store } = options;
    this.#options = options;
    this.#processes = config.processes ?? availableParallelism();
    this.#bindAddress = config.bindAddress ?? '127.0.0.1';
    this.observations = new Observations({ processes: this.#processes, isLocal: isLoopback(this.#bindAddress) });
    this.#accessLogs = new AccessLogs(store);
    this.healthChecks = new HealthChecks(store, () => this.changed());
    this.#metrics = new EdgeMetrics(store);
    const { authority, machineNow } = options;
    this.#standard = new StandardCertificate({ authority, machineNow, changed: () => this.changed() });
  }

  async open(listeners: EdgeListeners): Promise<void> {
    const { dataDir, config, trustedProxies, store, now } = this.#options;
    const { targetAuthorities, limits, dns } = config;
    const dnsPort = this.#dnsPort;
    const dnsAt = dnsPort === undefined ? undefined : { host: dns?.host ?? this.#bindAddress, port: dnsPort };
    if (dataDir === undefined) this.#temporary = mkdtempSync(join(tmpdir(), 'bailey-edge-'));
    const lists = {
      addressLists: readAddressLists(config.addressLists ?? {}),
      ...(config.stolenCredentials !== undefined && { stolenCredentials: checked(config.stolenCredentials) }),
    };
    this.lists.use(lists);
    const folder = this.#temporary ?? join(dataDir as string, 'edge');
    this.#control = new EdgeControl({
      folder,
      processes: this.#processes,
      bindAddress: this.#bindAddress,
      trustedProxies,
      ...(targetAuthorities !== undefined && { targetAuthorities: readFileSync(targetAuthorities, 'utf8') }),
      placeFiles: await readablePlaceFiles(config),
      filesVersion: versionOf(config),
      ...lists,
      ...(limits && { limits }),
      sources: edgeSources({
        store,
        now,
        zones: () => dnsZones({ reader: store, health: this.healthChecks.health, nodes: this.nodes }),
        threats: () => listeners.threats(),
        served: this.#served(),
      }),
      ...(dnsAt && { dns: dnsAt }),
      onCommit: (listener) => store.onCommit(listener),
      reported: (report, from) => this.#reported(report, from, listeners),
      left: (from) => {
        this.observations.forget(from);
        // Names lead to it no longer.
        if (this.#isElsewhere(from)) this.changed();
      },
      nodes: this.nodes,
      placeOf: (name) => (this.#isElsewhere(name) ? this.#door?.placeOf(name) : this.#options.places.ownNode),
      reachedAt: (from, addresses) => this.#door?.reachedAt(from, addresses),
      renew: (from, publicKey) => (this.#door as RemoteDoor).renew(from, publicKey),
      failed: (error) => console.error('bailey: the edge could not be configured:', error),
    });
    await this.#control.open();
    if (config.join) this.#door = await this.#openDoor(folder, config.join, this.#control);
  }

  #served(): ServedDistributions | undefined {
    const { config, cloudfront, endpoint } = this.#options;
    const port = config.cloudfront?.port ?? cloudfront?.port;
    const securePort = config.cloudfront?.securePort ?? cloudfront?.securePort;
    if (port === undefined || port === 0) return undefined;
    return {
      port,
      securePort: securePort === 0 ? undefined : securePort,
      nodeAddress: localAddress(this.#bindAddress),
      endpoint,
      standard: this.#standard,
    };
  }

  async #openDoor(
    folder: string,
    { host, port, advertise = host }: NonNullable<EdgeConfig['join']>,
    control: EdgeControl,
  ): Promise<RemoteDoor> {
    const { authority, machineNow, random } = this.#options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const door = new RemoteDoor({
      host,
      port,
      advertised: advertise,
      folder,
      authority,
      now: machineNow,
      random: (bytes) => random.bytes(bytes),
      welcome: async (socket, name) => {
        await control.welcome(socket, name);
        control.changed();
      },
      problemOf: this.#options.places.problemOf,
      moved: () => control.changed(),
    });
    await door.open();
    return door;
  }

  /** `bailey edge …` */
  commands(): OperatorCommands {
    const door = (): RemoteDoor => {
      if (this.#door) return this.#door;
      throw new Error('No edge node can join: name edge.join.host and edge.join.port in the configuration.');
    };
    return {
      '/edge/token': async ({ hours }) => ({ token: await door().token(Number(hours)) }),
      '/edge/nodes': async () => ({ nodes: door().nodes() }),
      '/edge/remove': async ({ id }) => {
        door().remove(String(id));
        return {};
      },
    };
  }

  /** What is brought to other services by and by. @param deliverySeconds how often log files are made */
  jobs(deliverySeconds: number): readonly Job[] {
    const certificates: Job = {
      name: 'cloudfront standard certificate',
      everySeconds: 3600,
      run: async () => this.#standard.renew(),
    };
    return [
      this.#accessLogs.job(deliverySeconds),
      this.#metrics.job(metricSeconds),
      this.healthChecks.job,
      certificates,
    ];
  }

  /** Everything in the store may have changed at once. */
  changed(): void {
    this.#control?.changed();
  }

  /** Resolves when everybody on the line was sent what the store holds now. */
  async settled(): Promise<void> {
    await this.#control?.settled();
  }

  /** Whether an account takes requests for a name at a port, without TLS. */
  takes(account: string, name: string, port: number): boolean {
    const { loadBalancers = [], distributions = [] } = this.#control?.snapshot ?? {};
    return (
      loadBalancers.some(
        (one) =>
          one.account === account &&
          one.type === 'application' &&
          one.listeners.some((listener) => listener.protocol === 'HTTP' && listener.port === port),
      ) ||
      distributions.some(
        (one) =>
          one.account === account &&
          one.enabled &&
          one.port === port &&
          one.hosts.some((host) => host === name || (host.startsWith('*.') && name.endsWith(host.slice(1)))),
      )
    );
  }

  /** Whether names of hosted zones are answered. */
  get answersNames(): boolean {
    return this.#dnsPort !== undefined && this.#nodes.some(({ place }) => carriesDistributions(place));
  }

  get #nodes(): readonly CarryingNode[] {
    const { ownNode: place } = this.#options.places;
    const own = { place, addresses: reachableAt(this.#bindAddress), isHealthy: true };
    const elsewhere = this.#door?.nodes() ?? [];
    return [
      own,
      ...elsewhere.map((node) => ({
        place: node.place,
        addresses: node.addresses ?? [],
        isHealthy: node.isConnected,
      })),
    ];
  }

  /** Its own processes are named by slot and pid. */
  #isElsewhere(name: string): boolean {
    return name.startsWith('edge-');
  }

  get #dnsPort(): number | undefined {
    return this.#options.config.dns?.port ?? this.#options.dnsPort;
  }

  async close(): Promise<void> {
    await this.#door?.close();
    await this.#control?.close();
    this.lists.close();
    if (this.#temporary !== undefined) rmSync(this.#temporary, { recursive: true, force: true });
  }

  #reported(report: Report, from: string, { traffic, flowed, arrived }: EdgeListeners): void {
    const now = this.#options.now();
    this.observations.take(report, from);
    this.#accessLogs.take(report.logs.filter(({ kind }) => kind === 'access'));
    traffic.report(report.inspected.map(inspectedRequest));
    traffic.count(report.traffic);
    traffic.limit(from, now, report.limited);
    this.#metrics.take(report.metrics, now);
    flowed(report.flows, report.skippedFlows);
    arrived(report.arrivals);
  }
}

/** @throws ConfigError for a file in which nothing would be found */
function checked(stolenCredentials: string): string {
  try {
    checkStolenCredentials(stolenCredentials);
  } catch (error) {
    throw new ConfigError(`edge.stolenCredentials: ${(error as Error).message}`);
  }
  return stolenCredentials;
}

/** Processes that carry traffic outlive this one: they open a file again when it is another than the one that they have. */
function versionOf({ countryDatabase, asnDatabase, stolenCredentials }: EdgeConfig): string {
  const files = [countryDatabase, asnDatabase, stolenCredentials].filter((file) => file !== undefined);
  return files
    .map((file) => statSync(file))
    .map(({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`)
    .join();
}

function inspectedRequest({ request, ...rest }: InspectedReport): InspectedRequest {
  const { bodyBase64, ...head } = request;
  return { ...rest, request: { ...head, body: Buffer.from(bodyBase64, 'base64') } };
}

/** @throws ConfigError for files that are no databases, before any request depends on them */
async function readablePlaceFiles({ countryDatabase, asnDatabase }: EdgeConfig): Promise<PlaceFiles> {
  const files = {
    ...(countryDatabase !== undefined && { countries: countryDatabase }),
    ...(asnDatabase !== undefined && { systems: asnDatabase }),
  };
  if (Object.keys(files).length === 0) return files;
  // Only processes of the edge need what reads them, but for this.
  const { Places } = await import('../../edge/inspection/places.ts');
  try {
    new Places(files).find('127.0.0.1');
  } catch (error) {
    throw new ConfigError(`edge: a database of places cannot be read: ${(error as Error).message}`);
  }
  return files;
}
