/** The head of a request, taken apart once: what routing, inspection and the way upstream all start from. */
import { usualName } from '../../engines/waf/header-names.ts';
import { type DesyncMode, graver, type Reason, treatment } from './classification.ts';

export interface Head {
  readonly method: string;
  /** Path and query in origin form, as sent. */
  readonly target: string;
  readonly path: string;
  /** After the first `?`; '' where there is none. */
  readonly query: string;
  /** `1.0`, `1.1`, `2.0` */
  readonly httpVersion: string;
  /** With its port, as sent; '' for HTTP/1.0 without one. */
  readonly host: string;
  /** Names and values in turn, as sent, without what may not go on. */
  readonly headers: readonly string[];
  /** Of what belongs to this connection alone. */
  readonly upgrade: string | undefined;
  readonly forwardedFor: string | undefined;
  readonly traceId: string | undefined;
  readonly cookie: string;
  readonly reason: Reason | undefined;
  /** The connection ends with this answer. */
  readonly closes: boolean;
}

/** A head that is answered here. */
export interface Refusal {
  readonly status: number;
  readonly reason?: Reason;
}

export interface RawHead {
  readonly method: string;
  readonly url: string;
  readonly httpVersion: string;
  readonly rawHeaders: readonly string[];
}

export interface HeadRules {
  readonly desync: DesyncMode;
  readonly dropsInvalidNames: boolean;
  readonly lineBytes: number;
  /** Names, lower case, that a listener has given to what the edge says of clients: nobody else may say these either. */
  readonly reserved?: ReadonlySet<string>;
}

const HOST = 1;
const LENGTH = 2;
const CODING = 3;
const CONNECTION = 4;
const UPGRADE = 5;
const HOP = 6;
const FORWARDED_FOR = 7;
const SET_HERE = 8;
const TRACE = 9;
const COOKIE = 10;

/** What is looked at; the rest goes on as it came. */
const known = new Map<string, number>([
  ['host', HOST],
  ['content-length', LENGTH],
  ['transfer-encoding', CODING],
  ['connection', CONNECTION],
  ['upgrade', UPGRADE],
  ['keep-alive', HOP],
  ['proxy-connection', HOP],
  ['te', HOP],
  ['trailer', HOP],
  ['expect', HOP],
  ['http2-settings', HOP],
  ['x-forwarded-for', FORWARDED_FOR],
  ['x-forwarded-proto', SET_HERE],
  ['x-forwarded-port', SET_HERE],
  ['x-amzn-trace-id', TRACE],
  ['cookie', COOKIE],
]);

/** Only the edge itself may say these to a target; some servers read any other sign between the words as a dash. */
const reserved = /^x[^a-z0-9]amzn[^a-z0-9](?:mtls|tls|waf|oidc)[^a-z0-9]/;
/** How names compare to such servers. */
export const plainName = (lower: string): string => lower.replace(/[^a-z0-9]/g, '-');
const validName = /^[A-Za-z0-9-]+$/;
/** Printable bytes without space and `#`; browsers encode all else, and the parser takes no byte above 127. */
const validTarget = /^[!"$-~]+$/;
const validHost = /^(?:[\w.~!$&'()*+,;=%-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;

/**
 * @returns the head, or why it is refused. Everything that two readers could understand differently is refused, dropped,
 * or made plain.
 */
export function readHead(raw: RawHead, rules: HeadRules): Head | Refusal {
  const { rawHeaders, method, httpVersion } = raw;
  const isTwo = httpVersion === '2.0' && rawHeaders.length > 0 && rawHeaders[0]?.charCodeAt(0) === 58;
  if (httpVersion !== '1.1' && httpVersion !== '1.0' && !isTwo) return { status: 505, reason: 'BadVersion' };
  let reason: Reason | undefined;
  let host: string | undefined;
  let upgrade: string | undefined;
  let forwardedFor: string | undefined;
  let traceId: string | undefined;
  let cookie = '';
  let connection = '';
  let length: string | undefined;
  let isChunked = false;
  const headers: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const sent = rawHeaders[at] as string;
    const usual = usualName(sent);
    const name = usual?.sent ?? sent;
    const value = rawHeaders[at + 1] as string;
    if (name.charCodeAt(0) === 58) {
      if (name === ':authority') host = value;
      continue;
    }
    const lower = usual?.lower ?? name.toLowerCase();
    switch (known.get(lower)) {
      case undefined:
        if (!usual && isSuspicious(lower)) {
          reason = graver(reason, 'SuspiciousHeader');
          continue;
        }
        if (value === '') reason = graver(reason, 'EmptyHeader');
        else if (!isAscii(value)) reason = graver(reason, 'NonCompliantHeader');
        if (!usual && lower.charCodeAt(0) === 120 && reserved.test(lower)) continue;
        if (rules.reserved?.has(plainName(lower))) continue;
        if (rules.dropsInvalidNames && !usual && !validName.test(name)) continue;
        if (name.length + value.length > rules.lineBytes) return { status: 400, reason: 'BadHeader' };
        headers.push(name, value);
        continue;
      case HOST:
        // HTTP/2 clients may send both, if they agree.
        if (host !== undefined && !(isTwo && host === value)) return { status: 400, reason: 'BadHeader' };
        host = value;
        continue;
      case LENGTH:
        if (length !== undefined) return { status: 400, reason: 'DuplicateContentLength' };
        length = value;
        continue;
      case CODING:
        // The parser knows where any such body ends; what it means beyond chunks, only its reader would.
        if (value.toLowerCase() !== 'chunked') return { status: 501, reason: 'BadTransferEncoding' };
        if (httpVersion === '1.0') return { status: 400, reason: 'BadTransferEncoding' };
        isChunked = true;
        continue;
      case CONNECTION:
        connection = connection === '' ? value : `${connection},${value}`;
        continue;
      case UPGRADE:
        upgrade = value;
        continue;
      case FORWARDED_FOR:
        forwardedFor = forwardedFor === undefined ? value : `${forwardedFor}, ${value}`;
        continue;
      case TRACE:
        traceId ??= value;
        continue;
      case COOKIE:
        cookie = cookie === '' ? value : `${cookie}; ${value}`;
        // HTTP/2 cuts cookies to pieces for its compression.
        if (!isTwo) headers.push(name, value);
        continue;
      default:
        continue;
    }
  }
  if (isTwo && cookie !== '') headers.push('cookie', cookie);
  if (host === undefined && httpVersion !== '1.0') return { status: 400, reason: 'BadHeader' };
  if (host !== undefined && !validHost.test(host)) return { status: 400, reason: 'BadHeader' };
  const target = originForm(method, raw.url, host);
  if (target === undefined) return { status: 400, reason: 'BadUri' };
  if (target.length > rules.lineBytes) return { status: 414, reason: 'BadUri' };
  if (target !== raw.url) reason = graver(reason, 'AmbiguousUri');
  if (method === 'GET' || method === 'HEAD') {
    if (length === '0') reason = graver(reason, 'GetHeadZeroContentLength');
    else if (length !== undefined) reason = graver(reason, 'UndefinedContentLengthSemantics');
    else if (isChunked) reason = graver(reason, 'UndefinedTransferEncodingSemantics');
  }
  const action = reason === undefined ? 'forward' : treatment(rules.desync, reason);
  if (action === 'refuse') return reason === undefined ? { status: 400 } : { status: 400, reason };
  const mark = target.indexOf('?');
  return {
    method,
    target,
    path: mark < 0 ? target : target.slice(0, mark),
    query: mark < 0 ? '' : target.slice(mark + 1),
    httpVersion,
    host: host ?? '',
    headers: connection === '' ? headers : withoutNamed(headers, connection),
    upgrade: upgrade !== undefined && namesUpgrade(connection) ? upgrade : undefined,
    forwardedFor,
    traceId,
    cookie,
    reason,
    closes: action === 'forward-and-close',
  };
}

/** `Transfer_Encoding`, `content.length`: names that a reader further on may take for those that frame a body. */
function isSuspicious(lower: string): boolean {
  const first = lower.charCodeAt(0);
  if ((first !== 116 && first !== 99) || lower.length < 13 || lower.length > 24) return false;
  const plain = lower.replace(/[^a-z]/g, '');
  return plain === 'transferencoding' || plain === 'contentlength';
}

function isAscii(value: string): boolean {
  const { length } = value;
  for (let at = 0; at < length; at++) if (value.charCodeAt(at) > 126) return false;
  return true;
}

/** Path and query; undefined where they are no clean ones, or the URI names another host than the Host header. */
function originForm(method: string, url: string, host: string | undefined): string | undefined {
  if (url.charCodeAt(0) === 47) return validTarget.test(url) ? url : undefined;
  if (url === '*') return method === 'OPTIONS' ? url : undefined;
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/i.exec(url);
  if (!absolute || host === undefined || absolute[1]?.toLowerCase() !== host.toLowerCase()) return undefined;
  const rest = absolute[2] as string;
  const target = rest.startsWith('/') ? rest : `/${rest}`;
  return validTarget.test(target) ? target : undefined;
}

function namesUpgrade(connection: string): boolean {
  return connection.split(',').some((one) => one.trim().toLowerCase() === 'upgrade');
}

/** Headers that matter to who asks may not be taken away by calling them the connection's own. */
const neverDropped = new Set(['authorization', 'cookie', 'host', 'content-type', 'content-encoding', 'origin']);

function withoutNamed(headers: string[], connection: string): string[] {
  const lower = connection.toLowerCase();
  if (lower === 'keep-alive' || lower === 'close' || lower === 'upgrade') return headers;
  const named = new Set(lower.split(',').map((one) => one.trim()));
  const kept: string[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = (headers[at] as string).toLowerCase();
    if (named.has(name) && !neverDropped.has(name)) continue;
    kept.push(headers[at] as string, headers[at + 1] as string);
  }
  return kept;
}
