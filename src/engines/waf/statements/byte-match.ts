/** ByteMatchStatement: a value is, begins with, ends with or contains the search string, anywhere or as a word. */
import { base64Decode } from '../transformations/base64.ts';
import type { ByteMatchStatement } from '../types.ts';
import type { CompileContext, Condition } from './condition.ts';
import { inspecting } from './inspecting.ts';

type Test = (value: string) => boolean;

export function byteMatch(statement: ByteMatchStatement, context: CompileContext): Condition {
  const text = searchText(statement.SearchString);
  const tests: Readonly<Record<ByteMatchStatement['PositionalConstraint'], Test>> = {
    EXACTLY: (value) => value === text,
    STARTS_WITH: (value) => value.startsWith(text),
    ENDS_WITH: (value) => value.endsWith(text),
    CONTAINS: (value) => value.includes(text),
    CONTAINS_WORD: (value) => containsWord(value, text),
  };
  const test = tests[statement.PositionalConstraint];
  const found = { matched: text };
  const look = (value: string) => (test(value) ? found : undefined);
  return inspecting(context, statement, { conditionType: 'BYTE_MATCH' }, look, [text]);
}

/** One character per byte. */
export function searchText(search: Uint8Array | string): string {
  return typeof search === 'string' ? base64Decode(search) : String.fromCharCode(...search);
}

function containsWord(value: string, word: string): boolean {
  for (let at = value.indexOf(word); at >= 0; at = value.indexOf(word, at + 1)) {
    if (!isWordAt(value, at - 1) && !isWordAt(value, at + word.length)) return true;
  }
  return false;
}

function isWordAt(value: string, at: number): boolean {
  const code = value.charCodeAt(at);
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code === 95 || (code >= 97 && code <= 122);
}
