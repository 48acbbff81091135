/** The zones of a snapshot, ready to be asked: which records a name has, and which zone speaks for it. */
import type { DnsRecordSettings, DnsZoneSettings } from '../snapshot.ts';

export interface Zone {
  /** Lower case, without a final dot. */
  readonly name: string;
  /** By name, then by type. */
  readonly names: ReadonlyMap<string, ReadonlyMap<string, readonly DnsRecordSettings[]>>;
  /** The zone's own name, and those between it and the names that have records: they exist, whatever they have. */
  readonly parents: ReadonlySet<string>;
}

export class Zones {
  readonly #zones = new Map<string, Zone>();

  constructor(settings: readonly DnsZoneSettings[]) {
    for (const { name, records } of settings) {
      const names = new Map<string, Map<string, DnsRecordSettings[]>>();
      for (const record of records) {
        const at = bare(record.name);
        const types = names.get(at) ?? new Map<string, DnsRecordSettings[]>();
        const same = types.get(record.type);
        if (same) same.push(record);
        else types.set(record.type, [record]);
        names.set(at, types);
      }
      this.#zones.set(bare(name), { name: bare(name), names, parents: parentsOf(names.keys(), bare(name)) });
    }
  }

  /** The one with the longest name that the question lies in. */
  zoneOf(name: string): Zone | undefined {
    for (let at = name; ; at = at.slice(at.indexOf('.') + 1)) {
      const found = this.#zones.get(at);
      if (found) return found;
      if (!at.includes('.')) return undefined;
    }
  }

  get size(): number {
    return this.#zones.size;
  }
}

function parentsOf(names: Iterable<string>, zone: string): ReadonlySet<string> {
  const found = new Set([zone]);
  for (const name of names) {
    for (let at = parentOf(name); at.endsWith(`.${zone}`) && !found.has(at); at = parentOf(at)) found.add(at);
  }
  return found;
}

/** `a.b.c` → `b.c` */
export const parentOf = (name: string): string => name.slice(name.indexOf('.') + 1);

export const bare = (name: string): string => name.toLowerCase().replace(/\.$/, '');
