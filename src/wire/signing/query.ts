/** A query string as its parts, undecoded. */

/** Parts of a query beyond which it is not read. */
const queryPartLimit = 1000;

export interface QueryPart {
  /** As received. */
  readonly rawName: string;
  readonly rawValue: string;
}

/** Splits at `&` and the first `=`; empty parts are dropped. Returns undefined above the limit. */
export function splitQuery(query: string): QueryPart[] | undefined {
  const parts: QueryPart[] = [];
  let start = 0;
  while (start <= query.length && query !== '') {
    let end = query.indexOf('&', start);
    if (end < 0) end = query.length;
    if (end > start) {
      if (parts.length === queryPartLimit) return undefined;
      const equals = query.indexOf('=', start);
      if (equals < 0 || equals >= end) parts.push({ rawName: query.slice(start, end), rawValue: '' });
      else parts.push({ rawName: query.slice(start, equals), rawValue: query.slice(equals + 1, end) });
    }
    start = end + 1;
  }
  return parts;
}
