/** The condition values of a simulated request: what the call enters, over what the simulated caller itself tells. */
import type { ContextEntry } from '@aws-sdk/client-iam';
import type { Context } from '../../engines/policy/types.ts';
import { parseAddress, parseCidr } from '../../engines/text/address.ts';
import type { ConditionValues } from '../service.ts';
import { invalidInput } from './errors.ts';

type Values = ReadonlyMap<string, string | readonly string[]>;

/** Remembers which keys were asked for in vain. */
export class SimulatedContext implements Context {
  readonly #values: Values;
  readonly #missing = new Set<string>();

  constructor(values: Values) {
    this.#values = values;
  }

  get(lowerCaseKey: string): string | readonly string[] | undefined {
    const value = this.#values.get(lowerCaseKey);
    if (value === undefined) this.#missing.add(lowerCaseKey);
    return value;
  }

  /** In lower case. */
  get missing(): readonly string[] {
    return [...this.#missing].sort();
  }
}

/**
 * @param known what is true of the simulated caller unless an entry says otherwise
 * @throws InvalidInput for values that are not of the type that the entry names
 */
export function simulatedValues(entries: readonly ContextEntry[] | undefined, known: ConditionValues): Values {
  const values = new Map<string, string | readonly string[]>();
  for (const [key, value] of Object.entries(known)) if (value !== undefined) values.set(key.toLowerCase(), value);
  const seen = new Set<string>();
  for (const entry of entries ?? []) {
    const key = (entry.ContextKeyName ?? '').toLowerCase();
    if (key === '' || seen.has(key)) throw invalidInput(`Context key ${entry.ContextKeyName} is given twice.`);
    seen.add(key);
    values.set(key, entryValue(entry));
  }
  return values;
}

function entryValue(entry: ContextEntry): string | readonly string[] {
  const type = entry.ContextKeyType ?? 'string';
  const given = entry.ContextKeyValues ?? [];
  const isList = type.endsWith('List');
  const single = isList ? type.slice(0, -'List'.length) : type;
  const wellFormed = forms[single];
  const fits = wellFormed !== undefined && given.every(wellFormed);
  if (!fits || (!isList && given.length !== 1)) {
    throw invalidInput(`The values of context key ${entry.ContextKeyName} are not of type ${type}.`);
  }
  return isList ? [...given] : (given[0] ?? '');
}

/** The twelve types are these six, alone or as lists. */
const forms: Readonly<Record<string, (value: string) => boolean>> = {
  string: () => true,
  numeric: (value) => value.trim() !== '' && Number.isFinite(Number(value)),
  boolean: (value) => value.toLowerCase() === 'true' || value.toLowerCase() === 'false',
  ip: (value) => parseAddress(value) !== undefined || parseCidr(value) !== undefined,
  binary: (value) => Buffer.from(value, 'base64').toString('base64') === value,
  date: (value) => Number.isFinite(Number(value)) || !Number.isNaN(Date.parse(value)),
};
