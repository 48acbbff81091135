/**
 * Reads a text as SQL, in one pass, in any of the places where applications paste what users send: as it stands, or
 * within a literal in single quotes, double quotes or backquotes. Each token becomes one letter (`words.ts`); literals are
 * `s`, numbers `1`, names `n`, variables `v`, comments to the end `c`.
 */
import { functions, isSystemTable, telling, words } from './words.ts';

export interface Sketch {
  /** One letter a token. */
  readonly letters: string;
  /** Where in the text each token begins. */
  readonly starts: readonly number[];
  /** Comments within, as `/**\/`, which split words. */
  readonly innerComments: number;
  /** Characters of the comment that ends the text, without its sign; -1 where there is none. */
  readonly commentLength: number;
  /** Whether a function is called whose name only databases know: `group_concat(`. */
  readonly hasOwnCall: boolean;
}

export type Quote = '' | "'" | '"' | '`';

const mostTokens = 6000;

/** Functions that only databases have, beside those whose names are of several words. */
const own: ReadonlySet<string> = new Set(
  'database ifnull unhex charindex patindex nvl2 xmltype rawtohex hextoraw newid randomblob zeroblob extractvalue updatexml listagg'.split(
    ' ',
  ),
);

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isWordStart = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95 || code > 160;
const isWord = (code: number): boolean => isWordStart(code) || isDigit(code) || code === 36;
const isBlank = (code: number): boolean => code <= 32 || code === 160 || code === 0x2028 || code === 0x3000;

/** What the sign `character` says alone. */
const signs: Readonly<Record<string, string>> = {
  '(': '(',
  ')': ')',
  ',': ',',
  ';': ';',
  '+': 'o',
  '*': '*',
  '/': 'o',
  '%': 'o',
  '^': 'o',
  '~': 'o',
  '=': '=',
  '<': '=',
  '>': '=',
  '!': '!',
  '&': 'o',
  '|': 'o',
  '{': '{',
  '}': '}',
  '[': '[',
  ']': ']',
  '.': '.',
  ':': ':',
  '?': '?',
};

export function sketch(text: string, quote: Quote): Sketch {
  const letters: string[] = [];
  const starts: number[] = [];
  let innerComments = 0;
  let commentLength = -1;
  let hasOwnCall = false;
  let index = 0;
  const push = (letter: string, at: number): void => {
    letters.push(letter);
    starts.push(at);
  };
  if (quote !== '') {
    index = literalEnd(text, 0, quote);
    push('s', 0);
  }
  const { length } = text;
  while (index < length && letters.length < mostTokens) {
    const code = text.charCodeAt(index);
    if (isBlank(code)) {
      index++;
      continue;
    }
    const at = index;
    const character = text[index]!;
    const next = text[index + 1] ?? '';
    if (character === "'" || character === '"') {
      index = literalEnd(text, index + 1, character);
      push('s', at);
    } else if (character === '`') {
      index = literalEnd(text, index + 1, character);
      push('n', at);
    } else if (character === '-' && next === '-') {
      commentLength = text.length - index - 2;
      push('c', at);
      const line = text.indexOf('\n', index);
      if (line < 0) break;
      // What follows on the next line is still read by the database.
      letters.pop();
      starts.pop();
      commentLength = -1;
      innerComments++;
      index = line + 1;
    } else if (character === '#') {
      const line = text.indexOf('\n', index);
      if (line < 0) {
        commentLength = text.length - index - 1;
        push('c', at);
        break;
      }
      innerComments++;
      index = line + 1;
    } else if (character === '/' && next === '*') {
      if (text[index + 2] === '!') {
        // MySQL reads what stands in such a comment.
        innerComments++;
        index += 3;
        while (isDigit(text.charCodeAt(index))) index++;
        continue;
      }
      const end = text.indexOf('*/', index + 2);
      if (end < 0) {
        commentLength = text.length - index - 2;
        push('c', at);
        break;
      }
      innerComments++;
      index = end + 2;
    } else if (character === '*' && next === '/') {
      index += 2;
    } else if (isDigit(code) || (character === '.' && isDigit(text.charCodeAt(index + 1)))) {
      index = numberEnd(text, index);
      push('1', at);
    } else if (isWordStart(code)) {
      index = word(text, index, push, () => {
        hasOwnCall = true;
      });
    } else if (character === '@') {
      index++;
      while (text[index] === '@' || text[index] === '`') index++;
      const name = index;
      while (index < text.length && isWord(text.charCodeAt(index))) index++;
      push(next === '@' ? 'g' : index > name ? 'v' : '?', at);
    } else if (character === '\\') {
      // `\N` is NULL to MySQL.
      if (next === 'N') push('1', at);
      index += 2;
    } else if (character === '-') {
      push('o', at);
      index++;
    } else if ((character === '|' && next === '|') || (character === '&' && next === '&')) {
      push('&', at);
      index += 2;
    } else if ('<>=!:'.includes(character) && (next === '=' || (character === '<' && next === '>'))) {
      push('=', at);
      index += text[index + 2] === '>' ? 3 : 2;
    } else if ((character === '<' && next === '<') || (character === '>' && next === '>')) {
      push('o', at);
      index += 2;
    } else {
      const letter = signs[character];
      if (letter !== undefined) push(letter, at);
      else push('?', at);
      index++;
    }
  }
  return { letters: letters.join(''), starts, innerComments, commentLength, hasOwnCall };
}

/** After the quote that ends the literal; doubled and escaped ones are part of it. */
function literalEnd(text: string, start: number, quote: string): number {
  for (let index = start; index < text.length; index++) {
    const character = text[index];
    if (character === '\\') index++;
    else if (character === quote) {
      if (text[index + 1] !== quote || start === index) return index + 1;
      index++;
    }
  }
  return text.length;
}

function numberEnd(text: string, start: number): number {
  let index = start;
  if (text[index] === '0' && /^[xXbB]$/.test(text[index + 1] ?? '')) {
    index += 2;
    while (index < text.length && /^[0-9a-fA-F]$/.test(text[index]!)) index++;
    if (index > start + 2) return index;
    index = start;
  }
  while (index < text.length && (isDigit(text.charCodeAt(index)) || text[index] === '.')) index++;
  // 1e5, and also 1e0union, with which filters are passed.
  if ((text.charCodeAt(index) | 32) === 101 && /^[-+]?\d$/.test(text.slice(index + 1, index + 2).trim())) {
    index++;
    while (index < text.length && isDigit(text.charCodeAt(index))) index++;
  }
  return index;
}

function word(text: string, start: number, push: (letter: string, at: number) => void, ownCall: () => void): number {
  const { length } = text;
  let index = start;
  while (index < length && isWord(text.charCodeAt(index))) index++;
  let name = text.slice(start, index).toLowerCase();
  // x'41', n'text', _latin1'text', b'01'
  if (text[index] === "'" && (name === 'x' || name === 'n' || name === 'b' || name === 'e' || name === 'q')) {
    const end = literalEnd(text, index + 1, "'");
    push('s', start);
    return end;
  }
  // Names of several parts; blanks and brackets around the dot are rare enough.
  while (text[index] === '.' && isWord(text.charCodeAt(index + 1)) && index - start < 128) {
    index++;
    while (index < length && isWord(text.charCodeAt(index))) index++;
    name = text.slice(start, index).toLowerCase();
  }
  const known = name.length > 24 ? undefined : words.get(name);
  let after = index;
  while (after < length && isBlank(text.charCodeAt(after))) after++;
  const isCall = text[after] === '(' && after - index < 8;
  if (isCall && telling.has(name)) push('F', start);
  else if (isCall && functions.has(name)) {
    push('f', start);
    if (after === index && (name.includes('_') || own.has(name))) ownCall();
  } else if (name === 'order' || name === 'group' || name === 'partition') {
    const by = /^\s+by\b/i.exec(text.slice(index, index + 40));
    if (by === null) push('n', start);
    else {
      push('B', start);
      return index + by[0].length;
    }
  } else if (known !== undefined) push(known, start);
  else if (name === 'outfile' || name === 'dumpfile') push('O', start);
  else if (name === 'delay' || name === 'time') push('n', start);
  else push(isSystemTable(name) ? 'y' : 'n', start);
  return index;
}
