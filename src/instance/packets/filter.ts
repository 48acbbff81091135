/**
 * Keeps the packet filter of this node at what EC2 says: it follows the store, and replaces the whole table at once. What
 * is loaded stays when the instance ends, so that hosts are not laid open by a restart.
 */
import { hostsOf, type Interface, ruleset, sysctls } from '../../engines/network/index.ts';
import { readAll } from '../../services/ec2/network/rows.ts';
import { flowLogs } from '../../services/ec2/network/state.ts';
import { packetNetwork } from '../../services/ec2/packet-network.ts';
import type { Scope } from '../../services/service.ts';
import type { ChangedRow, Store } from '../../store/store.ts';
import { FlowCounts } from './flow-counts.ts';
import { Nft } from './nft.ts';

export interface PacketFilterOptions {
  readonly store: Store;
  /** Accounts and regions that may have networks. */
  readonly scopes: () => Promise<readonly Scope[]>;
  readonly table: string;
  readonly namespace?: string | undefined;
  readonly isWanted: boolean;
  readonly failed: (error: unknown) => void;
}

/** Changes that come together are one ruleset. */
const settleMs = 50;
const watched = /^ec2\./;

export interface PacketFilterState {
  /** Whether packets are filtered by the groups that EC2 has now. */
  readonly isEnforced: boolean;
  /** Hosts whose packets pass here. */
  readonly hosts: number;
  /** Why nothing is enforced, or not what EC2 says now. */
  readonly reason?: string;
}

export class PacketFilter {
  readonly #options: PacketFilterOptions;
  readonly #nft: Nft;
  readonly flows: FlowCounts;
  #state: PacketFilterState = { isEnforced: false, hosts: 0 };
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> = Promise.resolve();
  #stop: (() => void) | undefined;
  #loaded = '';
  /** By address. */
  #hosts: ReadonlyMap<string, Interface> = new Map();

  constructor(options: PacketFilterOptions) {
    this.#options = options;
    this.#nft = new Nft(options.namespace);
    this.flows = new FlowCounts(this.#nft, options.table);
  }

  async open(): Promise<void> {
    this.#stop = this.#options.store.onCommit((changed: readonly ChangedRow[]) => {
      if (changed.some(({ table }) => watched.test(table))) this.#soon();
    });
    await this.#apply();
  }

  get state(): PacketFilterState {
    return this.#state;
  }

  /** Id of the interface whose packets those of this address are. */
  readonly interfaceAt = (address: string): string | undefined => this.#hosts.get(address)?.id;

  /** Loads what is gone: whoever flushes the kernel's rulesets, as firewalls do when they start, lays no host open. */
  async check(): Promise<void> {
    if (this.#loaded === '' || (await this.#nft.tables()).has(this.#options.table)) return;
    this.#options.failed(new Error(`the table ${this.#options.table} was taken out of the kernel: it is loaded again`));
    this.#loaded = '';
    this.#soon();
    await this.settled();
  }

  /** Resolves when the filter is what the store says now. */
  async settled(): Promise<void> {
    if (this.#timer) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#working = this.#working.then(() => this.#apply());
    }
    await this.#working;
  }

  async close(): Promise<void> {
    this.#stop?.();
    clearTimeout(this.#timer);
    await this.#working;
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#working = this.#working.then(() => this.#apply());
    }, settleMs);
  }

  async #apply(): Promise<void> {
    const { store, scopes, table, isWanted, failed } = this.#options;
    try {
      const all = await scopes();
      const network = await packetNetwork(store, all);
      const here = hostsOf(network);
      const hosts = here.length;
      this.#hosts = new Map(here.flatMap((at) => at.addresses.map((address) => [address, at] as const)));
      if (hosts === 0 || !isWanted) {
        this.#state = {
          isEnforced: false,
          hosts,
          reason: hosts === 0 ? 'no host names a device' : 'packets.enforce is false',
        };
        return;
      }
      const problem = await this.#nft.problem();
      if (problem !== undefined) {
        this.#state = { isEnforced: false, hosts, reason: problem };
        failed(new Error(`security groups are not enforced on packets: ${problem}`));
        return;
      }
      const logged = await loggedAddresses(store, all, here);
      const text = ruleset(network, { table, logged });
      if (text !== this.#loaded) {
        // A new table begins to count at nothing. What the old one cannot tell is lost: rules do not wait for it.
        await this.flows.collect().catch(failed);
        await this.#nft.load(text);
        this.flows.begin(logged.length > 0);
        if (this.#loaded === '') await this.#nft.set(sysctls);
        this.#loaded = text;
      }
      this.#state = { isEnforced: true, hosts };
    } catch (error) {
      this.#state = { ...this.#state, reason: `not what EC2 says now: ${(error as Error).message}` };
      failed(error);
    }
  }
}

/** Of the interfaces that some flow log watches: by themselves, their subnet or their VPC. */
async function loggedAddresses(
  store: Store,
  scopes: readonly Scope[],
  hosts: readonly Interface[],
): Promise<readonly string[]> {
  const watchedIds = new Set<string>();
  for (const scope of scopes) {
    for (const { resource } of await readAll(store, flowLogs, scope)) watchedIds.add(resource);
  }
  if (watchedIds.size === 0) return [];
  return hosts
    .filter(({ id, subnet, vpc }) => [id, subnet, vpc].some((one) => one !== undefined && watchedIds.has(one)))
    .flatMap(({ addresses }) => addresses);
}
