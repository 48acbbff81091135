/** Bool, and the reading of truth values that Null shares. */
import { pair, typed } from './operator.ts';

/** `true` and `false` in any case; undefined for anything else. */
export function parseBool(text: string): boolean | undefined {
  const lower = text.length <= 5 ? text.toLowerCase() : text;
  if (lower === 'true') return true;
  return lower === 'false' ? false : undefined;
}

export const bool = pair(typed(parseBool, (actual, wanted) => actual === wanted)).plain;
