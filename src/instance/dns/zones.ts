/** Zones as the DNS listener takes them: aliases resolved to addresses, what is checked marked as well or not. */
import type { DnsRecordSettings, DnsZoneSettings } from '../../edge/snapshot.ts';
import { type PendingChallenge, pendingChallenges } from '../../services/acm/reading.ts';
import { allDistributions } from '../../services/cloudfront/reading.ts';
import { allLoadBalancers } from '../../services/elasticloadbalancing/reading.ts';
import type { Route53Ports } from '../../services/route53/ports.ts';
import { type RecordRow, records, type ZoneRow } from '../../services/route53/state.ts';
import type { Reader } from '../../store/store.ts';
import type { NodeAddresses } from '../edge/nodes.ts';
import { namesAbove, type PublicNames, publicNames } from './ownership.ts';

export interface DnsParts {
  readonly reader: Reader;
  readonly health: Route53Ports['health'];
  /** Of the nodes that carry traffic now. */
  readonly nodes: NodeAddresses;
}

/** Clients ask again soon, so that a node that is gone is not tried for long. */
const nodeTtl = 5;

export async function dnsZones({ reader, health, nodes }: DnsParts): Promise<readonly DnsZoneSettings[]> {
  const distributions = await allDistributions(reader);
  // What nodes answer for: names that Elastic Load Balancing gave, and CloudFront.
  const carried = new Map<string, readonly string[]>();
  for (const { dnsName, zones } of await allLoadBalancers(reader)) {
    carried.set(dnsName.toLowerCase(), nodes.ofZones(zones.map(({ zone }) => zone)));
  }
  for (const { domainName } of distributions) carried.set(domainName, nodes.ofDistributions());
  const names = await publicNames(reader);
  const all = await Promise.all(
    names.zones.map(async (zone) => ({ zone, rows: (await reader.list(records, zone.id)).map(({ value }) => value) })),
  );
  const found = answering(all, names).map(({ zone, rows }) => {
    const led = plainRecords(rows);
    return {
      id: zone.id,
      name: zone.name,
      records: rows.flatMap((row) => shown(row, led, carried, health)),
    };
  });
  const asked = (await pendingChallenges(reader)).filter(({ way }) => way === 'dns-01');
  return [...withChallenges(found, asked), ...ownZones(carried)];
}

interface PublicZone {
  readonly zone: ZoneRow;
  readonly rows: readonly RecordRow[];
}

/**
 * Route 53 gives every zone name servers of its own, and the zone above, or a registry, says which count. Here one name
 * server answers for all: whoever owns a name speaks for it, and whoever they delegate to.
 */
function answering(all: readonly PublicZone[], names: PublicNames): readonly PublicZone[] {
  const byName = Map.groupBy(all, ({ zone }) => zone.name);
  const found = new Map<string, PublicZone>();
  // Wider zones first: who answers for what lies within them is known then.
  for (const name of [...byName.keys()].sort((a, b) => a.length - b.length)) {
    const same = byName.get(name) ?? [];
    const leading = namesAbove(name).flatMap((above) => serversOf(found.get(above)?.rows ?? [], name));
    const guest = delegated(same, new Set(leading));
    const owner = names.ownerOf(name);
    const own = same.find((one) => one.zone.account === owner || one === guest);
    if (own) found.set(name, own);
  }
  return [...byName.keys()].flatMap((name) => found.get(name) ?? []);
}

const bare = (server: string): string => server.toLowerCase().replace(/\.$/, '');

/** Name servers that records of a zone above lead to. */
function serversOf(rows: readonly RecordRow[], name: string): string[] {
  return rows.filter((row) => row.type === 'NS' && row.name === name).flatMap(({ values }) => values.map(bare));
}

/** The zone whose name servers these are; nobody's where they are several accounts', who could not be told apart. */
function delegated(same: readonly PublicZone[], servers: ReadonlySet<string>): PublicZone | undefined {
  const [one, ...others] = same.filter(({ zone }) => zone.nameServers.some((server) => servers.has(bare(server))));
  return others.every(({ zone }) => zone.account === one?.zone.account) ? one : undefined;
}

/** Short: another order has another answer. */
const challengeTtl = 1;

/** What a certificate authority asks the DNS (RFC 8555, 8.4): beside what the zone itself says under that name. */
function withChallenges(
  zones: readonly DnsZoneSettings[],
  asked: readonly Pick<PendingChallenge, 'domain' | 'answer'>[],
): readonly DnsZoneSettings[] {
  if (asked.length === 0) return zones;
  return zones.map((zone) => {
    const here = asked.filter(({ domain }) => `${domain}.`.endsWith(`.${zone.name}`) || `${domain}.` === zone.name);
    const names = new Set(here.map(({ domain }) => `_acme-challenge.${domain.replace(/^\*\./, '')}.`));
    const records = [...names].map((name): DnsRecordSettings => {
      const own = zone.records.filter((one) => one.name === name && one.type === 'TXT').flatMap(({ values }) => values);
      const answers = here.filter(({ domain }) => name === `_acme-challenge.${domain.replace(/^\*\./, '')}.`);
      return { name, type: 'TXT', ttl: challengeTtl, values: [...own, ...answers.map(({ answer }) => `"${answer}"`)] };
    });
    const others = zone.records.filter((one) => one.type !== 'TXT' || !names.has(one.name));
    return { ...zone, records: [...others, ...records] };
  });
}

const nameAndType = ({ name, type }: Pick<RecordRow, 'name' | 'type'>): string => `${name} ${type}`;

/** What aliases within the zone may lead to: the first record of each name and type that is no alias itself. */
function plainRecords(rows: readonly RecordRow[]): ReadonlyMap<string, RecordRow> {
  const found = new Map<string, RecordRow>();
  for (const row of rows) if (!row.alias && !found.has(nameAndType(row))) found.set(nameAndType(row), row);
  return found;
}

function shown(
  row: RecordRow,
  led: ReadonlyMap<string, RecordRow>,
  carried: ReadonlyMap<string, readonly string[]>,
  health: Route53Ports['health'],
): DnsRecordSettings[] {
  const checked = row.healthCheck === undefined ? undefined : health(row.healthCheck)?.isHealthy;
  const base = {
    name: row.name,
    type: row.type,
    ...(row.weight !== undefined && { weight: row.weight }),
    ...(row.failover !== undefined && { failover: row.failover }),
    ...(checked !== undefined && { isHealthy: checked }),
  };
  if (!row.alias) return [{ ...base, ttl: row.ttl ?? 0, values: row.values }];
  const target = row.alias.dnsName.replace(/\.$/, '').replace(/^dualstack\./, '');
  const nodes = carried.get(target);
  if (nodes) {
    const values = nodes.filter((one) => one.includes(':') === (row.type === 'AAAA'));
    return values.length > 0 ? [{ ...base, ttl: nodeTtl, values }] : [];
  }
  const inZone = led.get(nameAndType({ name: row.alias.dnsName, type: row.type }));
  return inZone ? [{ ...base, ttl: inZone.ttl ?? 0, values: inZone.values }] : [];
}

/** The names that Elastic Load Balancing gives: one zone for each region. */
function ownZones(carried: ReadonlyMap<string, readonly string[]>): DnsZoneSettings[] {
  const byZone = new Map<string, DnsRecordSettings[]>();
  for (const [dnsName, nodes] of carried) {
    const zone = `${dnsName.slice(dnsName.indexOf('.') + 1)}.`;
    const listed = byZone.get(zone) ?? [];
    for (const type of ['A', 'AAAA']) {
      const values = nodes.filter((one) => one.includes(':') === (type === 'AAAA'));
      if (values.length > 0) listed.push({ name: `${dnsName}.`, type, ttl: nodeTtl, values });
    }
    byZone.set(zone, listed);
  }
  return [...byZone].map(([name, all]) => ({
    id: `elb ${name}`,
    name,
    records: [
      {
        name,
        type: 'SOA',
        ttl: nodeTtl,
        values: [`ns.bailey.localhost. hostmaster.${name} 1 7200 900 1209600 ${nodeTtl}`],
      },
      ...all,
    ],
  }));
}
