/** Typed output to REST responses: status, headers and payload, each member in its place. */
import { writeJson, writeJsonValue } from '../json/write.ts';
import type { HeaderMember, HttpBinding } from '../model.ts';
import { formatScalar } from '../scalar.ts';
import { type Member, rootMember } from '../shape.ts';
import type { HttpResponse } from '../types.ts';
import { writeElement, writeXmlMembers, type XmlStyle, xmlAttributes, xmlNamespace } from '../xml/write.ts';
import { joinHeader } from './header-list.ts';

/** Writes the members that travel as headers; names in lower case, empty values left out. @throws TypeError */
export function writeHeaders(binding: HttpBinding, output: object, headers: Record<string, string>): void {
  const source = output as Record<string, unknown>;
  const members = headersByMember(binding);
  // Answers have few members, and operations know many.
  for (const key of Object.keys(output)) {
    const bound = members.get(key);
    const value = source[key];
    if (!bound || value === undefined || value === null) continue;
    const { name, member } = bound;
    const text = headerText(member, value);
    if (text !== '') headers[name] = toNetwork(text);
  }
  if (!binding.prefixHeaders) return;
  const map = source[binding.prefixHeaders.name];
  if (typeof map !== 'object' || map === null) return;
  for (const [key, value] of Object.entries(map)) {
    headers[`${binding.prefixHeaders.traits.httpPrefixHeaders!.toLowerCase()}${key.toLowerCase()}`] = toNetwork(
      String(value),
    );
  }
}

const byMember = new WeakMap<HttpBinding, ReadonlyMap<string, HeaderMember>>();

function headersByMember(binding: HttpBinding): ReadonlyMap<string, HeaderMember> {
  let members = byMember.get(binding);
  if (!members) {
    members = new Map(binding.headers.map((bound) => [bound.member.name, bound]));
    byMember.set(binding, members);
  }
  return members;
}

function headerText(member: Member, value: unknown): string {
  if (member.shape.type !== 'list') {
    const text = formatScalar(member, value, 'http-date');
    const { mediaType } = member.shape.traits;
    return mediaType !== undefined && /json/.test(mediaType) ? Buffer.from(text).toString('base64') : text;
  }
  const { element } = member.shape;
  const items = (value as unknown[]).map((item) => formatScalar(element, item, 'http-date'));
  return element.shape.type === 'timestamp' ? items.join(', ') : joinHeader(items);
}

const PRINTABLE = /^[\t\x20-\x7e]*$/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what no header can hold.
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f]+/g;

/** Header bytes are UTF-8, handed to node a byte a character; line breaks and their like cannot be part of a header. */
function toNetwork(text: string): string {
  if (PRINTABLE.test(text)) return text;
  return Buffer.from(text.replace(CONTROLS, ' '), 'utf8').toString('latin1');
}

/** The body of a REST-JSON answer, with its content type. */
export function writeRestJson(binding: HttpBinding, output: object): Pick<HttpResponse, 'body'> & { type: string } {
  const { payload } = binding;
  if (!payload) {
    return { body: writeJson(binding.body, output, 'jsonName'), type: 'application/json' };
  }
  const value = (output as Record<string, unknown>)[payload.name];
  const raw = rawPayload(payload, value);
  if (raw) return raw;
  if (value === undefined || value === null) return { body: '', type: 'application/json' };
  return { body: writeJsonValue(payload, value, 'jsonName'), type: 'application/json' };
}

/** Strings, blobs and streams are the body themselves. */
function rawPayload(payload: Member, value: unknown): (Pick<HttpResponse, 'body'> & { type: string }) | undefined {
  const { type, traits } = payload.shape;
  if (type !== 'blob' && type !== 'string') return undefined;
  const media =
    payload.traits.mediaType ?? traits.mediaType ?? (type === 'blob' ? 'application/octet-stream' : 'text/plain');
  if (value === undefined || value === null) return { body: '', type: media };
  if (typeof value === 'string' || value instanceof Uint8Array) return { body: value, type: media };
  if (typeof value === 'object' && Symbol.asyncIterator in value) {
    return { body: value as AsyncIterable<Uint8Array>, type: media };
  }
  throw new TypeError(`output member ${payload.name} must be bytes, text or a stream`);
}

/** Operations whose root is the value itself (trait s3UnwrappedXmlOutput, which the schemas leave out). */
const UNWRAPPED: ReadonlySet<string> = new Set(['GetBucketLocation']);
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** The body of a REST-XML answer. `root` names the element when the output shape does not. */
export function writeRestXml(
  operation: { readonly name: string; readonly outputBinding: HttpBinding },
  output: object,
  namespace: string | undefined,
  style: XmlStyle,
): Pick<HttpResponse, 'body'> & { type: string } {
  const type = 'application/xml';
  const { payload, body } = operation.outputBinding;
  const xmlns = namespace === undefined ? '' : ` xmlns="${namespace}"`;
  if (!payload) {
    if (body.members.length === 0) return { body: '', type };
    const tag = body.traits.xmlName ?? body.name;
    if (UNWRAPPED.has(operation.name)) {
      const [only] = body.members;
      const value = (output as Record<string, unknown>)[only!.name];
      const held = value === undefined || value === null ? '' : formatScalar(only!, value, 'date-time');
      return { body: `${DECLARATION}<${tag}${xmlns}>${held}</${tag}>`, type };
    }
    const own = xmlNamespace(body.traits.xmlNamespace) || xmlns;
    const attributes = xmlAttributes({ ...rootMember(body), traits: {} }, output).replace(/ xmlns="[^"]*"/, '');
    return { body: `${DECLARATION}<${tag}${own}${attributes}>${writeXmlMembers(body, output, style)}</${tag}>`, type };
  }
  const value = (output as Record<string, unknown>)[payload.name];
  const raw = rawPayload(payload, value);
  if (raw) return raw;
  if (value === undefined || value === null) return { body: '', type };
  const tag = payload.traits.xmlName ?? payload.shape.traits.xmlName ?? payload.shape.name;
  const text = writeElement(payload, value, tag, style);
  const declared = text.startsWith(`<${tag} xmlns=`) ? text : `<${tag}${xmlns}${text.slice(tag.length + 1)}`;
  return { body: DECLARATION + declared, type };
}
