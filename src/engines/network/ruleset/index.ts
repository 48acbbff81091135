/**
 * Makes one nftables script of a network: the whole table, replaced in one transaction. Packets are judged where they are
 * forwarded, outside the host that they are meant for, so that the host never sees what is dropped.
 */

import { type Family, families, familyOf, ofFamily } from '../family.ts';
import { hostsOf } from '../hosts.ts';
import { TCP } from '../protocols.ts';
import { isForEverybody } from '../tracking.ts';
import type { Interface, Network } from '../types.ts';
import { aclChains, subnetChain, subnetSets } from './acls.ts';
import { flowChains, flowSets } from './flows.ts';
import { groupChains, groupsChain, referencedSets } from './groups.ts';
import { defaultLimits, type ShaperLimits, shaperChains, shaperSets, synproxyLines } from './shapers.ts';
import { addressType, chain, device, header, verdictMap } from './text.ts';
import { answeredChain, askIn, askOut, untrackedChains } from './untracked.ts';

export interface RulesetOptions {
  /** Of the table; every node's tables are its own. */
  readonly table?: string;
  /** Addresses of interfaces whose flows are logged. */
  readonly logged?: readonly string[];
  readonly limits?: ShaperLimits;
  /**
   * Answer floods of handshakes with ports that everybody may reach on the host's behalf. Needs the node to be the only
   * way to the host, and `sysctls`.
   */
  readonly answersHandshakes?: boolean;
}

/** @throws RangeError for ids, devices and the like that are none */
export function ruleset(network: Network, options: RulesetOptions = {}): string {
  const { table = 'bailey', logged = [], limits = defaultLimits, answersHandshakes = true } = options;
  if (!/^[a-z_][a-z0-9_]{0,30}$/.test(table)) throw new RangeError(`${JSON.stringify(table)} is no name of a table`);
  const here: Network = { ...network, interfaces: hostsOf(network) };
  const guarded = {
    addresses: here.interfaces.flatMap(({ addresses }) => addresses),
    publicPorts: answersHandshakes ? publicPorts(here) : [],
  };
  const parts = [
    ...shaperSets(guarded),
    ...flowSets(logged),
    ...referencedSets(here, network),
    ...subnetSets(here, network),
    ...flowChains(),
    ...untrackedChains(),
    ...groupChains(here),
    ...aclChains(here),
    ...families.flatMap((family) => maps(here, family)),
    ...shaperChains(limits),
    astray(),
    forwarding(here),
    answeredChain(),
  ];
  // Declared before it is deleted, so that the script also works the first time.
  return `table inet ${table} {\n}\ndelete table inet ${table}\ntable inet ${table} {\n${parts.join('\n')}\n}\n`;
}

function maps(network: Network, family: Family): string[] {
  const entries = (verdict: (at: Interface) => string): [string, string][] =>
    network.interfaces.flatMap((at) =>
      at.addresses.filter((one) => familyOf(one) === family).map((one): [string, string] => [one, verdict(at)]),
    );
  const type = addressType(family);
  return [
    verdictMap(
      `groups_in_${family}`,
      type,
      entries(({ groups }) => `jump ${groupsChain('ingress', groups)}`),
    ),
    verdictMap(
      `groups_out_${family}`,
      type,
      entries(({ groups }) => `jump ${groupsChain('egress', groups)}`),
    ),
    verdictMap(
      `borders_in_${family}`,
      type,
      entries(({ subnet }) => `jump ${subnetChain('ingress', subnet)}`),
    ),
    verdictMap(
      `borders_out_${family}`,
      type,
      entries(({ subnet }) => `jump ${subnetChain('egress', subnet)}`),
    ),
  ];
}

/** Out of one host through its groups and its subnet's border, then into another the other way round. */
function forwarding(network: Network): string {
  const each = (line: (family: Family, ip: string) => string): string[] =>
    families.map((one) => line(one, header(one)));
  return chain(
    'forwarded',
    [
      ...spoofing(network),
      ...families.flatMap(askOut),
      ...each((family, ip) => `ct state invalid ${ip} saddr @guarded_${family} jump astray_out`),
      ...each((family, ip) => `${ip} saddr vmap @borders_out_${family}`),
      'jump pass_out',
      ...each((family, ip) => `${ip} daddr vmap @borders_in_${family}`),
      // After the border, which may refuse a source that the port itself would take.
      ...synproxyLines(),
      ...families.flatMap(askIn),
      ...each((family, ip) => `ct state invalid ${ip} daddr @guarded_${family} goto reject_in`),
      'jump pass_in',
    ],
    'type filter hook forward priority filter; policy accept;',
  );
}

/** What belongs to no flow leaves no host, or groups would be asked in vain: but for handshakes that are answered here. */
const astray = (): string =>
  chain('astray_out', [
    ...families.map((family) => `${header(family)} daddr . tcp dport @open_${family} return`),
    'goto reject_out',
  ]);

/**
 * Hosts speak under their own addresses only. Those behind one device are not told apart here: where one of them may speak
 * for others, none is asked.
 */
function spoofing(network: Network): string[] {
  const byDevice = Map.groupBy(network.interfaces, (one) => one.device ?? '');
  return [...byDevice].flatMap(([name, hosts]) => {
    if (!hosts.every(({ checksSource }) => checksSource)) return [];
    const from = `iifname ${device(name)}`;
    return families.map((family) => {
      const own = ofFamily(
        family,
        hosts.flatMap(({ addresses }) => addresses),
      );
      if (own.length === 0) return `${from} meta nfproto ${family === '4' ? 'ipv4' : 'ipv6'} goto reject_out`;
      return `${from} ${header(family)} saddr != { ${own.join(', ')} } goto reject_out`;
    });
  });
}

/** Ranges wider than this are left to connection tracking: a set of single ports would be too long. */
const MOST_PORTS = 64;

/** The TCP ports that a rule opens to everybody, where synthetic handshakes pay. */
function publicPorts(network: Network): { address: string; port: number }[] {
  return network.interfaces.flatMap((at) => {
    const rules = at.groups.flatMap((id) => network.groups.get(id)?.rules ?? []);
    const narrow = rules.filter(
      ({ direction, protocol, ports }) =>
        direction === 'ingress' && protocol === TCP && ports.to - ports.from < MOST_PORTS,
    );
    return families.flatMap((family) => {
      const open = narrow.filter((rule) => isForEverybody(rule, family)).map(({ ports }) => ports);
      const ports = new Set(
        open.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, place) => from + place)),
      );
      return ofFamily(family, at.addresses).flatMap((address) => [...ports].map((port) => ({ address, port })));
    });
  });
}
