/** Typed output to CBOR bytes. */
import type { Member, Shape } from '../shape.ts';
import { asDate } from '../timestamp.ts';

/** @throws TypeError when a value is not of its member's type */
export function writeCbor(shape: Shape, value: object, extra: Readonly<Record<string, string>> = {}): Uint8Array {
  const writer = new CborWriter();
  writer.structure(shape, value, extra);
  return writer.bytes();
}

class CborWriter {
  #buffer = Buffer.allocUnsafe(512);
  #at = 0;

  bytes(): Uint8Array {
    return new Uint8Array(this.#buffer.subarray(0, this.#at));
  }

  #room(more: number): void {
    if (this.#at + more <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + more));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }

  #head(major: number, argument: number | bigint): void {
    this.#room(9);
    const type = major << 5;
    if (argument < 24) this.#buffer[this.#at++] = type | Number(argument);
    else if (argument < 0x100) {
      this.#buffer[this.#at++] = type | 24;
      this.#buffer[this.#at++] = Number(argument);
    } else if (argument < 0x10000) {
      this.#buffer[this.#at++] = type | 25;
      this.#at = this.#buffer.writeUInt16BE(Number(argument), this.#at);
    } else if (argument < 0x100000000) {
      this.#buffer[this.#at++] = type | 26;
      this.#at = this.#buffer.writeUInt32BE(Number(argument), this.#at);
    } else {
      this.#buffer[this.#at++] = type | 27;
      this.#at = this.#buffer.writeBigUInt64BE(BigInt(argument), this.#at);
    }
  }

  #byte(byte: number): void {
    this.#room(1);
    this.#buffer[this.#at++] = byte;
  }

  #text(text: string): void {
    const length = Buffer.byteLength(text);
    this.#head(3, length);
    this.#room(length);
    this.#at += this.#buffer.write(text, this.#at, 'utf8');
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
      if (value >= 0) this.#head(0, value);
      else this.#head(1, -1 - value);
      return;
    }
    this.#byte(0xfb);
    this.#room(8);
    this.#at = this.#buffer.writeDoubleBE(value, this.#at);
  }

  #bigint(value: bigint): void {
    const magnitude = value >= 0n ? value : -1n - value;
    if (magnitude < 1n << 64n) {
      this.#head(value >= 0n ? 0 : 1, magnitude);
      return;
    }
    const hex = magnitude.toString(16);
    this.#head(6, value >= 0n ? 2 : 3);
    this.#blob(Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex'));
  }

  #blob(bytes: Uint8Array): void {
    this.#head(2, bytes.length);
    this.#room(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  structure(shape: Shape, value: object, extra: Readonly<Record<string, string>> = {}): void {
    const source = value as Record<string, unknown>;
    this.#byte(0xbf);
    for (const [key, text] of Object.entries(extra)) {
      this.#text(key);
      this.#text(text);
    }
    for (const member of shape.members) {
      const item = source[member.name];
      if (item === undefined || item === null) continue;
      this.#text(member.name);
      this.#value(member, item);
    }
    this.#byte(0xff);
  }

  #value(member: Member, value: unknown): void {
    if (!this.#written(member.shape, value)) {
      throw new TypeError(`output member ${member.name} must be a ${member.shape.type}`);
    }
  }

  /** False when the value is not of the shape's type. */
  #written(shape: Shape, value: unknown): boolean {
    switch (shape.type) {
      case 'string':
        if (typeof value !== 'string') return false;
        this.#text(value);
        return true;
      case 'number':
        if (typeof value === 'number') this.#number(value);
        else if (typeof value === 'bigint') this.#bigint(value);
        else return false;
        return true;
      case 'boolean':
        if (typeof value !== 'boolean') return false;
        this.#byte(value ? 0xf5 : 0xf4);
        return true;
      case 'timestamp':
        this.#head(6, 1);
        this.#number(asDate(value).getTime() / 1000);
        return true;
      case 'blob':
        if (!(value instanceof Uint8Array)) return false;
        this.#blob(value);
        return true;
      case 'structure':
      case 'union':
        if (typeof value !== 'object' || value === null) return false;
        this.structure(shape, value);
        return true;
      case 'list':
        if (!Array.isArray(value)) return false;
        this.#list(shape, value);
        return true;
      case 'map':
        if (typeof value !== 'object' || value === null) return false;
        this.#map(shape, value);
        return true;
      case 'bigInteger':
        if (typeof value !== 'bigint') return false;
        this.#bigint(value);
        return true;
      default:
        return false;
    }
  }

  #list(shape: Shape, items: readonly unknown[]): void {
    this.#head(4, items.length);
    for (const item of items) {
      if (item === null || item === undefined) this.#byte(0xf6);
      else this.#value(shape.element, item);
    }
  }

  #map(shape: Shape, value: object): void {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    this.#head(5, entries.length);
    for (const [key, item] of entries) {
      this.#text(key);
      if (item === null) this.#byte(0xf6);
      else this.#value(shape.value, item);
    }
  }
}
