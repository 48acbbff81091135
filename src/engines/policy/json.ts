/** A strict JSON reader (RFC 8259) that remembers where everything stands and refuses duplicate keys. */
import { hasReserved } from '../text/glob.ts';
import { positionAt } from './position.ts';
import { PolicySyntaxError, type SyntaxReason } from './syntax-error.ts';

/** `start` is the offset of the first character, `end` the offset after the last. */
interface Span {
  readonly start: number;
  readonly end: number;
}

export type JsonNode =
  | (Span & { readonly kind: 'object'; readonly members: ReadonlyMap<string, JsonMember> })
  | (Span & { readonly kind: 'array'; readonly items: readonly JsonNode[] })
  | (Span & { readonly kind: 'string'; readonly value: string })
  /** Numbers keep their text: `1.10` stays `1.10`. */
  | (Span & { readonly kind: 'number'; readonly value: string })
  | (Span & { readonly kind: 'boolean'; readonly value: boolean })
  | (Span & { readonly kind: 'null' });

interface JsonMember {
  readonly keyStart: number;
  readonly node: JsonNode;
}

/** Longest document and deepest nesting that are read at all; a policy needs six levels. */
const MAX_LENGTH = 1_048_576;
const MAX_DEPTH = 16;

/** Reads exactly one value. Throws PolicySyntaxError with `message` for whatever is not JSON. */
export function readJson(text: string, message: string): JsonNode {
  if (text.length > MAX_LENGTH) throw new PolicySyntaxError('too-large', message, { line: 1, column: 1 });
  return new JsonReader(text, message).document();
}

class JsonReader {
  private readonly text: string;
  private readonly message: string;
  private at = 0;

  constructor(text: string, message: string) {
    this.text = text;
    this.message = message;
  }

  document(): JsonNode {
    this.space();
    const node = this.value(0);
    this.space();
    if (this.at < this.text.length) this.fail('json');
    return node;
  }

  private fail(reason: SyntaxReason, at = this.at, value?: string): never {
    throw new PolicySyntaxError(reason, this.message, positionAt(this.text, at), value);
  }

  private space(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.at++;
    }
  }

  private value(depth: number): JsonNode {
    if (depth > MAX_DEPTH) this.fail('too-deep');
    const start = this.at;
    const character = this.text[start];
    if (character === '{') return this.object(depth);
    if (character === '[') return this.array(depth);
    if (character === '"') {
      const value = this.string();
      return { kind: 'string', value, start, end: this.at };
    }
    if (this.word('true')) return { kind: 'boolean', value: true, start, end: this.at };
    if (this.word('false')) return { kind: 'boolean', value: false, start, end: this.at };
    if (this.word('null')) return { kind: 'null', start, end: this.at };
    return this.number();
  }

  private word(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  private object(depth: number): JsonNode {
    const start = this.at++;
    const members = new Map<string, JsonMember>();
    this.space();
    if (this.text[this.at] === '}') return { kind: 'object', members, start, end: ++this.at };
    for (;;) {
      this.space();
      const keyStart = this.at;
      if (this.text[keyStart] !== '"') this.fail('json');
      const key = this.string();
      if (members.has(key)) this.fail('duplicate-key', keyStart, key);
      this.space();
      if (this.text[this.at] !== ':') this.fail('json');
      this.at++;
      this.space();
      members.set(key, { keyStart, node: this.value(depth + 1) });
      this.space();
      const next = this.text[this.at];
      if (next === '}') return { kind: 'object', members, start, end: ++this.at };
      if (next !== ',') this.fail('json');
      this.at++;
    }
  }

  private array(depth: number): JsonNode {
    const start = this.at++;
    const items: JsonNode[] = [];
    this.space();
    if (this.text[this.at] === ']') return { kind: 'array', items, start, end: ++this.at };
    for (;;) {
      this.space();
      items.push(this.value(depth + 1));
      this.space();
      const next = this.text[this.at];
      if (next === ']') return { kind: 'array', items, start, end: ++this.at };
      if (next !== ',') this.fail('json');
      this.at++;
    }
  }

  private string(): string {
    let from = ++this.at;
    let value = '';
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code === 34) {
        value += this.text.slice(from, this.at++);
        if (hasReserved(value)) this.fail('characters', from, value);
        return value;
      }
      // Control characters, and the NaN that follows the end of the text.
      if (!(code >= 32)) this.fail('json');
      if (code !== 92) {
        this.at++;
        continue;
      }
      value += this.text.slice(from, this.at);
      value += this.escape();
      from = this.at;
    }
  }

  private escape(): string {
    const start = this.at;
    const letter = this.text[start + 1] ?? '';
    this.at += 2;
    const simple = ESCAPES[letter];
    if (simple !== undefined) return simple;
    if (letter !== 'u') this.fail('json', start);
    let code = 0;
    for (let index = 0; index < 4; index++) {
      const digit = '0123456789abcdef'.indexOf((this.text[this.at] ?? ' ').toLowerCase());
      if (digit < 0) this.fail('json', start);
      code = code * 16 + digit;
      this.at++;
    }
    return String.fromCharCode(code);
  }

  private number(): JsonNode {
    const start = this.at;
    if (this.text[this.at] === '-') this.at++;
    if (this.text[this.at] === '0') this.at++;
    else this.digits();
    if (this.text[this.at] === '.') {
      this.at++;
      this.digits();
    }
    if (this.text[this.at] === 'e' || this.text[this.at] === 'E') {
      this.at++;
      if (this.text[this.at] === '+' || this.text[this.at] === '-') this.at++;
      this.digits();
    }
    return { kind: 'number', value: this.text.slice(start, this.at), start, end: this.at };
  }

  private digits(): void {
    const start = this.at;
    while (isDigit(this.text.charCodeAt(this.at))) this.at++;
    if (this.at === start) this.fail('json');
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

const ESCAPES: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
});
