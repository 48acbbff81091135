/** Typed output to XML text. */
import { formatScalar } from '../scalar.ts';
import type { Member, Shape } from '../shape.ts';

const SPECIALS = /[&<>"\r]/g;
const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};
// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no place for them, not even as references.
const UNWRITABLE = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;

/** Text that needs no look: printable ASCII without the special characters, line feed and tab. */
const PLAIN = /^[\t\n !#-%'-;=?-~]*$/;

/** Text for content and attributes; characters that XML 1.0 cannot hold become U+FFFD. */
export function escapeXml(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNWRITABLE, '\uFFFD').replace(SPECIALS, (found) => ESCAPES[found]!);
}

/** How a service writes XML. */
export interface XmlStyle {
  /** S3 and EC2 write `.000` in times, the query services leave it out. */
  readonly fullTimes: boolean;
}

/** The children of a structure. @throws TypeError */
export function writeXmlMembers(shape: Shape, value: object, style: XmlStyle): string {
  const source = value as Record<string, unknown>;
  let text = '';
  for (const member of shape.members) {
    if (member.traits.xmlAttribute) continue;
    const item = source[member.name];
    if (item !== undefined && item !== null) text += writeXmlMember(member, item, style);
  }
  return text;
}

/** ` xmlns="…"` of a member or shape, and the attributes that a structure's members become. */
export function xmlAttributes(member: Member, value: unknown): string {
  let text = xmlNamespace(member.traits.xmlNamespace ?? member.shape.traits.xmlNamespace);
  if (typeof value !== 'object' || value === null || value instanceof Date || member.shape.type !== 'structure')
    return text;
  for (const part of member.shape.members) {
    const item = (value as Record<string, unknown>)[part.name];
    if (part.traits.xmlAttribute && item !== undefined && item !== null) {
      text += ` ${part.xmlName}="${escapeXml(formatScalar(part, item, 'date-time'))}"`;
    }
  }
  return text;
}

/** SDK schemas hold either the URI or prefix and URI. */
export function xmlNamespace(trait: Member['traits']['xmlNamespace']): string {
  if (!trait) return '';
  if (typeof trait === 'string') return ` xmlns="${escapeXml(trait)}"`;
  const [prefix, uri] = trait;
  return prefix ? ` xmlns:${prefix}="${escapeXml(uri)}"` : ` xmlns="${escapeXml(uri)}"`;
}

/** A member with its own element, or its several elements when it is flattened. */
function writeXmlMember(member: Member, value: unknown, style: XmlStyle): string {
  const { shape, xmlName } = member;
  if (shape.type === 'list') {
    const items = value as unknown[];
    if (!Array.isArray(items)) throw new TypeError(`output member ${member.name} must be a list`);
    const { element } = shape;
    const flat = member.traits.xmlFlattened === 1;
    const tag = flat ? xmlName : element.xmlName;
    let text = '';
    for (const item of items) {
      if (item === null || item === undefined) text += `<${tag}></${tag}>`;
      else text += writeElement(element, item, tag, style);
    }
    return flat ? text : `<${xmlName}${xmlNamespace(member.traits.xmlNamespace)}>${text}</${xmlName}>`;
  }
  if (shape.type === 'map') {
    if (typeof value !== 'object' || value === null) throw new TypeError(`output member ${member.name} must be a map`);
    const flat = member.traits.xmlFlattened === 1;
    const tag = flat ? xmlName : 'entry';
    let text = '';
    for (const [key, item] of Object.entries(value)) {
      if (item === undefined || item === null) continue;
      const name = `<${shape.key.xmlName}>${escapeXml(key)}</${shape.key.xmlName}>`;
      text += `<${tag}>${name}${writeXmlMember(shape.value, item, style)}</${tag}>`;
    }
    return flat ? text : `<${xmlName}${xmlNamespace(member.traits.xmlNamespace)}>${text}</${xmlName}>`;
  }
  return writeElement(member, value, xmlName, style);
}

/** One value as one element. @throws TypeError */
export function writeElement(member: Member, value: unknown, tag: string, style: XmlStyle): string {
  const { shape } = member;
  switch (shape.type) {
    case 'structure':
    case 'union':
      if (typeof value !== 'object' || value === null)
        throw new TypeError(`output member ${member.name} must be a structure`);
      return `<${tag}${xmlAttributes(member, value)}>${writeXmlMembers(shape, value, style)}</${tag}>`;
    case 'list':
    case 'map':
      return writeXmlMember({ ...named(member), xmlName: tag }, value, style);
    default: {
      const text = escapeXml(formatScalar(member, value, 'date-time', style.fullTimes));
      return `<${tag}${xmlNamespace(member.traits.xmlNamespace)}>${text}</${tag}>`;
    }
  }
}

/** A copy of a member as a plain object (members resolve lazily through getters). */
function named(member: Member): Member {
  const { name, shape, traits, required, sensitive, constraint, jsonName, xmlName } = member;
  return { name, shape, traits, required, sensitive, constraint, jsonName, xmlName };
}
