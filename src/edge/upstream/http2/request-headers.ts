/** The head of a request as HTTP/2 has it: what does not belong into one is refused, not mended. */
import { UpstreamError } from './error.ts';

interface Line {
  readonly method: string;
  readonly path: string;
  readonly scheme: 'http' | 'https';
  /** Where the request names no host itself. */
  readonly authority: string;
}

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const target = /^(?:\/[!-~]*|\*)$/;
/** Node sends names and values as one text with NUL between: any of these signs could begin another header. */
const value = /^[\t -~\u0080-\u00ff]*$/;
/** RFC 9113, section 8.2.2. */
const ofConnection = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'host',
]);

/**
 * @param given names and values in turn, `Host` first
 * @throws UpstreamError for what no HTTP/2 request may hold
 */
export function requestHeaders({ method, path, scheme, authority }: Line, given: readonly string[]): string[] {
  const host = given[1] || authority;
  if (!token.test(method) || !target.test(path) || !value.test(host)) throw new UpstreamError('ERR_HTTP2_INVALID_LINE');
  const headers = [':method', method, ':scheme', scheme, ':authority', host, ':path', path];
  for (let at = 2; at < given.length; at += 2) {
    const name = (given[at] as string).toLowerCase();
    const text = given[at + 1] as string;
    if (!token.test(name) || !value.test(text) || ofConnection.has(name)) {
      throw new UpstreamError('ERR_HTTP2_INVALID_HEADER');
    }
    if (name === 'te' && text !== 'trailers') throw new UpstreamError('ERR_HTTP2_INVALID_HEADER');
    headers.push(name, text);
  }
  return headers;
}
