/** SingleQueryArgument and AllQueryArguments: values as sent, after the pre-parse transformations if there are any. */
import type { FieldToMatch } from '../field-types.ts';
import { lowercase } from '../transformations/letter-case.ts';
import { preParseTransformations } from '../transformations/query-string.ts';
import type { PreParseTextTransformation } from '../types.ts';
import type { NamedValue } from '../view.ts';
import type { FieldReader, FieldSource } from './reader.ts';

export function parseQuery(query: string): NamedValue[] {
  const found: NamedValue[] = [];
  if (query === '') return found;
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    found.push(equals < 0 ? { name: part, value: '' } : { name: part.slice(0, equals), value: part.slice(equals + 1) });
  }
  return found;
}

type PreParse = readonly PreParseTextTransformation[];

function argumentsAfter(preParse: PreParse): (source: FieldSource) => readonly NamedValue[] {
  const steps = preParse
    .toSorted((left, right) => left.Priority - right.Priority)
    .filter(({ Type }) => Type !== 'NONE')
    .map(({ Type }) => preParseTransformations[Type]);
  if (steps.length === 0) return (source) => source.queryArguments;
  return (source) => parseQuery(steps.reduce((query, step) => step(query), source.request.query));
}

export function singleQueryArgument(
  field: NonNullable<FieldToMatch['SingleQueryArgument']>,
  preParse: PreParse,
): FieldReader {
  const wanted = lowercase(field.Name);
  const read = argumentsAfter(preParse);
  return (source) => {
    const found = read(source).filter(({ name }) => lowercase(name) === wanted);
    return {
      location: 'SINGLE_QUERY_ARG',
      values: found.map(({ value }) => value),
      names: found.map(({ name }) => name),
    };
  };
}

export function allQueryArguments(preParse: PreParse): FieldReader {
  const read = argumentsAfter(preParse);
  return (source) => {
    const found = read(source);
    return {
      location: 'ALL_QUERY_ARGS',
      values: found.map(({ value }) => value),
      names: found.map(({ name }) => name),
    };
  };
}
