/** Patterns with policy variables: `${key}`, `${key, 'default'}`, and `${*}` `${?}` `${$}` for the characters themselves. */
import { ANY, fromSegments, type Glob, hasReserved } from '../text/glob.ts';
import type { PolicyVersion } from './document.ts';
import type { Context } from './types.ts';

/** A star, any one character, plain text, or a variable. */
export type Token = { readonly kind: 'star' | 'any' } | { readonly kind: 'text'; readonly text: string } | Variable;

export interface Variable {
  readonly kind: 'variable';
  /** Lower case. */
  readonly key: string;
  /** As written. */
  readonly name: string;
  readonly fallback: string | undefined;
}

const star: Token = { kind: 'star' };
const any: Token = { kind: 'any' };

/** Cuts a pattern into tokens. Under 2008-10-17 `${…}` is plain text in which `*` and `?` are still wildcards. */
export function tokens(pattern: string, version: PolicyVersion): Token[] {
  const found: Token[] = [];
  let text = '';
  const flush = (): void => {
    if (text !== '') found.push({ kind: 'text', text });
    text = '';
  };
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at]!;
    if (character === '*' || character === '?') {
      flush();
      found.push(character === '*' ? star : any);
      continue;
    }
    const special = character === '$' && version === '2012-10-17' ? readVariable(pattern, at) : undefined;
    if (!special) {
      text += character;
      continue;
    }
    if (special.token.kind === 'text') text += special.token.text;
    else {
      flush();
      found.push(special.token);
    }
    at = special.end - 1;
  }
  flush();
  return found;
}

function variable(name: string, fallback: string | undefined): Variable {
  return { kind: 'variable', key: name.toLowerCase(), name, fallback };
}

/** Reads `${…}` at an offset; undefined when it is not a variable, and then it is plain text. */
function readVariable(pattern: string, at: number): { readonly token: Token; readonly end: number } | undefined {
  if (pattern[at + 1] !== '{') return undefined;
  const close = pattern.indexOf('}', at + 2);
  if (close < 0) return undefined;
  const inside = pattern.slice(at + 2, close);
  if (inside === '*' || inside === '?' || inside === '$') {
    return { token: { kind: 'text', text: inside }, end: close + 1 };
  }
  const comma = inside.indexOf(',');
  if (comma < 0) {
    const name = inside.trim();
    return name === '' ? undefined : { token: variable(name, undefined), end: close + 1 };
  }
  return readFallback(pattern, at + 2 + comma, inside.slice(0, comma).trim());
}

/** `, 'text'}`: the text may hold braces, up to the quote that a brace follows. */
function readFallback(pattern: string, comma: number, name: string): ReturnType<typeof readVariable> {
  let at = comma + 1;
  while (pattern[at] === ' ') at++;
  if (name === '' || pattern[at] !== "'") return undefined;
  for (let quote = pattern.indexOf("'", at + 1); quote >= 0; quote = pattern.indexOf("'", quote + 1)) {
    let end = quote + 1;
    while (pattern[end] === ' ') end++;
    if (pattern[end] !== '}') continue;
    return { token: variable(name, pattern.slice(at + 1, quote)), end: end + 1 };
  }
  return undefined;
}

/** What to insert; undefined when the key is absent without default, multi-valued, or cannot be taken literally. */
export function variableValue(token: Variable, context: Context): string | undefined {
  const value = context.get(token.key) ?? token.fallback;
  return typeof value === 'string' && !hasReserved(value) ? value : undefined;
}

/** A pattern ready for requests. Without variables everything is known beforehand. */
export class Template {
  /** As written in the policy. */
  readonly source: string;
  /** Characters before the first wildcard or variable. */
  readonly prefix: string;
  readonly #tokens: readonly Token[];
  readonly #text: string | undefined;
  readonly #glob: Glob | undefined;

  constructor(source: string, parts: readonly Token[]) {
    this.source = source;
    this.#tokens = parts;
    const fixed = parts.every((token) => token.kind !== 'variable');
    this.#glob = fixed ? globOf(parts, undefined) : undefined;
    this.#text = fixed ? textOf(parts, undefined) : undefined;
    const first = parts[0];
    this.prefix = first?.kind === 'text' ? first.text : '';
  }

  /** True when the request's context is not needed. */
  get fixed(): boolean {
    return this.#glob !== undefined;
  }

  /** The text with variables filled in, in which `*` and `?` are characters. */
  text(context: Context): string | undefined {
    return this.#text ?? textOf(this.#tokens, context);
  }

  /** The glob with variables filled in; inserted text never acts as a wildcard. */
  glob(context: Context): Glob | undefined {
    return this.#glob ?? globOf(this.#tokens, context);
  }
}

/** A pattern in which `*` and `?` are wildcards. */
export function template(pattern: string, version: PolicyVersion): Template {
  return new Template(pattern, tokens(pattern, version));
}

function textOf(parts: readonly Token[], context: Context | undefined): string | undefined {
  let text = '';
  for (const token of parts) {
    if (token.kind === 'variable') {
      const value = context && variableValue(token, context);
      if (value === undefined) return undefined;
      text += value;
    } else if (token.kind === 'text') text += token.text;
    else text += token.kind === 'star' ? '*' : '?';
  }
  return text;
}

function globOf(parts: readonly Token[], context: Context | undefined): Glob | undefined {
  const segments = [''];
  for (const token of parts) {
    if (token.kind === 'star') {
      segments.push('');
      continue;
    }
    let text: string | undefined = ANY;
    if (token.kind === 'text') text = token.text;
    else if (token.kind === 'variable') text = context ? variableValue(token, context) : undefined;
    if (text === undefined) return undefined;
    segments[segments.length - 1] += text;
  }
  return fromSegments(segments);
}
