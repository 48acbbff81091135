/** What the DNS of this instance says to prove that a name is somebody's: only zones of its owner count. */
import { isWithin } from '../../services/route53/names.ts';
import { recordId, records } from '../../services/route53/state.ts';
import type { Reader } from '../../store/store.ts';
import { type PublicNames, publicNames } from './ownership.ts';

/**
 * @param name without its final dot
 * @returns what its CNAME leads to
 */
export async function cnameOf(reader: Reader, names: PublicNames, name: string): Promise<string | undefined> {
  const full = `${name.toLowerCase()}.`;
  const owner = names.ownerOf(full);
  const own = names.zones.filter((zone) => zone.account === owner && isWithin(full, zone.name));
  const [closest] = own.toSorted((a, b) => b.name.length - a.name.length);
  if (!closest) return undefined;
  const record = await reader.get(records, closest.id, recordId({ name: full, type: 'CNAME' }));
  return record?.values[0];
}

/** The account that owns a name by its zones; undefined where none contains it. */
export async function ownerOf(reader: Reader, name: string): Promise<string | undefined> {
  return (await publicNames(reader)).ownerOf(`${name.toLowerCase()}.`);
}
