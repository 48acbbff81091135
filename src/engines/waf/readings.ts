/**
 * What the rules of a web ACL read, each thing once: a field, and each step of transformation after it, has a number under
 * which an inspection remembers what it came to.
 */
import type { FieldToMatch } from './field-types.ts';
import type { FieldReader } from './fields/reader.ts';
import { readerOf } from './fields/table.ts';
import type { FieldValues } from './fields/values.ts';
import { InvalidParameter } from './invalid-parameter.ts';
import { LiteralGate } from './literals/gate.ts';
import { RegexMemory } from './regex/memory.ts';
import { type Transform, transformations } from './transformations/table.ts';
import type { PreParseTextTransformation, TextTransformation } from './types.ts';

export interface Reading {
  readonly index: number;
  /** Of a field as it came. */
  readonly read?: FieldReader;
  /** Or of another reading, with one transformation more. */
  readonly from?: Reading;
  readonly transform?: Transform;
  /** Before the statements that look into it. */
  readonly gate: LiteralGate;
}

/** For the states of all regular expressions of a web ACL. */
const mostRegexBytes = 32 * 1024 * 1024;

export class Readings {
  readonly regexMemory = new RegexMemory(mostRegexBytes);
  readonly #known = new Map<string, Reading>();

  get count(): number {
    return this.#known.size;
  }

  of(
    field: FieldToMatch,
    steps: readonly TextTransformation[],
    preParse: readonly PreParseTextTransformation[] = [],
  ): Reading {
    let key = JSON.stringify([field, preParse]);
    let reading = this.#known.get(key);
    if (!reading) {
      const read = readerOf(field, preParse);
      if (!read) throw new InvalidParameter('FIELD_TO_MATCH', JSON.stringify(field), 'It names no part of a request.');
      reading = { index: this.#known.size, read, gate: new LiteralGate() };
      this.#known.set(key, reading);
    }
    for (const { Type } of steps.toSorted((left, right) => left.Priority - right.Priority)) {
      if (Type === 'NONE') continue;
      key += `>${Type}`;
      let next = this.#known.get(key);
      if (!next) {
        next = { index: this.#known.size, from: reading, transform: transformations[Type], gate: new LiteralGate() };
        this.#known.set(key, next);
      }
      reading = next;
    }
    return reading;
  }
}

export function transformed(values: FieldValues, transform: Transform): FieldValues {
  if (values.settled !== undefined || values.values.length === 0) return values;
  return { ...values, values: values.values.map(transform) };
}
