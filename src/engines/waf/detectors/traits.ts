/** Which kinds of characters a text holds, in one pass: detectors that cannot match such a text are not run. */

export const trait = {
  quote: 1 << 0,
  backtick: 1 << 1,
  less: 1 << 2,
  parenthesis: 1 << 3,
  equals: 1 << 4,
  semicolon: 1 << 5,
  ampersand: 1 << 6,
  pipe: 1 << 7,
  dollar: 1 << 8,
  brace: 1 << 9,
  bracket: 1 << 10,
  slash: 1 << 11,
  backslash: 1 << 12,
  percent: 1 << 13,
  hash: 1 << 14,
  at: 1 << 15,
  colon: 1 << 16,
  star: 1 << 17,
  blank: 1 << 18,
  comma: 1 << 19,
  /** Two dots beside each other. */
  dots: 1 << 20,
  control: 1 << 21,
  newline: 1 << 22,
  /** Beyond ASCII. */
  high: 1 << 23,
  digit: 1 << 24,
  letter: 1 << 25,
  plus: 1 << 26,
  bang: 1 << 27,
  dot: 1 << 28,
  hyphens: 1 << 29,
  greater: 1 << 30,
} as const;

const table = new Int32Array(128);
for (let code = 0; code < 32; code++) table[code] = trait.control;
for (let code = 48; code < 58; code++) table[code] = trait.digit;
for (let code = 65; code < 91; code++) table[code] = table[code + 32] = trait.letter;
const single: readonly (readonly [string, number])[] = [
  ['\'"', trait.quote],
  ['`', trait.backtick],
  ['<', trait.less],
  ['>', trait.greater],
  ['()', trait.parenthesis],
  ['=', trait.equals],
  [';', trait.semicolon],
  ['&', trait.ampersand],
  ['|', trait.pipe],
  ['$', trait.dollar],
  ['{}', trait.brace],
  ['[]', trait.bracket],
  ['/', trait.slash],
  ['\\', trait.backslash],
  ['%', trait.percent],
  ['#', trait.hash],
  ['@', trait.at],
  [':', trait.colon],
  ['*', trait.star],
  [' ', trait.blank],
  [',', trait.comma],
  ['.', trait.dot],
  ['+', trait.plus],
  ['!', trait.bang],
];
for (const [characters, bit] of single) for (const character of characters) table[character.charCodeAt(0)] = bit;
table[9] = table[11] = table[12] = trait.blank;
table[10] = table[13] = trait.blank | trait.newline;
table[127] = trait.control;

/** A text that detectors look at, and what is known of it. */
export interface Known {
  readonly text: string;
  readonly traits: number;
  /** Which gates are open for it: found when the first is asked. */
  gates: readonly number[] | undefined;
  /** Which detectors it concerns, a bit each; negative until somebody asks. */
  awake: number;
}

/** Nothing but its characters yet. */
export function toKnow(text: string, traits = countTraits(text)): Known {
  return { text, traits, gates: undefined, awake: -1 };
}

let current = toKnow('');

/** The last text is remembered: detectors ask in turn for one. */
export function known(text: string): Known {
  if (text !== current.text) current = toKnow(text);
  return current;
}

/** What is known is no longer all: there is more to look for. */
export function forget(): void {
  current = toKnow('');
}

/** What is known of a text already need not be found again. */
export function lookAt(text: Known): void {
  current = text;
}

export function traitsOf(text: string): number {
  return known(text).traits;
}

export function countTraits(text: string): number {
  let traits = 0;
  let previous = 0;
  // Texts come in more shapes than V8 tells apart at one place: asked in each turn, it looks the property up each time.
  const { length } = text;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 127) traits |= trait.high;
    else {
      traits |= table[code]!;
      if (code === previous) {
        if (code === 46) traits |= trait.dots;
        else if (code === 45) traits |= trait.hyphens;
      }
    }
    previous = code;
  }
  return traits;
}
