/**
 * Compresses what is kept, for viewers who take it; the first of them has it as the origin sent it.
 * @see Amazon CloudFront Developer Guide, "Serve compressed files"
 */
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { CachedAnswer } from './cache.ts';

const least = 1_000;
const most = 10_000_000;

/** "File types that CloudFront compresses", by what their names have in common. */
const texts =
  /^(?:text\/[\w.+-]+|application\/(?:[\w.-]+\+)?(?:javascript|x-javascript|json|xml|wasm|vnd\.ms-fontobject|x-perl|x-sh|x-httpd-cgi|opentype|otf|pkcs7-mime|truetype|ttf|eot|font|font-sfnt)|image\/svg\+xml|font\/[\w-]+)(?:\s*;|$)/i;

/**
 * @param codings `br, gzip`, `gzip` or '': what viewers with this key take
 * @param done told of the answer as it is to be kept
 */
export function compressed(answer: CachedAnswer, codings: string, done: (answer: CachedAnswer) => void): void {
  const { body, headers, status } = answer;
  const type = headerIn(headers, 'content-type') ?? '';
  const isCoded = headerIn(headers, 'content-encoding') !== undefined;
  const mayChange = !/(?:^|[,\s])no-transform(?:$|[,\s])/i.test(headerIn(headers, 'cache-control') ?? '');
  const isRight = body.length >= least && body.length <= most && texts.test(type);
  if (codings === '' || isCoded || status !== 200 || !mayChange || !isRight) {
    done(answer);
    return;
  }
  const coding = codings.startsWith('br') ? 'br' : 'gzip';
  const take = (error: Error | null, smaller: Buffer): void =>
    done(error || smaller.length >= body.length ? answer : coded(answer, coding, smaller));
  if (coding === 'gzip') gzip(body, { level: 6 }, take);
  else brotliCompress(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }, take);
}

/** Other bytes: a strong tag is a weak one from here on. */
function coded(answer: CachedAnswer, coding: string, body: Buffer): CachedAnswer {
  const { etag } = answer;
  const weak = etag === undefined || etag.startsWith('W/') ? etag : `W/${etag}`;
  const headers: string[] = [];
  for (let at = 0; at < answer.headers.length; at += 2) {
    const name = answer.headers[at] as string;
    if (/^(?:etag|content-md5|digest|accept-ranges)$/i.test(name)) continue;
    headers.push(name, answer.headers[at + 1] as string);
  }
  headers.push('content-encoding', coding, 'vary', 'Accept-Encoding');
  if (weak !== undefined) headers.push('etag', weak);
  return { ...answer, headers, body, etag: weak };
}

function headerIn(headers: readonly string[], name: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) {
    if ((headers[at] as string).toLowerCase() === name) return headers[at + 1];
  }
  return undefined;
}
