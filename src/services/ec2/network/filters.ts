/** Filters of the Describe operations: any value of a filter, all filters; `*` and `?` stand for characters. */
import type { Filter } from '@aws-sdk/client-ec2';
import { glob, hasReserved, matches } from '../../../engines/text/glob.ts';
import { refused } from './errors.ts';
import type { Tags } from './tags.ts';

type Value = string | boolean | number | readonly string[] | undefined;
/** By filter name: what it is compared with. Every name that the operation knows is there. */
export type Facts<T> = Readonly<Record<string, (row: T) => Value>>;

const MOST_VALUES = 200;

/** @throws InvalidParameterValue for filters that the operation does not know, whether there are rows or not */
export function filtered<T>(filters: readonly Filter[] | undefined, facts: Facts<T>): (row: T, tags: Tags) => boolean {
  const tests = (filters ?? []).map(({ Name: name = '', Values: values = [] }) => {
    if (values.length > MOST_VALUES) {
      throw refused('FilterLimitExceeded', `The maximum number of filter values is ${MOST_VALUES}.`);
    }
    const patterns = values.filter((value) => !hasReserved(value)).map(glob);
    const present = valuesOf(name, facts);
    return (row: T, tags: Tags) => present(row, tags).some((value) => patterns.some((one) => matches(one, value)));
  });
  return (row, tags) => tests.every((test) => test(row, tags));
}

function valuesOf<T>(name: string, facts: Facts<T>): (row: T, tags: Tags) => readonly string[] {
  if (name.startsWith('tag:')) {
    const key = name.slice('tag:'.length);
    return (_row, tags) => (tags[key] === undefined ? [] : [tags[key]]);
  }
  if (name === 'tag-key') return (_row, tags) => Object.keys(tags);
  if (name === 'tag-value') return (_row, tags) => Object.values(tags);
  const fact = Object.hasOwn(facts, name) ? facts[name] : undefined;
  if (!fact) throw refused('InvalidParameterValue', `The filter '${name}' is invalid`);
  return (row) => {
    const value = fact(row);
    if (value === undefined) return [];
    return typeof value === 'object' ? value : [String(value)];
  };
}
