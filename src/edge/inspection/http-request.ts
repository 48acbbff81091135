/** A request as the web application firewall takes it. */
import { usualName } from '../../engines/waf/header-names.ts';
import type { HttpRequest } from '../../engines/waf/index.ts';
import type { Exchange } from '../exchange.ts';
import type { Head } from '../intake/head.ts';
import type { Places } from './places.ts';

/** What managed groups may look into, whatever the web ACL's own statements see. */
export const deepBodyBytes = 65_536;

/** @param limit bytes of the body that the web ACL's statements see */
export function httpRequestOf(
  exchange: Exchange,
  head: Head,
  places: Places,
  isSecure: boolean,
  limit: number,
): HttpRequest {
  const { connection, body, inflated } = exchange;
  const { fingerprint } = connection;
  connection.place ??= places.find(connection.client);
  const start = inflated?.start ?? body.start;
  const inspected = start.length > limit ? start.subarray(0, limit) : start;
  return {
    method: head.method,
    path: head.path,
    query: head.query,
    version: `HTTP/${head.httpVersion}`,
    headers: pairsOf(exchange.incoming.rawHeaders),
    body: inspected,
    ...(inspected !== start && { deepBody: start.length > deepBodyBytes ? start.subarray(0, deepBodyBytes) : start }),
    bodySize: inflated ? sizeOf(inflated.start.length, inflated.isWhole, limit) : body.size,
    source: {
      ip: connection.client,
      ...connection.place,
      ...(fingerprint && { ja3: fingerprint.ja3, ja4: fingerprint.ja4 }),
    },
    isSecure,
    host: head.host,
  };
}

/** What was not opened to its end is longer than what was. */
function sizeOf(length: number, isWhole: boolean, limit: number): number {
  return isWhole ? length : Math.max(length, limit) + 1;
}

/** Names and values, without the lines that HTTP/2 makes of the request line. */
function pairsOf(raw: readonly string[]): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    const sent = raw[at] as string;
    const name = usualName(sent)?.sent ?? sent;
    if (name.charCodeAt(0) !== 58) pairs.push([name, raw[at + 1] as string]);
    else if (name === ':authority') pairs.push(['host', raw[at + 1] as string]);
  }
  return pairs;
}
