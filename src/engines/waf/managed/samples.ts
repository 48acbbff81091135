/** The parts of a request that managed rules look into, each with what it may become when decoded. Made once a request. */
import { lowerName } from '../header-names.ts';
import type { RequestView } from '../view.ts';
import { bodySamples } from './body.ts';
import { isNothing, pairs, Sample } from './sample.ts';

interface Parts {
  /** The path as a whole. */
  readonly path: readonly Sample[];
  /** Its parts between slashes, as far as they are more than names. */
  readonly segments: readonly Sample[];
  readonly query: readonly Sample[];
  readonly cookies: readonly Sample[];
  /** Headers that applications read. */
  readonly headers: readonly Sample[];
  /** Arguments within Referer: those of another request, perhaps to another site. Only pages show them again. */
  readonly referer: readonly Sample[];
  readonly body: readonly Sample[];
  /** An XML body as a whole. */
  readonly documents: readonly Sample[];
  /** Names of uploaded files. */
  readonly fileNames: readonly Sample[];
  /** The same in headers of upload scripts: `X-File-Name`. */
  readonly headerFileNames: readonly Sample[];
  /** Contents of uploaded files. */
  readonly files: readonly Sample[];
}

export type Part = keyof Parts;

/** By their numbers. */
const names = [
  'path',
  'segments',
  'query',
  'cookies',
  'headers',
  'referer',
  'body',
  'documents',
  'fileNames',
  'headerFileNames',
  'files',
] as const satisfies readonly Part[];

export function numberOf(part: Part): number {
  return names.indexOf(part);
}

export class Samples {
  readonly parts: Parts;
  /** By the numbers of parts; negative until somebody asks. */
  readonly #awake: number[] = names.map(() => -1);

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** The bits of the detectors that a part concerns, by its number: of an ordinary request, few. */
  awake(part: number): number {
    let found = this.#awake[part]!;
    if (found < 0) {
      found = 0;
      for (const sample of this.parts[names[part]!]) found |= sample.awake;
      this.#awake[part] = found;
    }
    return found;
  }
}

/** Rules ask in turn for one request: it is looked up only when another one comes. */
let lastView: RequestView | undefined;
let lastSamples: Samples | undefined;

export function samplesOf(view: RequestView): Samples {
  if (view !== lastView || lastSamples === undefined) {
    lastSamples = view.once(key, make);
    lastView = view;
  }
  return lastSamples;
}

const key = {};

const mostValues = 2000;

function make(view: RequestView): Samples {
  const { path } = view.request;
  const segments: Sample[] = [];
  for (const segment of path.split('/', 100)) {
    if (!/^[\w.~-]*$/.test(segment)) segments.push(new Sample('URI', '', segment, false));
  }
  const body = bodySamples(view);
  return new Samples({
    path: [new Sample('URI', '', path, false)],
    segments,
    query: querySamples(view),
    cookies: pairs('COOKIE', view.cookies, false),
    ...headerSamples(view),
    ...body,
  });
}

function querySamples(view: RequestView): Sample[] {
  const samples = pairs('ALL_QUERY_ARGS', view.queryArguments, true);
  const { query } = view.request;
  // Operators of shells and addresses with `&` are cut apart by the query string's own sign.
  if (/&&|&\s|%0a&|&[^=&]*[ +;|(/][^=&]*(?:&|$)/i.test(query))
    samples.push(new Sample('QUERY_STRING', '', query, true));
  return samples;
}

/** What browsers fill in by themselves, or what the load balancer reads. */
const skipped: ReadonlySet<string> = new Set(
  `host content-length connection cookie accept-encoding upgrade upgrade-insecure-requests te trailer transfer-encoding
if-none-match if-modified-since if-match if-unmodified-since etag dnt keep-alive content-encoding date expect sec-websocket-key
sec-websocket-version sec-websocket-extensions http2-settings priority`.split(/\s+/),
);

function headerSamples(view: RequestView): Pick<Parts, 'headers' | 'referer' | 'headerFileNames'> {
  const samples: Sample[] = [];
  const referer: Sample[] = [];
  const headerFileNames: Sample[] = [];
  for (const [name, value] of view.request.headers) {
    const lower = lowerName(name);
    if (skipped.has(lower) || lower.startsWith('sec-') || isNothing(value)) continue;
    if (lower === 'referer' || lower === 'origin') {
      addressSamples(lower, value, samples, referer);
      continue;
    }
    if (/^x[-_.]?file[-_.]?name$/.test(lower)) headerFileNames.push(new Sample('HEADER', lower, value, false));
    if (isOrdinary(lower, value)) continue;
    const basic = lower === 'authorization' ? /^basic\s+(\S+)$/i.exec(value) : null;
    samples.push(new Sample('HEADER', lower, basic?.[1] ?? value, false));
    if (samples.length > mostValues) break;
  }
  return { headers: samples, referer, headerFileNames };
}

/** Values in the very form that browsers send, which holds nothing that could be code. */
function isOrdinary(name: string, value: string): boolean {
  switch (name) {
    case 'user-agent':
      return /^Mozilla\/5\.0 \([\w\s.;:,/+-]{1,200}\)(?: [\w.]{1,24}\/[\w.+-]{1,32}| \(KHTML, like Gecko\)| Mobile)*$/.test(
        value,
      );
    case 'accept':
      return /^[\w*+./;=,\s-]*$/.test(value) && !value.includes('..');
    case 'accept-language':
    case 'cache-control':
    case 'pragma':
      return /^[\w*.;=,\s-]*$/.test(value) && !value.includes('..');
    case 'content-type':
      if (/[=;].{0,80}(?:application|text|multipart)\//i.test(value)) return false;
      return (
        /^[\w+./-]{3,80}(?:;\s?(?:charset=["\w-]{2,24}|boundary=["'\w()+,./:=?-]{1,72}))*$/.test(value) &&
        !value.includes('..')
      );
    case 'authorization':
      return /^(?:bearer|token)\s[\w.~+/-]+=*$/i.test(value);
    default:
      return false;
  }
}

/** Of an address, its arguments count: they were another request's, and applications show them. */
function addressSamples(name: string, value: string, samples: Sample[], referer: Sample[]): void {
  const question = value.indexOf('?');
  const before = question < 0 ? value : value.slice(0, question);
  if (
    !/^https?:\/\/[\w.:-]{1,255}(?:\/[\w.~/%@:+-]*)?$/.test(before) ||
    before.includes('..') ||
    before.includes('%')
  ) {
    samples.push(new Sample('HEADER', name, before, false));
  }
  if (question < 0) return;
  for (const piece of value.slice(question + 1).split('&', 200)) {
    const equals = piece.indexOf('=');
    const argument = equals < 0 ? piece : piece.slice(equals + 1);
    if (equals > 0 && !isNothing(piece.slice(0, equals)))
      referer.push(new Sample('HEADER', name, piece.slice(0, equals), true));
    if (!isNothing(argument)) referer.push(new Sample('HEADER', name, argument, true));
  }
}
