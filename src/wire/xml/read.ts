/** XML elements to typed input. */
import { unreadable } from '../fault.ts';
import { parseScalar } from '../scalar.ts';
import type { Member, Shape } from '../shape.ts';
import type { ProtocolName } from '../types.ts';
import type { XmlElement } from './parse.ts';

/** @throws WireFault MalformedXML */
export function readXmlStructure(shape: Shape, element: XmlElement, protocol: ProtocolName): object {
  const children = new Map<string, XmlElement[]>();
  for (const child of element.children) {
    const same = children.get(child.name);
    if (same) same.push(child);
    else children.set(child.name, [child]);
  }
  const out: Record<string, unknown> = {};
  let present = 0;
  for (const member of shape.members) {
    let value: unknown;
    if (member.traits.xmlAttribute) {
      const text = element.attributes.get(member.xmlName);
      if (text !== undefined) value = parseScalar(member, text, 'date-time', protocol);
    } else {
      const found = children.get(member.xmlName);
      if (found) value = readMember(member, found, protocol);
    }
    if (value === undefined) continue;
    out[member.name] = value;
    present++;
  }
  if (shape.type === 'union' && present !== 1) throw unreadable(protocol, malformed);
  return out;
}

const malformed = 'The XML you provided was not well-formed or did not validate against our published schema';

function readMember(member: Member, found: readonly XmlElement[], protocol: ProtocolName): unknown {
  const { shape } = member;
  if (shape.type === 'list') {
    const { element } = shape;
    if (member.traits.xmlFlattened) return found.map((item) => readXmlValue(element, item, protocol));
    const holder = single(found, protocol);
    return holder.children
      .filter((child) => child.name === element.xmlName)
      .map((child) => readXmlValue(element, child, protocol));
  }
  if (shape.type === 'map') {
    const entries = member.traits.xmlFlattened
      ? found
      : single(found, protocol).children.filter((child) => child.name === 'entry');
    return readMap(shape, entries, protocol);
  }
  return readXmlValue(member, single(found, protocol), protocol);
}

/** An element that may stand once stands once: a second one could be read differently by another reader. */
function single(found: readonly XmlElement[], protocol: ProtocolName): XmlElement {
  if (found.length !== 1) throw unreadable(protocol, malformed);
  return found[0]!;
}

function readMap(shape: Shape, entries: readonly XmlElement[], protocol: ProtocolName): object {
  const out = Object.create(null) as Record<string, unknown>;
  for (const entry of entries) {
    const key = entry.children.find((child) => child.name === shape.key.xmlName);
    const value = entry.children.find((child) => child.name === shape.value.xmlName);
    if (!key || !value) throw unreadable(protocol, malformed);
    out[key.text] = readXmlValue(shape.value, value, protocol);
  }
  return out;
}

/** One element as one value. @throws WireFault */
function readXmlValue(member: Member, element: XmlElement, protocol: ProtocolName): unknown {
  switch (member.shape.type) {
    case 'structure':
    case 'union':
      return readXmlStructure(member.shape, element, protocol);
    case 'list':
      return element.children
        .filter((child) => child.name === member.shape.element.xmlName)
        .map((child) => readXmlValue(member.shape.element, child, protocol));
    case 'map':
      return readMap(
        member.shape,
        element.children.filter((child) => child.name === 'entry'),
        protocol,
      );
    default:
      if (element.children.length > 0) throw unreadable(protocol, malformed);
      return parseScalar(member, element.text, 'date-time', protocol);
  }
}
