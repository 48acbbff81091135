/** JsonBody: keys, values or both, of the whole body or below JSON pointers. */
import type { JsonBody } from '../field-types.ts';
import { readJson } from './json-text.ts';
import { decided } from './limits.ts';
import type { FieldReader } from './reader.ts';
import { type FieldValues, nothing, settled } from './values.ts';

const key = {};

export function jsonBody(field: JsonBody): FieldReader {
  const included = field.MatchPattern.IncludedPaths;
  const takes = included
    ? (pointer: string): boolean =>
        included.some((path) => pointer === path || (pointer.startsWith(path) && pointer[path.length] === '/'))
    : (): boolean => true;
  return (source): FieldValues => {
    if (source.isBodyOversize) source.noteOversize('REQUEST_JSON_BODY');
    const answer = decided(source.isBodyOversize, field.OversizeHandling);
    if (answer) return settled('JSON_BODY', answer);
    if (source.body === '') return nothing('JSON_BODY');
    const { parts, isSound } = source.once(key, () => readJson(source.body));
    const fallback = isSound ? undefined : field.InvalidFallbackBehavior;
    if (fallback === 'MATCH' || fallback === 'NO_MATCH') return settled('JSON_BODY', fallback);
    // What could be read counts beside the text: it has no escapes to hide behind.
    const values = fallback ? [source.body] : [];
    const names: (string | undefined)[] = fallback ? [undefined] : [];
    for (const { isKey, pointer, text } of parts) {
      if (field.MatchScope === (isKey ? 'VALUE' : 'KEY') || !takes(pointer)) continue;
      values.push(text);
      names.push(pointer);
    }
    return { location: 'JSON_BODY', values, names };
  };
}
