/** What the DNS of this instance says to prove that a name is somebody's: only the zone of its first owner counts. */
import { accounts } from '../../services/account/state.ts';
import { recordId, records, type ZoneRow, zones } from '../../services/route53/state.ts';
import type { Reader } from '../../store/store.ts';

/**
 * Nobody delegates names here, so anybody may make a zone of any name. The account whose zone contained the name first
 * owns it: another's later zone, wider or narrower, proves nothing.
 * @param name without its final dot
 * @returns what its CNAME leads to
 */
export async function cnameOf(reader: Reader, name: string): Promise<string | undefined> {
  const full = `${name.toLowerCase()}.`;
  const { containing, owner } = await zonesOf(reader, full);
  const own = containing.filter(({ account }) => account === owner);
  const [closest] = own.toSorted((a, b) => b.name.length - a.name.length || a.createdAt - b.createdAt);
  if (!closest) return undefined;
  const record = await reader.get(records, closest.id, recordId({ name: full, type: 'CNAME' }));
  return record?.values[0];
}

/** The account that owns a name by its zones; undefined where none contains it. */
export async function ownerOf(reader: Reader, name: string): Promise<string | undefined> {
  return (await zonesOf(reader, `${name.toLowerCase()}.`)).owner;
}

async function zonesOf(reader: Reader, full: string) {
  const containing: ZoneRow[] = [];
  for (const { id } of await reader.list(accounts, '')) {
    for (const { value } of await reader.list(zones, id)) {
      if (!value.isPrivate && (full === value.name || full.endsWith(`.${value.name}`))) containing.push(value);
    }
  }
  const [first] = containing.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  return { containing, owner: first?.account };
}
