/** A small XML reader for request bodies: elements, attributes and text; no DTD, no entities but the five and characters. */
import { MAX_DEPTH, unreadable } from '../fault.ts';
import type { ProtocolName } from '../types.ts';

/** `name` is without its namespace prefix. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

interface OpenElement {
  name: string;
  raw: string;
  attributes: ReadonlyMap<string, string>;
  children: XmlElement[];
  text: string;
}

const MAX_ELEMENTS = 200_000;
const NAME = /[A-Za-z_:\u00C0-\uFFFD][A-Za-z0-9_:.\-\u00B7-\uFFFD]*/y;
const SPACE = /[ \t\r\n]*/y;
const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();
const utf8 = new TextDecoder('utf-8', { fatal: true });
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const REFERENCE = /&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|([a-z]{2,4}));/y;

/** @throws WireFault MalformedXML */
export function parseXml(body: Uint8Array, protocol: ProtocolName = 'restXml'): XmlElement {
  const fail = (
    message = 'The XML you provided was not well-formed or did not validate against our published schema',
  ) => unreadable(protocol, message);
  let source: string;
  try {
    source = utf8.decode(body);
  } catch {
    throw fail();
  }
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let elements = 0;
  let at = 0;

  /** One reference at a time: the first that is none ends it, however many follow. */
  const decode = (raw: string): string => {
    let out = '';
    let from = 0;
    for (let start = raw.indexOf('&'); start !== -1; start = raw.indexOf('&', from)) {
      REFERENCE.lastIndex = start;
      const match = REFERENCE.exec(raw);
      if (!match) throw fail();
      out += raw.slice(from, start) + character(match);
      from = REFERENCE.lastIndex;
    }
    return from === 0 ? raw : out + raw.slice(from);
  };
  const character = ([, decimal, hex, name]: RegExpExecArray): string => {
    if (name !== undefined && Object.hasOwn(ENTITIES, name)) return ENTITIES[name]!;
    const code = decimal ? Number(decimal) : hex ? Number.parseInt(hex, 16) : -1;
    const allowed = code === 9 || code === 10 || code === 13 || (code >= 0x20 && code <= 0x10ffff);
    if (!allowed || (code >= 0xd800 && code <= 0xdfff)) throw fail();
    return String.fromCodePoint(code);
  };
  const addText = (text: string) => {
    const current = open.at(-1);
    if (current) current.text += text;
    else if (text.trim() !== '') throw fail();
  };
  const skipTo = (end: string, from: number): number => {
    const found = source.indexOf(end, from);
    if (found === -1) throw fail();
    return found;
  };
  const name = (): string => {
    NAME.lastIndex = at;
    const match = NAME.exec(source);
    if (!match) throw fail();
    at = NAME.lastIndex;
    return match[0];
  };
  const space = () => {
    SPACE.lastIndex = at;
    SPACE.exec(source);
    const moved = SPACE.lastIndex > at;
    at = SPACE.lastIndex;
    return moved;
  };
  const close = (element: OpenElement) => {
    const parent = open.at(-1);
    if (parent) parent.children.push(element);
    else if (root) throw fail();
    else root = element;
  };
  const attributes = (): ReadonlyMap<string, string> => {
    let found: Map<string, string> | undefined;
    for (;;) {
      const spaced = space();
      const next = source.charAt(at);
      if (next === '>' || next === '/' || next === '') return found ?? NO_ATTRIBUTES;
      if (!spaced) throw fail();
      const key = name();
      space();
      if (source.charAt(at++) !== '=') throw fail();
      space();
      const quote = source.charAt(at++);
      if (quote !== '"' && quote !== "'") throw fail();
      const end = skipTo(quote, at);
      const value = source.slice(at, end);
      if (value.includes('<')) throw fail();
      at = end + 1;
      found ??= new Map();
      if (found.has(key) || found.size > 64) throw fail();
      found.set(key, decode(value));
    }
  };

  if (source.charCodeAt(0) === 0xfeff) at = 1;
  while (at < source.length) {
    const next = source.indexOf('<', at);
    if (next === -1) {
      addText(decode(source.slice(at)));
      break;
    }
    if (next > at) addText(decode(source.slice(at, next)));
    at = next + 1;
    if (source.startsWith('?', at)) at = skipTo('?>', at) + 2;
    else if (source.startsWith('!--', at)) at = skipTo('-->', at + 3) + 3;
    else if (source.startsWith('![CDATA[', at)) {
      const end = skipTo(']]>', at);
      if (open.length === 0) throw fail();
      addText(source.slice(at + 8, end));
      at = end + 3;
    } else if (source.startsWith('!', at)) throw fail();
    else if (source.startsWith('/', at)) {
      at++;
      const raw = name();
      space();
      if (source.charAt(at++) !== '>') throw fail();
      const element = open.pop();
      if (!element || element.raw !== raw) throw fail();
      close(element);
    } else {
      const raw = name();
      const held = attributes();
      const element: OpenElement = { name: local(raw), raw, attributes: held, children: [], text: '' };
      if (++elements > MAX_ELEMENTS || open.length >= MAX_DEPTH) throw fail();
      if (root && open.length === 0) throw fail();
      if (source.startsWith('/>', at)) {
        at += 2;
        close(element);
      } else if (source.charAt(at++) === '>') open.push(element);
      else throw fail();
    }
  }
  if (!root || open.length > 0) throw fail();
  return root;
}

function local(name: string): string {
  const colon = name.indexOf(':');
  return colon === -1 ? name : name.slice(colon + 1);
}
