/**
 * Reads JSON for inspection: every key and every scalar with its place, duplicates too, up to the first fault. Linear,
 * of bounded depth, and forgiving where a forgiving origin would read on: as with AWS, missing commas and missing or
 * repeated colons are no faults ("Parsing doesn't fully validate the JSON").
 */
import { strictUtf8Of } from '../transformations/unicode.ts';

interface JsonPart {
  readonly isKey: boolean;
  /** A JSON pointer (RFC 6901). */
  readonly pointer: string;
  /** Strings without quotes and escapes, as UTF-8; other scalars as written. */
  readonly text: string;
}

export interface JsonReading {
  readonly parts: readonly JsonPart[];
  /** Read to its end without a fault. */
  readonly isComplete: boolean;
  /** Complete, an object or an array, and no key twice in one object: what AWS takes for JSON where a fallback is set. */
  readonly isSound: boolean;
}

const deepest = 256;

export function readJson(text: string): JsonReading {
  const reader = new Reader(text);
  const isComplete = reader.document();
  return { parts: reader.parts, isComplete, isSound: isComplete && reader.isContainer && !hasTwins(reader.parts) };
}

/** Keys of one object have places of their own, unless they are the same. */
function hasTwins(parts: readonly JsonPart[]): boolean {
  const keys = parts.filter(({ isKey }) => isKey);
  return new Set(keys.map(({ pointer }) => pointer)).size < keys.length;
}

class Reader {
  readonly parts: JsonPart[] = [];
  isContainer = false;
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): boolean {
    // A byte order mark.
    if (this.#text.startsWith('\xef\xbb\xbf')) this.#at = 3;
    this.#space();
    this.isContainer = '{['.includes(this.#text.charAt(this.#at) || ' ');
    if (!this.#value('', 0)) return false;
    this.#space();
    return this.#at === this.#text.length;
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 32 && (code < 9 || code > 13)) return;
      if (Number.isNaN(code)) return;
      this.#at += 1;
    }
  }

  #value(pointer: string, depth: number): boolean {
    this.#space();
    const first = this.#text.charAt(this.#at);
    if (first === '{') return depth < deepest && this.#object(pointer, depth + 1);
    if (first === '[') return depth < deepest && this.#array(pointer, depth + 1);
    if (first === '"') {
      const text = this.#string();
      this.parts.push({ isKey: false, pointer, text: text.text });
      return text.isClosed;
    }
    const from = this.#at;
    while (this.#at < this.#text.length && !/[\s,:[\]{}"]/.test(this.#text.charAt(this.#at))) this.#at += 1;
    const scalar = this.#text.slice(from, this.#at);
    if (scalar === '') return false;
    this.parts.push({ isKey: false, pointer, text: scalar });
    return /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(scalar);
  }

  #object(pointer: string, depth: number): boolean {
    this.#at += 1;
    this.#space();
    if (this.#eat('}')) return true;
    for (;;) {
      this.#space();
      if (this.#text.charAt(this.#at) !== '"') return false;
      const key = this.#string();
      const place = below(pointer, key.text.replaceAll('~', '~0').replaceAll('/', '~1'));
      this.parts.push({ isKey: true, pointer: place, text: key.text });
      if (!key.isClosed) return false;
      do this.#space();
      while (this.#eat(':'));
      if (!this.#value(place, depth)) return false;
      if (this.#ends('}')) return true;
    }
  }

  #array(pointer: string, depth: number): boolean {
    this.#at += 1;
    this.#space();
    if (this.#eat(']')) return true;
    for (let index = 0; ; index++) {
      if (!this.#value(below(pointer, String(index)), depth)) return false;
      if (this.#ends(']')) return true;
    }
  }

  /** After a member: the end, or on to the next one, with a comma or without. */
  #ends(close: '}' | ']'): boolean {
    this.#space();
    if (this.#eat(close)) return true;
    this.#eat(',');
    return false;
  }

  #eat(character: string): boolean {
    if (this.#text.charAt(this.#at) !== character) return false;
    this.#at += 1;
    return true;
  }

  /** From the opening quote on. */
  #string(): { readonly text: string; readonly isClosed: boolean } {
    const text = this.#text;
    const from = this.#at + 1;
    let end = from;
    for (; end < text.length; end++) {
      const code = text.charCodeAt(end);
      if (code === 34) break;
      if (code === 92) end++;
    }
    this.#at = Math.min(text.length, end + 1);
    const raw = text.slice(from, Math.min(end, text.length));
    return { text: raw.includes('\\') ? unescapeJson(raw) : raw, isClosed: end < text.length };
  }
}

/** Places are for people and for paths of at most 512 characters: what lies deeper has the place of what it lies in. */
const below = (pointer: string, part: string): string =>
  pointer.length + part.length > 1_024 ? pointer : `${pointer}/${part}`;

const escapes = /\\(?:u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|([^u]))/gs;
const letters: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

function unescapeJson(raw: string): string {
  return raw.replace(escapes, (_, high, low, unit, letter) => {
    if (high !== undefined) {
      const upper = Number.parseInt(high as string, 16) - 0xd800;
      return strictUtf8Of(0x10000 + upper * 0x400 + Number.parseInt(low as string, 16) - 0xdc00);
    }
    if (unit !== undefined) return strictUtf8Of(Number.parseInt(unit as string, 16));
    return Object.hasOwn(letters, letter as string) ? letters[letter as string]! : (letter as string);
  });
}
