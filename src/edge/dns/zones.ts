/** The zones of a snapshot, ready to be asked: which records a name has, and which zone speaks for it. */
import type { DnsRecordSettings, DnsZoneSettings } from '../snapshot.ts';

export interface Zone {
  /** Lower case, without a final dot. */
  readonly name: string;
  /** By name, then by type. */
  readonly names: ReadonlyMap<string, ReadonlyMap<string, readonly DnsRecordSettings[]>>;
  /** Names that have no records, but names below them: they exist all the same (RFC 4592, 2.2.2). */
  readonly between: ReadonlySet<string>;
}

export class Zones {
  readonly #zones = new Map<string, Zone>();

  constructor(settings: readonly DnsZoneSettings[]) {
    for (const { name, records } of settings) {
      const names = new Map<string, Map<string, DnsRecordSettings[]>>();
      for (const record of records) {
        const at = bare(record.name);
        const types = names.get(at) ?? new Map<string, DnsRecordSettings[]>();
        types.set(record.type, [...(types.get(record.type) ?? []), record]);
        names.set(at, types);
      }
      const apex = bare(name);
      this.#zones.set(apex, { name: apex, names, between: between(apex, names) });
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

function between(apex: string, names: ReadonlyMap<string, unknown>): Set<string> {
  const found = new Set<string>();
  for (const name of names.keys()) {
    for (let at = parentOf(name); at.length > apex.length && !found.has(at); at = parentOf(at)) {
      if (!names.has(at)) found.add(at);
    }
  }
  return found;
}

/** `a.b.c` → `b.c` */
export const parentOf = (name: string): string => name.slice(name.indexOf('.') + 1);

export const bare = (name: string): string => name.toLowerCase().replace(/\.$/, '');
