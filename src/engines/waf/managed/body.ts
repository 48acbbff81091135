/** A body's parts: of forms, JSON, XML, multipart and plain text. What is neither text nor a form is looked at for files' signs only. */
import { jsonStrings } from '../detectors/decoding/json.ts';
import { utf16Decode } from '../detectors/decoding/unicode.ts';
import type { RequestView } from '../view.ts';
import { multipartOf } from './multipart.ts';
import { isNothing, pairs, Sample } from './sample.ts';

interface BodySamples {
  readonly body: readonly Sample[];
  /** XML as a whole: its declarations and the names of its elements. */
  readonly documents: readonly Sample[];
  readonly fileNames: readonly Sample[];
  readonly files: readonly Sample[];
}

const mostValues = 3000;
const none: BodySamples = { body: [], documents: [], fileNames: [], files: [] };

/** One character per byte. */
function deepBodyOf(view: RequestView): string {
  const { deepBody } = view.request;
  if (deepBody === undefined) return view.body;
  return Buffer.from(deepBody.buffer, deepBody.byteOffset, deepBody.byteLength).toString('latin1');
}

export function bodySamples(view: RequestView): BodySamples {
  const whole = deepBodyOf(view);
  if (whole === '') return none;
  const type = (view.header('content-type') ?? '').toLowerCase();
  const hasMark = whole.startsWith('\xff\xfe') || whole.startsWith('\xfe\xff');
  const isWide = hasMark || /utf-?16/.test(type) || whole.charCodeAt(0) === 0 || whole.charCodeAt(1) === 0;
  const text = isWide ? (utf16Decode(hasMark ? whole.slice(2) : whole) ?? whole) : whole;
  if (type.includes('multipart/')) return multipart(text, view.header('content-type') ?? '');
  if (type.includes('json') || type.includes('graphql')) return { ...none, body: json(text) };
  if (type.includes('xml') || type.includes('soap')) return ofXml(text);
  if (isBinary(text)) return { ...none, files: [new Sample('BODY', '', text, false)] };
  if (type.includes('x-www-form-urlencoded')) {
    // Sent as a form by tools that do not say what they send.
    return isXml(text.slice(0, 200).trimStart()) && !/^[^<]{0,400}=/.test(text)
      ? ofXml(text)
      : { ...none, body: form(text) };
  }
  return plain(text);
}

/** A text without a type, or of a type that says nothing: read as what it looks like. */
function plain(text: string): BodySamples {
  const start = text.slice(0, 200).trimStart();
  if (/^(?:\{\s{0,20}["}]|\[\s{0,20}[{["\]\d-])/.test(start)) return { ...none, body: json(text) };
  if (isXml(start)) return ofXml(text);
  if (/^[\w.[\]%-]{1,80}=[^\s]*$/.test(text.trim())) return { ...none, body: form(text.trim()) };
  return text.trim() === '' ? none : { ...none, body: [new Sample('BODY', '', text, false)] };
}

function isXml(start: string): boolean {
  return /^<\?xml|^<!DOCTYPE|^<[\w:]{1,40}[\s>/]/i.test(start);
}

function ofXml(text: string): BodySamples {
  return { ...none, body: xmlSamples(text), documents: [new Sample('BODY', 'xml', text, false)] };
}

function form(text: string): Sample[] {
  // Sent as a form by tools that do not say what they send.
  const start = text.slice(0, 40).trimStart();
  if (/^(?:\{\s{0,20}"|\[\s{0,20}[{"])/.test(start) && !/^[^&]{0,400}=[^&]*&/.test(text)) return json(text);
  const values: { name: string; value: string }[] = [];
  for (const piece of text.split('&', mostValues)) {
    const equals = piece.indexOf('=');
    values.push(
      equals < 0 ? { name: piece, value: '' } : { name: piece.slice(0, equals), value: piece.slice(equals + 1) },
    );
  }
  const samples = pairs('BODY', values, true);
  if (/&&|&\s|&[^=&]*[ +;|(/][^=&]*(?:&|$)/i.test(text) && text.length < 4096)
    samples.push(new Sample('BODY', '', text, true));
  return samples;
}

function json(text: string): Sample[] {
  const samples: Sample[] = [];
  const strings = jsonStrings(text);
  let name = '';
  for (const { text: value, isKey } of strings) {
    if (isKey) name = value;
    if (!isNothing(value)) samples.push(new Sample('JSON_BODY', name, value, false));
  }
  // What is no JSON after all is read as it stands.
  if (!/^\s{0,200}[[{"]/.test(text)) samples.push(new Sample('BODY', '', text, false));
  return samples;
}

function xmlSamples(text: string): Sample[] {
  // Declarations and names matter as a whole; texts and attributes each by itself.
  const samples: Sample[] = [];
  for (let open = text.indexOf('>'); open >= 0 && samples.length < mostValues; open = text.indexOf('>', open + 1)) {
    const next = text.indexOf('<', open);
    if (next < 0) break;
    const piece = text.slice(open + 1, next).trim();
    if (!isNothing(piece)) samples.push(new Sample('BODY', 'text', piece, false));
    open = next;
  }
  for (let start = text.indexOf('<![CDATA['); start >= 0 && samples.length < mostValues; ) {
    const end = text.indexOf(']]>', start);
    samples.push(new Sample('BODY', 'text', text.slice(start + 9, end < 0 ? text.length : end), false));
    start = end < 0 ? -1 : text.indexOf('<![CDATA[', end);
  }
  for (const match of text.matchAll(/=\s?(?:"([^"]*)"|'([^']*)')/g)) {
    const piece = match[1] ?? match[2]!;
    if (!isNothing(piece)) samples.push(new Sample('BODY', 'attribute', piece, false));
    if (samples.length > mostValues) break;
  }
  return samples;
}

function multipart(text: string, type: string): BodySamples {
  const body: Sample[] = [];
  const fileNames: Sample[] = [];
  const files: Sample[] = [];
  const parts = multipartOf(text, type);
  if (parts === undefined) return { ...none, body: [new Sample('BODY', '', text, false)] };
  for (const part of parts) {
    if (!isNothing(part.name)) body.push(new Sample('BODY', part.name, part.name, false));
    for (const header of part.otherHeaders) body.push(new Sample('BODY', part.name, header, false));
    if (part.fileName !== undefined) {
      body.push(new Sample('BODY', part.name, part.fileName, false));
      fileNames.push(new Sample('BODY', part.name, part.fileName, false));
      if (part.content !== '') files.push(new Sample('BODY', part.name, part.content, false));
    } else if (!isNothing(part.content)) body.push(new Sample('BODY', part.name, part.content, false));
  }
  return { ...none, body, fileNames, files };
}

/** Many control characters, or bytes that are no UTF-8. */
function isBinary(text: string): boolean {
  let odd = 0;
  const length = Math.min(text.length, 512);
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if ((code < 32 && code !== 9 && code !== 10 && code !== 13) || code === 127 || code === 0xff || code === 0xc0)
      odd++;
  }
  return odd * 20 > length && odd > 1;
}
