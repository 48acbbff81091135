/** Network ACLs as chains: they guard the border of a subnet, and ask of every packet, answers too. */

import { type Family, families, ofFamily } from '../family.ts';
import type { AclEntry, Network } from '../types.ts';
import { protocolMatch } from './matches.ts';
import { addressType, block, chain, header, name, set } from './text.ts';

type Direction = AclEntry['direction'];
const short = (direction: Direction): string => (direction === 'ingress' ? 'in' : 'out');

export const subnetChain = (direction: Direction, subnet: string): string =>
  `${name('border', subnet)}_${short(direction)}`;

/** Who lies in the subnets of the hosts here: packets between neighbours cross no border. */
export function subnetSets(hosts: Network, network: Network): string[] {
  return subnets(hosts).flatMap((subnet) => {
    const addresses = network.interfaces.filter((one) => one.subnet === subnet).flatMap((one) => one.addresses);
    return families.map((family) => {
      return set(`${name('subnet', subnet)}_${family}`, addressType(family), ofFamily(family, addresses));
    });
  });
}

export function aclChains(network: Network): string[] {
  const used = [...new Set(network.interfaces.map(({ acl }) => acl))].sort();
  const both = ['ingress', 'egress'] as const;
  return [
    ...used.flatMap((id) => both.map((direction) => chain(aclChain(direction, id), lines(network, id, direction)))),
    ...subnets(network).flatMap((subnet) => both.map((direction) => border(network, subnet, direction))),
  ];
}

const aclChain = (direction: Direction, acl: string): string => `${name('acl', acl)}_${short(direction)}`;
const subnets = (network: Network): string[] => [...new Set(network.interfaces.map(({ subnet }) => subnet))].sort();

function border(network: Network, subnet: string, direction: Direction): string {
  const acl = network.interfaces.find((one) => one.subnet === subnet)?.acl ?? '';
  const side = direction === 'ingress' ? 'saddr' : 'daddr';
  const neighbours = families.map((family) => `${header(family)} ${side} @${name('subnet', subnet)}_${family} return`);
  return chain(subnetChain(direction, subnet), [...neighbours, `goto ${aclChain(direction, acl)}`]);
}

/** The first line that matches decides; what none matches is denied. */
function lines(network: Network, id: string, direction: Direction): string[] {
  const entries = (network.acls.get(id)?.entries ?? []).filter((entry) => entry.direction === direction);
  const ordered = [...entries].sort((a, b) => a.number - b.number);
  return [...ordered.flatMap((entry) => families.flatMap((family) => line(entry, family) ?? [])), deny(direction)];
}

const deny = (direction: Direction): string => `goto reject_${short(direction)}`;

function line(entry: AclEntry, family: Family): string | undefined {
  const cidr = block(entry.cidr, family);
  const match = protocolMatch(entry.protocol, entry.ports, family);
  if (cidr === undefined || match === undefined) return undefined;
  const side = entry.direction === 'ingress' ? 'saddr' : 'daddr';
  return `${header(family)} ${side} ${cidr} ${match}${entry.allows ? 'return' : deny(entry.direction)}`;
}
