/** Pre-parse transformations: of the whole query string, before it is read as arguments. */
import type { PreParseTextTransformationType } from '../types.ts';
import { lowercase } from './letter-case.ts';
import type { Transform } from './table.ts';
import { urlDecode, urlDecodeUni } from './url.ts';

export const preParseTransformations: Readonly<Record<PreParseTextTransformationType, Transform>> = {
  COMBINE_DUPLICATE_QUERY_ARGS_BY_COMMA: combineDuplicates,
  NONE: (query) => query,
  REPLACE_SEMICOLONS_WITH_AMPERSANDS: (query) => query.replaceAll(';', '&'),
  URL_DECODE: urlDecode,
  URL_DECODE_UNI: urlDecodeUni,
};

/** `a=1&b=2&A=3` becomes `a=1,3&b=2`, as origins do that join arguments of one name. */
function combineDuplicates(query: string): string {
  const values = new Map<string, { readonly name: string; value: string }>();
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? '' : part.slice(equals + 1);
    const known = values.get(lowercase(name));
    if (known) known.value += `,${value}`;
    else values.set(lowercase(name), { name, value });
  }
  return Array.from(values.values(), ({ name, value }) => `${name}=${value}`).join('&');
}
