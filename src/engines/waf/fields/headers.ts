/** Headers: all, or those included or not excluded; names, values or both; the first 200 and 8 KB of them. */
import type { Headers } from '../field-types.ts';
import { decided, limited } from './limits.ts';
import { pairFilter, pairValues } from './name-value-pairs.ts';
import type { FieldReader, FieldSource } from './reader.ts';
import { settled } from './values.ts';

const key = {};

export function limitedHeaders(source: FieldSource) {
  return source.once(key, () => limited(source.request.headers.map(([name, value]) => ({ name, value }))));
}

export function headers(field: Headers): FieldReader {
  const takes = pairFilter(field.MatchPattern.IncludedHeaders, field.MatchPattern.ExcludedHeaders);
  return (source) => {
    const { pairs, isOversize } = limitedHeaders(source);
    if (isOversize) source.noteOversize('REQUEST_HEADERS');
    const answer = decided(isOversize, field.OversizeHandling);
    return answer ? settled('HEADER', answer) : pairValues('HEADER', pairs, field.MatchScope, takes);
  };
}
