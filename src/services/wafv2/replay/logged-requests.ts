/** Requests out of the lines of a web ACL's log. Bodies are not in logs: what was found there is not found again. */
import type { HttpRequest } from '../../../engines/waf/request.ts';

export interface LoggedRequest {
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly request: HttpRequest;
  readonly action: string;
}

/** Lines that are none, or of other web ACLs, are passed over. */
export function loggedRequests(log: string, webAclArn: string): LoggedRequest[] {
  const found: LoggedRequest[] = [];
  for (const line of log.split('\n')) {
    if (line.trim() === '') continue;
    const parsed = parse(line);
    if (parsed && parsed.webaclId === webAclArn) found.push(requestOf(parsed));
  }
  return found;
}

type Json = Readonly<Record<string, unknown>>;

function parse(line: string): Json | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return isObject(parsed) && isObject(parsed.httpRequest) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

function requestOf(line: Json): LoggedRequest {
  const http = line.httpRequest as Json;
  const headers = Array.isArray(http.headers) ? http.headers.filter(isObject) : [];
  const pairs = headers.map(({ name, value }): [string, string] => [text(name), text(value)]);
  const country = text(http.country);
  const asn = number(line.clientAsn);
  const host = text(http.host) || (pairs.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? '');
  return {
    requestId: text(http.requestId),
    at: number(line.timestamp) ?? 0,
    action: text(line.action),
    request: {
      method: text(http.httpMethod),
      path: text(http.uri),
      query: text(http.args),
      version: text(http.httpVersion) || 'HTTP/1.1',
      headers: pairs,
      body: new Uint8Array(0),
      bodySize: number(line.requestBodySize) ?? 0,
      source: {
        ip: text(http.clientIp),
        ...(/^[A-Z]{2}$/.test(country) && { country }),
        ...(asn !== undefined && { asn }),
        ...(text(line.ja3Fingerprint) !== '' && { ja3: text(line.ja3Fingerprint) }),
        ...(text(line.ja4Fingerprint) !== '' && { ja4: text(line.ja4Fingerprint) }),
      },
      isSecure: text(http.scheme) === 'https',
      host,
    },
  };
}
