/** CBOR bytes to plain values under limits (RFC 8949; what Smithy RPC v2 uses of it). */
import { MAX_DEPTH, MAX_VALUES, unreadable, type WireFault } from '../fault.ts';

/** @throws WireFault SerializationException */
export function parseCbor(body: Uint8Array): unknown {
  const parser = new CborParser(body);
  const value = parser.value(0);
  if (!parser.done) throw malformed('The CBOR has bytes after its end.');
  return value;
}

function malformed(message = 'The request body is not valid CBOR.'): WireFault {
  return unreadable('rpcv2Cbor', message);
}

const BREAK = Symbol('break');
const utf8 = new TextDecoder('utf-8', { fatal: true });

class CborParser {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #values = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(depth: number): unknown {
    const item = this.#item(depth);
    if (item === BREAK) throw malformed();
    return item;
  }

  #item(depth: number): unknown {
    if (depth > MAX_DEPTH * 2) throw malformed('The CBOR is nested too deeply.');
    if (++this.#values > MAX_VALUES * 4) throw malformed('The CBOR holds too many values.');
    const initial = this.#byte();
    const major = initial >> 5;
    const info = initial & 0x1f;
    if (major === 7) return this.#simple(info);
    if (info === 31) return this.#indefinite(major, depth);
    const argument = this.#argument(info);
    switch (major) {
      case 0:
        return argument;
      case 1:
        return typeof argument === 'bigint' ? -1n - argument : -1 - argument;
      case 2:
        return this.#take(argument);
      case 3:
        return this.#text(this.#take(argument));
      case 4:
        return this.#array(this.#length(argument), depth);
      case 5:
        return this.#map(this.#length(argument), depth);
      default:
        return this.#tagged(argument, depth);
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw malformed();
    return byte;
  }

  #argument(info: number): number | bigint {
    if (info < 24) return info;
    const width = 1 << (info - 24);
    if (info > 27 || this.#at + width > this.#bytes.length) throw malformed();
    const at = this.#at;
    this.#at += width;
    if (width === 1) return this.#view.getUint8(at);
    if (width === 2) return this.#view.getUint16(at);
    if (width === 4) return this.#view.getUint32(at);
    const wide = this.#view.getBigUint64(at);
    return wide <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(wide) : wide;
  }

  /** Of a collection: each element takes at least a byte, so a length beyond the bytes left is a lie. */
  #length(argument: number | bigint): number {
    if (typeof argument === 'bigint' || argument > this.#bytes.length - this.#at) throw malformed();
    return argument;
  }

  #take(argument: number | bigint): Uint8Array {
    const length = this.#length(argument);
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  #text(bytes: Uint8Array): string {
    try {
      return utf8.decode(bytes);
    } catch {
      throw malformed();
    }
  }

  #array(length: number, depth: number): unknown[] {
    const out: unknown[] = [];
    for (let index = 0; index < length; index++) out.push(this.value(depth + 1));
    return out;
  }

  #map(length: number, depth: number): object {
    const out = Object.create(null) as Record<string, unknown>;
    for (let index = 0; index < length; index++) this.#entry(out, this.value(depth + 1), depth);
    return out;
  }

  #entry(out: Record<string, unknown>, key: unknown, depth: number): void {
    if (typeof key !== 'string') throw malformed('A CBOR map key is no text.');
    out[key] = this.value(depth + 1);
  }

  #indefinite(major: number, depth: number): unknown {
    if (major === 2 || major === 3) {
      const chunks: Uint8Array[] = [];
      for (;;) {
        const initial = this.#byte();
        if (initial === 0xff) break;
        if (initial >> 5 !== major || (initial & 0x1f) === 31) throw malformed();
        chunks.push(this.#take(this.#argument(initial & 0x1f)));
      }
      const joined = new Uint8Array(Buffer.concat(chunks));
      return major === 2 ? joined : this.#text(joined);
    }
    if (major === 4) {
      const out: unknown[] = [];
      for (let item = this.#item(depth + 1); item !== BREAK; item = this.#item(depth + 1)) out.push(item);
      return out;
    }
    if (major === 5) {
      const out = Object.create(null) as Record<string, unknown>;
      for (let key = this.#item(depth + 1); key !== BREAK; key = this.#item(depth + 1)) this.#entry(out, key, depth);
      return out;
    }
    throw malformed();
  }

  #tagged(tag: number | bigint, depth: number): unknown {
    const value = this.value(depth + 1);
    if (tag === 1) {
      const date = typeof value === 'number' ? new Date(Math.round(value * 1000)) : undefined;
      if (!date || Number.isNaN(date.getTime())) throw malformed('A CBOR timestamp is not valid.');
      return date;
    }
    if ((tag === 2 || tag === 3) && value instanceof Uint8Array && value.length <= 256) {
      const magnitude = value.length === 0 ? 0n : BigInt(`0x${Buffer.from(value).toString('hex')}`);
      return tag === 2 ? magnitude : -1n - magnitude;
    }
    if (tag === 55799) return value;
    throw malformed(`The CBOR tag ${tag} is not supported.`);
  }

  #simple(info: number): unknown {
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
      case 23:
        return null;
      case 25:
        return half(this.#width(2).getUint16(0));
      case 26:
        return this.#width(4).getFloat32(0);
      case 27:
        return this.#width(8).getFloat64(0);
      case 31:
        return BREAK;
      default:
        throw malformed();
    }
  }

  #width(width: number): DataView {
    if (this.#at + width > this.#bytes.length) throw malformed();
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#at, width);
    this.#at += width;
    return view;
  }
}

function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * 2 ** -24 * fraction;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * 2 ** (exponent - 25) * (1024 + fraction);
}
