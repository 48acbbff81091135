/** Cookies: all, or those included or not excluded; names, values or both; the first 200 and 8 KB of them. */
import type { Cookies } from '../field-types.ts';
import { decided, limited } from './limits.ts';
import { pairFilter, pairValues } from './name-value-pairs.ts';
import type { FieldReader } from './reader.ts';
import { settled } from './values.ts';

const key = {};

export function cookies(field: Cookies): FieldReader {
  const takes = pairFilter(field.MatchPattern.IncludedCookies, field.MatchPattern.ExcludedCookies);
  return (source) => {
    const { pairs, isOversize } = source.once(key, () => limited(source.cookies));
    if (isOversize) source.noteOversize('REQUEST_COOKIES');
    const answer = decided(isOversize, field.OversizeHandling);
    return answer ? settled('COOKIE', answer) : pairValues('COOKIE', pairs, field.MatchScope, takes);
  };
}
