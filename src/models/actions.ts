/** Action names of the service authorization reference (generated table, loaded on first use). */
import { readFileSync } from 'node:fs';

let table: Readonly<Record<string, string>> | undefined;
const sets = new Map<string, ReadonlyMap<string, string>>();

/** Known actions of a service prefix by lower-case name, in AWS's spelling; undefined for an unknown prefix. */
export function knownActions(service: string): ReadonlyMap<string, string> | undefined {
  table ??= JSON.parse(readFileSync(new URL('./actions.json', import.meta.url), 'utf8')) as Record<string, string>;
  const known = sets.get(service);
  if (known) return known;
  if (!Object.hasOwn(table, service)) return undefined;
  const made = new Map((table[service] ?? '').split(' ').map((name) => [name.toLowerCase(), name]));
  sets.set(service, made);
  return made;
}
