/** JSON bytes to typed input: a strict walk along the shapes, since a parser alone lets wrong types pass. */
import { MAX_DEPTH, MAX_VALUES, unreadable, type WireFault } from '../fault.ts';
import { isSpecial, parseBase64 } from '../scalar.ts';
import type { Member, Shape } from '../shape.ts';
import { fromEpochSeconds, parseTimestamp } from '../timestamp.ts';
import type { ProtocolName } from '../types.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Nesting inside members that no shape names can be this deep; a body shorter than that needs no look. */
const MAX_RAW_DEPTH = 256;

/**
 * Reads a whole body as a structure.
 * @param rename whether `jsonName` counts: REST-JSON does, awsJson does not
 * @throws WireFault SerializationException
 */
export function readJsonBody(shape: Shape, body: Uint8Array, protocol: ProtocolName, rename: boolean): object {
  const parsed = body.length === 0 ? {} : parseJson(body, protocol);
  return new TreeReader(protocol, rename ? 'jsonName' : 'name').structure(shape, parsed, 0);
}

/** @throws WireFault SerializationException */
export function readJsonPayload(member: Member, body: Uint8Array, protocol: ProtocolName): unknown {
  return new TreeReader(protocol, 'jsonName').value(member, parseJson(body, protocol), 0);
}

function parseJson(body: Uint8Array, protocol: ProtocolName): unknown {
  if (body.length > MAX_RAW_DEPTH && depthOf(body) > MAX_RAW_DEPTH)
    throw unreadable(protocol, 'The JSON is nested too deeply.');
  try {
    return JSON.parse(utf8.decode(body)) as unknown;
  } catch {
    throw unreadable(protocol, 'The request body is not valid JSON.');
  }
}

/** The deepest nesting of brackets outside strings, without recursion. */
function depthOf(body: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let index = 0; index < body.length; index++) {
    const byte = body[index];
    if (quoted) {
      if (byte === 0x5c) index++;
      else if (byte === 0x22) quoted = false;
    } else if (byte === 0x22) quoted = true;
    else if (byte === 0x5b || byte === 0x7b) {
      depth++;
      if (depth > deepest) deepest = depth;
    } else if (byte === 0x5d || byte === 0x7d) depth--;
  }
  return deepest;
}

/** Walks a tree of plain values (from JSON, or from CBOR with bytes and dates in it) along shapes. */
export class TreeReader {
  readonly #protocol: ProtocolName;
  readonly #nameOf: 'name' | 'jsonName';
  readonly #binary: boolean;
  #values = 0;

  constructor(protocol: ProtocolName, nameOf: 'name' | 'jsonName') {
    this.#protocol = protocol;
    this.#nameOf = nameOf;
    this.#binary = protocol === 'rpcv2Cbor';
  }

  structure(shape: Shape, from: unknown, depth: number): object {
    if (from === null || typeof from !== 'object' || Array.isArray(from) || !isPlain(from)) {
      throw this.#wrong(from, 'a structure');
    }
    if (depth > MAX_DEPTH) throw this.#fault('The input is nested too deeply.');
    const source = from as Record<string, unknown>;
    const out: Record<string, unknown> = {};
    let present = 0;
    for (const member of shape.members) {
      const key = member[this.#nameOf];
      if (!Object.hasOwn(source, key)) continue;
      const value = source[key];
      if (value === null || value === undefined) continue;
      out[member.name] = this.value(member, value, depth + 1);
      present++;
    }
    if (shape.type === 'union' && present !== 1) {
      throw this.#fault(`Exactly one member of ${shape.name} must be set, not ${present}.`);
    }
    return out;
  }

  value(member: Member, from: unknown, depth: number): unknown {
    const { shape } = member;
    switch (shape.type) {
      case 'string':
        if (typeof from === 'string') return this.#text(from);
        throw this.#wrong(from, 'a String');
      case 'number':
        if (typeof from === 'number') {
          if (member.constraint?.integer && !Number.isInteger(from)) throw this.#wrong(from, 'an Integer');
          // A literal beyond the range of doubles: what would arrive is not what was sent.
          if (!this.#binary && !Number.isFinite(from)) throw this.#wrong(from, 'a Number');
          return from;
        }
        if (typeof from === 'bigint') return Number(from);
        if (!this.#binary && isSpecial(from) && !member.constraint?.integer) return Number(from);
        throw this.#wrong(from, 'a Number');
      case 'boolean':
        if (typeof from === 'boolean') return from;
        throw this.#wrong(from, 'a Boolean');
      case 'structure':
      case 'union':
        return this.structure(shape, from, depth);
      case 'list':
        return this.#list(shape, from, depth);
      case 'map':
        return this.#map(shape, from, depth);
      case 'timestamp':
        return this.#timestamp(shape, from);
      case 'blob':
        if (this.#binary) {
          if (from instanceof Uint8Array) return from;
        } else if (typeof from === 'string') return parseBase64(from, member.name, this.#protocol);
        throw this.#wrong(from, 'a Blob');
      case 'document':
        return this.#document(from, depth);
      case 'bigInteger':
        if (typeof from === 'bigint') return from;
        if (Number.isInteger(from)) return BigInt(from as number);
        throw this.#wrong(from, 'an Integer');
      case 'bigDecimal':
        if (typeof from === 'number' || typeof from === 'bigint') return String(from);
        throw this.#wrong(from, 'a Number');
    }
  }

  #list(shape: Shape, from: unknown, depth: number): unknown[] {
    if (!Array.isArray(from)) throw this.#wrong(from, 'a List');
    this.#count(from.length, depth);
    const { element } = shape;
    const sparse = shape.traits.sparse === 1;
    return from.map((item: unknown) => {
      if (item !== null) return this.value(element, item, depth + 1);
      if (sparse) return null;
      throw this.#fault('A list holds null where its elements must not be null.');
    });
  }

  #map(shape: Shape, from: unknown, depth: number): object {
    if (from === null || typeof from !== 'object' || Array.isArray(from) || !isPlain(from))
      throw this.#wrong(from, 'a Map');
    const entries = Object.entries(from);
    this.#count(entries.length, depth);
    const out = Object.create(null) as Record<string, unknown>;
    const sparse = shape.traits.sparse === 1;
    for (const [key, item] of entries) {
      if (item !== null) out[this.#text(key)] = this.value(shape.value, item, depth + 1);
      else if (sparse) out[key] = null;
      // A dense map drops null values, as AWS's JSON protocols do.
    }
    return out;
  }

  #timestamp(shape: Shape, from: unknown): Date {
    let date: Date | undefined;
    if (from instanceof Date) date = from;
    else if (typeof from === 'number' && !this.#binary) date = fromEpochSeconds(from);
    else if (typeof from === 'string' && !this.#binary) {
      const format = shape.timestampFormat ?? 'epoch-seconds';
      date =
        parseTimestamp(from, format) ?? (format === 'epoch-seconds' ? parseTimestamp(from, 'date-time') : undefined);
    }
    if (date) return date;
    throw this.#wrong(from, 'a Timestamp');
  }

  #document(from: unknown, depth: number): unknown {
    if (depth > MAX_DEPTH) throw this.#fault('The input is nested too deeply.');
    if (Array.isArray(from)) {
      this.#count(from.length, depth);
      return from.map((item) => this.#document(item, depth + 1));
    }
    if (from !== null && typeof from === 'object' && isPlain(from)) {
      const entries = Object.entries(from);
      this.#count(entries.length, depth);
      const out = Object.create(null) as Record<string, unknown>;
      for (const [key, item] of entries) out[key] = this.#document(item, depth + 1);
      return out;
    }
    return from;
  }

  /** A lone surrogate has no bytes: whoever stores it stores another text. */
  #text(text: string): string {
    if (text.isWellFormed()) return text;
    throw this.#fault('A text is not valid Unicode.');
  }

  #count(more: number, depth: number): void {
    this.#values += more;
    if (this.#values > MAX_VALUES) throw this.#fault('The input holds too many values.');
    if (depth > MAX_DEPTH) throw this.#fault('The input is nested too deeply.');
  }

  /** In the words of AWS's JSON services. */
  #wrong(from: unknown, wanted: string): WireFault {
    if (Array.isArray(from)) return this.#fault('Start of list found where not expected.');
    if (from !== null && typeof from === 'object' && isPlain(from)) {
      return this.#fault('Start of structure or map found where not expected.');
    }
    return this.#fault(`${kindOf(from)} can not be converted to ${wanted}`);
  }

  #fault(message: string): WireFault {
    return unreadable(this.#protocol, message);
  }
}

function isPlain(value: object): boolean {
  return !(value instanceof Uint8Array) && !(value instanceof Date);
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'NULL_VALUE';
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  if (typeof value === 'number' && !Number.isInteger(value)) return 'DECIMAL_VALUE';
  if (typeof value === 'number' || typeof value === 'bigint') return 'NUMBER_VALUE';
  return value instanceof Uint8Array ? 'BINARY_VALUE' : 'STRING_VALUE';
}
