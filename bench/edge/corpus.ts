/** Reads the corpora of attacks and ordinary requests and places payloads into requests, in every way that applications take input. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { HttpRequest } from '../../src/engines/waf/request.ts';

const corpusFolder = new URL('../../../shared/corpora/waf/dev/', import.meta.url);

export interface Entry {
  readonly id: string;
  readonly label: 'attack' | 'benign' | 'nearmiss' | 'other' | 'unit';
  readonly family: string;
  readonly payload?: string;
  readonly method?: string;
  readonly uri?: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly body_b64?: string;
  readonly raw_b64?: string;
  readonly version?: string;
  readonly pl?: number;
  readonly nstages?: number;
}

export const hasCorpora = (): boolean => existsSync(corpusFolder);

export function load(name: string): Entry[] {
  const plain = new URL(`${name}.jsonl`, corpusFolder);
  const text = existsSync(plain)
    ? readFileSync(plain, 'utf8')
    : gunzipSync(readFileSync(new URL(`${name}.jsonl.gz`, corpusFolder))).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Entry);
}

/**
 * 0 or 1, by the entry's name alone. Payloads that got past were read in half 0 only; of half 1 some totals by family were seen, and a few changes
 * followed them, so its figures are not those of a set that nobody has looked at.
 */
export const halfOf = (entry: Entry): number => createHash('sha256').update(entry.id).digest()[0]! & 1;

/** One character per byte. */
const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const browserHeaders: readonly (readonly [string, string])[] = [
  ['Host', 'localhost'],
  ['User-Agent', 'Mozilla/5.0 (X11; Linux x86_64; rv:105.0) Gecko/20100101 Firefox/105.0'],
  ['Accept', 'text/html,application/json;q=0.9,*/*;q=0.8'],
];

function requestOf(
  method: string,
  uri: string,
  headers: readonly (readonly [string, string])[],
  body: Uint8Array | string = '',
): HttpRequest {
  const question = uri.indexOf('?');
  const content = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
  return {
    method,
    path: question < 0 ? uri : uri.slice(0, question),
    query: question < 0 ? '' : uri.slice(question + 1),
    version: 'HTTP/1.1',
    headers,
    // As a load balancer's web ACL sees it, and as managed groups do.
    body: content.subarray(0, 8_192),
    ...(content.length > 8_192 && { deepBody: content.subarray(0, 65_536) }),
    bodySize: content.length,
    source: { ip: '127.0.0.1' },
    isSecure: false,
    host: 'localhost',
  };
}

/** A recorded request, as it was. */
export function recorded(entry: Entry): HttpRequest {
  if (entry.raw_b64 !== undefined) return raw(Buffer.from(entry.raw_b64, 'base64').toString('latin1'));
  let uri = bytes(entry.uri ?? '/');
  if (/^https?:\/\//.test(uri) && entry.id.startsWith('bz-')) uri = `/${uri.split('/').slice(3).join('/')}`;
  uri = uri.replaceAll(' ', '%20').replace(/#.*$/s, '');
  const body = entry.body !== undefined ? Buffer.from(entry.body, 'utf8') : Buffer.from(entry.body_b64 ?? '', 'base64');
  const headers = (entry.headers ?? []).map(([name, value]) => [name, bytes(value)] as const);
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  if (!names.has('host')) headers.unshift(['Host', 'localhost']);
  if (body.length > 0 && !names.has('content-type'))
    headers.push(['Content-Type', 'application/x-www-form-urlencoded']);
  return requestOf(entry.method ?? 'GET', uri, headers, body);
}

function raw(text: string): HttpRequest {
  const end = text.search(/\r?\n\r?\n/);
  const head = (end < 0 ? text : text.slice(0, end)).split(/\r?\n/);
  const body = end < 0 ? '' : text.slice(end).replace(/^\r?\n\r?\n/, '');
  const [method = 'GET', uri = '/'] = head[0]!.trim().split(' ');
  const headers = head.slice(1).map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, Math.max(0, colon)), line.slice(colon + 1).trim()] as const;
  });
  return requestOf(method, uri, headers, body);
}

export const places = ['query', 'form', 'json', 'path', 'header', 'cookie', 'multipart', 'xml'] as const;
export type Place = (typeof places)[number];

/** As `encodeURIComponent`, for bytes. */
function percent(text: string): string {
  return text.replace(
    /[^A-Za-z0-9_.~-]/g,
    (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
  );
}

export function place(payload: string, where: Place | 'agent'): HttpRequest {
  const value = bytes(payload);
  const typed = (type: string) => [...browserHeaders, ['Content-Type', type] as const];
  switch (where) {
    case 'query':
      return requestOf('GET', `/search?q=${percent(value)}`, browserHeaders);
    case 'form':
      return requestOf('POST', '/submit', typed('application/x-www-form-urlencoded'), `text=${percent(value)}`);
    case 'json':
      return requestOf('POST', '/api', typed('application/json'), asciiJson({ text: payload }));
    case 'path':
      return requestOf('GET', `/items/${percent(value)}/view`, browserHeaders);
    case 'header':
      return requestOf('GET', '/', [...browserHeaders, ['X-Client', value.replace(/[\r\n\0]/g, ' ')]]);
    case 'agent':
      return requestOf(
        'GET',
        '/',
        browserHeaders.map(([name, value]) => [name, name === 'User-Agent' ? bytes(payload) : value] as const),
      );
    case 'cookie':
      return requestOf('GET', '/', [...browserHeaders, ['Cookie', `theme=dark; last=${percent(value)}`]]);
    case 'multipart':
      return requestOf(
        'POST',
        '/upload',
        typed('multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW'),
        `------WebKitFormBoundary7MA4YWxkTrZu0gW\r\nContent-Disposition: form-data; name="text"\r\n\r\n${value}\r\n------WebKitFormBoundary7MA4YWxkTrZu0gW--\r\n`,
      );
    case 'xml':
      return requestOf(
        'POST',
        '/soap',
        typed('text/xml'),
        `<?xml version="1.0"?><request><text>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</text></request>`,
      );
  }
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[^\0-\x7f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
