/**
 * Reads JSON for inspection: every key and every scalar with its place, duplicates too, up to the first fault. Linear,
 * of bounded depth, and forgiving where a forgiving origin would read on.
 */
import { utf8Of } from '../transformations/unicode.ts';

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
}

const deepest = 256;

export function readJson(text: string): JsonReading {
  const reader = new Reader(text);
  const isComplete = reader.document();
  return { parts: reader.parts, isComplete };
}

class Reader {
  readonly parts: JsonPart[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): boolean {
    // A byte order mark.
    if (this.#text.startsWith('\xef\xbb\xbf')) this.#at = 3;
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
      this.#space();
      if (!key.isClosed || !this.#eat(':')) return false;
      if (!this.#value(place, depth)) return false;
      this.#space();
      if (this.#eat('}')) return true;
      if (!this.#eat(',')) return false;
    }
  }

  #array(pointer: string, depth: number): boolean {
    this.#at += 1;
    this.#space();
    if (this.#eat(']')) return true;
    for (let index = 0; ; index++) {
      if (!this.#value(below(pointer, String(index)), depth)) return false;
      this.#space();
      if (this.#eat(']')) return true;
      if (!this.#eat(',')) return false;
    }
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

/** In JSON, U+0080 to U+00FF are two bytes too. */
function strictUtf8Of(code: number): string {
  return code >= 0x80 && code < 0x100 ? String.fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 0x3f)) : utf8Of(code);
}
