/**
 * Answers one question with authority, or refuses it: names outside our zones are nobody's business here, and nothing is
 * ever looked up elsewhere. RFC 1034, 2308 and 8482.
 */
import type { Answer, DecodedPacket, Packet, StringRecordType } from 'dns-packet';
import type { DnsRecordSettings } from '../snapshot.ts';
import { choose } from './choose.ts';
import { dataOf } from './data.ts';
import { bare, parentOf, type Zone, type Zones } from './zones.ts';

/** CNAMEs that one answer follows within our zones. */
const MOST_LINKS = 8;

export const AUTHORITATIVE = 1 << 10;
export const TRUNCATED = 1 << 9;
const RECURSION_DESIRED = 1 << 8;
const OPCODE = 0xf << 11;
/** Of a query, what its answer repeats: clients ignore an answer to something else. */
const REPEATED = OPCODE | RECURSION_DESIRED;

const codes = { NOERROR: 0, FORMERR: 1, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

const transfers: ReadonlySet<string> = new Set(['AXFR', 'IXFR']);

export type Reply = Packet & { readonly answers: Answer[] };

export function answer(zones: Zones, query: DecodedPacket, random: () => number): Reply {
  const [question, ...more] = query.questions ?? [];
  const reply = (code: keyof typeof codes, parts: Partial<Reply> = {}, flags = 0): Reply => ({
    type: 'response',
    id: query.id,
    flags: flags | ((query.flags ?? 0) & REPEATED) | codes[code],
    questions: query.questions ?? [],
    answers: [],
    authorities: [],
    ...parts,
  });
  if (((query.flags ?? 0) & OPCODE) !== 0) return reply('NOTIMP');
  if (question === undefined || more.length > 0) return reply('FORMERR');
  // Whole zones are for nobody to take.
  if (question.class !== 'IN' || transfers.has(question.type)) return reply('REFUSED');
  const zone = zones.zoneOf(bare(question.name));
  if (!zone) return reply('REFUSED');
  // All types at once are a means of reflection: a short answer says so (RFC 8482).
  if ((question.type as string) === 'ANY') {
    const answers: Answer[] = [{ name: question.name, type: 'HINFO', ttl: 3_600, data: { cpu: 'RFC8482', os: '' } }];
    return reply('NOERROR', { answers }, AUTHORITATIVE);
  }
  const answers: Answer[] = [];
  let name = bare(question.name);
  let shown = question.name;
  for (let link = 0; link < MOST_LINKS; link += 1) {
    const at = zones.zoneOf(name);
    if (!at) break;
    const delegated = delegationOf(at, name);
    if (delegated && question.type !== 'DS') {
      return reply('NOERROR', { answers, authorities: delegated, additionals: glueOf(at, delegated, random) });
    }
    const types = typesOf(at, name);
    if (!types)
      return reply(
        answers.length > 0 ? 'NOERROR' : 'NXDOMAIN',
        { answers, authorities: authorityOf(at) },
        AUTHORITATIVE,
      );
    const found = choose(types.get(question.type) ?? [], random);
    if (found.length > 0) {
      answers.push(...found.flatMap((record) => shownRecord(record, shown)));
      return reply('NOERROR', { answers }, AUTHORITATIVE);
    }
    const [alias] = choose(types.get('CNAME') ?? [], random);
    const target = alias?.values[0];
    if (!alias || target === undefined)
      return reply('NOERROR', { answers, authorities: authorityOf(at) }, AUTHORITATIVE);
    answers.push(...shownRecord(alias, shown));
    name = bare(target);
    shown = name;
  }
  return reply('NOERROR', { answers }, AUTHORITATIVE);
}

/** The name itself, or the star of its closest parent; an empty map for names that only have names below them. */
function typesOf(zone: Zone, name: string): ReadonlyMap<string, readonly DnsRecordSettings[]> | undefined {
  const own = zone.names.get(name);
  if (own) return own;
  if (zone.parents.has(name)) return new Map();
  for (let parent = name.slice(name.indexOf('.') + 1); ; parent = parent.slice(parent.indexOf('.') + 1)) {
    const star = zone.names.get(`*.${parent}`);
    if (star) return star;
    // A name that exists hides the star above it.
    if (zone.names.has(parent) || zone.parents.has(parent) || !parent.includes('.')) return undefined;
  }
}

/** Name servers of a part of the zone that somebody else speaks for. */
function delegationOf(zone: Zone, name: string): Answer[] | undefined {
  for (let at = name; at !== zone.name && at.includes('.'); at = parentOf(at)) {
    const servers = zone.names.get(at)?.get('NS');
    if (servers) return servers.flatMap((record) => shownRecord(record, at));
  }
  return undefined;
}

/** Addresses of name servers inside the zone: nobody else could be asked for those below the delegated name. */
function glueOf(zone: Zone, servers: readonly Answer[], random: () => number): Answer[] {
  const names = new Set(servers.flatMap((server) => ('data' in server ? [String(server.data)] : [])));
  return [...names].flatMap((name) =>
    addressTypes.flatMap((type) =>
      choose(zone.names.get(bare(name))?.get(type) ?? [], random).flatMap((record) => shownRecord(record, name)),
    ),
  );
}

const addressTypes = ['A', 'AAAA'] as const;

/** For how long a "no" may be remembered. */
function authorityOf(zone: Zone): Answer[] {
  const [soa] = zone.names.get(zone.name)?.get('SOA') ?? [];
  return soa ? shownRecord(soa, zone.name) : [];
}

function shownRecord({ type, ttl, values }: DnsRecordSettings, name: string): Answer[] {
  return values.flatMap((value) => {
    const data = dataOf(type, value);
    return data === undefined ? [] : [{ name, type: type as StringRecordType, ttl, class: 'IN', data } as Answer];
  });
}
