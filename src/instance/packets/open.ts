/** Registered hosts and the packet filter before them, as one part of a running instance. */
import type { Config } from '../../config/config.ts';
import type { InstanceConfig } from '../../config/instances.ts';
import { registerHost } from '../../services/ec2/network/registered.ts';
import type { Caller, Job, Scope } from '../../services/service.ts';
import type { Store } from '../../store/store.ts';
import { EdgeFlows } from './edge-flows.ts';
import { PacketFilter } from './filter.ts';
import { FlowLogWriter } from './flow-log-writer.ts';
import { placeAll } from './load-balancers.ts';

export interface InstancePacketsOptions {
  readonly store: Store;
  readonly config: Config;
  readonly accounts: () => Promise<readonly string[]>;
  readonly regions: readonly string[];
  readonly assume: (roleArn: string) => Promise<Caller | undefined>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** How often flows are read, and the filter is looked after: shorter than the shortest interval of a flow log. */
const readSeconds = 10;

export class InstancePackets {
  readonly #options: InstancePacketsOptions;
  readonly #writer: FlowLogWriter;
  readonly filter: PacketFilter;
  readonly edgeFlows = new EdgeFlows();

  constructor(options: InstancePacketsOptions) {
    this.#options = options;
    const { store, config } = options;
    const failed = (error: unknown) => console.error('bailey: packets:', (error as Error).message);
    const scopes = (): Promise<readonly Scope[]> => this.#scopes();
    this.filter = new PacketFilter({
      store,
      scopes,
      table: config.packets?.table ?? 'bailey',
      namespace: config.packets?.namespace,
      isWanted: config.packets?.enforce ?? true,
      failed,
    });
    this.#writer = new FlowLogWriter({
      store,
      scopes,
      take: () => this.filter.flows.take(),
      takeOfEdge: () => this.edgeFlows.take(),
      interfaceAt: this.filter.interfaceAt,
      assume: options.assume,
      failed,
    });
  }

  /** Brings the hosts of the configuration in. Rejects with an Error that says which cannot be. */
  async seed(): Promise<void> {
    const { store, config, now } = this.#options;
    await placeAll(store);
    if (!config.instances?.length) return;
    requireOwnAddresses(config.instances);
    const change = store.begin();
    for (const { account, region = config.region ?? 'us-east-1', ...host } of config.instances) {
      await registerHost(change, { account, region }, host, now());
    }
    await store.commit(change);
  }

  open(): Promise<void> {
    return this.filter.open();
  }

  get jobs(): readonly Job[] {
    return [
      { name: 'packet filter', everySeconds: readSeconds, run: () => this.filter.check() },
      { name: 'flow logs', everySeconds: readSeconds, run: (runtime) => this.#writer.run(runtime) },
    ];
  }

  close(): Promise<void> {
    return this.filter.close();
  }

  /** Only where hosts are registered are there packets to filter; everywhere else nothing is asked. */
  async #scopes(): Promise<readonly Scope[]> {
    const { config, accounts, regions } = this.#options;
    if (!config.instances?.length) return [];
    const all = await accounts();
    return all.flatMap((account) => regions.map((region) => ({ account, region })));
  }
}

/** Packets have no account: two hosts behind this node cannot have one address, whoever they are. */
function requireOwnAddresses(hosts: readonly InstanceConfig[]): void {
  const known = new Map<string, string>();
  for (const { name, privateIp, device } of hosts) {
    if (device === undefined) continue;
    const other = known.get(privateIp);
    if (other !== undefined) {
      throw new Error(`instances: ${privateIp} is the address of ${other} and of ${name}: give one of them another`);
    }
    known.set(privateIp, name);
  }
}
