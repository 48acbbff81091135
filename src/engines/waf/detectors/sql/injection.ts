/**
 * SQL injection: reads a text in every place where an application may have pasted it into a statement, folds what it
 * reads, and looks for the structures of injected SQL. English that uses SQL's words does not have them.
 */
import { wakenedBy } from '../cues.ts';
import type { Detector, Evidence } from '../detector.ts';
import { evidence } from '../evidence.ts';
import { RecentAnswers } from '../recent.ts';
import { trait, traitsOf } from '../traits.ts';
import { fold } from './folding.ts';
import { beyond, catalogue, isBeyondBounds, isOwnName, pieceOf } from './fragments.ts';
import { type Quote, sketch } from './lexer.ts';
import { type Pattern, patterns } from './patterns.ts';

type Level = Pattern['level'];

/** Patterns by the place where they count, the sure ones first. */
const placed: Readonly<Record<'bare' | 'quoted', readonly Pattern[]>> = {
  bare: patterns.filter(({ place }) => place !== 'quoted'),
  quoted: patterns.filter(({ place }) => place !== 'bare'),
};

/** Signs without which no structure can be: all others are words in a row. */
const needed =
  trait.quote |
  trait.backtick |
  trait.parenthesis |
  trait.equals |
  trait.semicolon |
  trait.comma |
  trait.star |
  trait.hash |
  trait.hyphens |
  trait.blank |
  trait.at |
  trait.pipe |
  trait.ampersand |
  trait.plus;

/** Letters of which every pattern has one: names, numbers, brackets and commas alone are prose. */
const structural = /[EU&=khBC;DdIPRXYZWSFfcgsO]/;

type Found = Partial<Record<Level, Evidence>>;

const cues = [{ any: needed }, { gate: catalogue }, { gate: beyond }];

export const sqliLow = wakenedBy(cues, (text) => find(text).low);
/** What the sure patterns do not cover. */
export const sqliExtended = wakenedBy(cues, (text) => {
  const found = find(text);
  return found.low === undefined ? found.extended : undefined;
});
/** Everything, also what ordinary texts may look like. */
export const sqliHigh: Detector = (text) => {
  const found = find(text);
  return found.low ?? found.extended ?? found.high;
};

/** The levels ask for one text in turn. */
const answers = new RecentAnswers((text) => readEverywhere(text, traitsOf(text)));

function find(text: string): Found {
  const traits = traitsOf(text);
  if (text.length < 4) return {};
  if ((traits & needed) === 0 && !isOwnName(text) && !isBeyondBounds(text)) return {};
  return answers.of(text);
}

function readEverywhere(text: string, traits: number): Found {
  const found: Found = {};
  const piece = pieceOf(text, traits);
  if (piece !== undefined) add(found, 'extended', piece, text);
  read(text, '', found);
  if ((traits & (trait.quote | trait.backtick)) !== 0) {
    for (const quote of ["'", '"', '`'] as const) {
      if (found.low === undefined && text.includes(quote)) read(text, quote, found);
    }
  }
  // Comments within words: a filter that strips them puts the words together.
  if (found.low === undefined && (traits & trait.star) !== 0 && /\w\/\*\*\/\w/.test(text)) {
    const joined = text.replaceAll('/**/', '');
    read(joined, '', found);
    if (joined.includes("'")) read(joined, "'", found);
  }
  return found;
}

const longestComment = 40;
/** In longer texts a function may be spoken of. */
const longestCall = 400;

/** Parts that no text has: an operator between two brackets, a column's quote before an operator. */
const brokenOff = /\)\s{0,3}(?:like|rlike|regexp)\s{0,3}\(|;\s?truncate\s?[[(`]|`\s?(?:regexp|rlike)\b/i;

/** Constants, functions and brackets without a single name, which end in a comment; or calls within calls. */
const bareExpression = /^(?=[^(]*\()[1svgfFo(),=&EmBC*!]{3,80}c$|^o*f\((?:f\(|v\))/;

function read(text: string, quote: Quote, found: Found): void {
  const { letters, starts, commentLength, innerComments, hasOwnCall } = sketch(text, quote);
  if (hasOwnCall && text.length < longestCall) add(found, 'extended', 'a function that only databases have', text);
  if (letters.length < 2) {
    if (isOwnName(text)) add(found, 'extended', 'a schema or table that the database keeps for itself', text);
    else if (isBeyondBounds(text)) add(found, 'extended', 'a number one beyond what a column holds', text);
    return;
  }
  if (!structural.test(quote === '' ? letters : letters.slice(1))) return;
  if (quote === '' && bareExpression.test(letters)) {
    add(found, 'extended', 'an expression in brackets, and a comment after it', text);
  }
  if (text.length < longestCall && brokenOff.test(text))
    add(found, 'extended', 'a part of a statement, broken off', text);
  const folded = fold(letters);
  if (innerComments > 0 && text.includes('/*') && /^[1sv]\)*&!?[1svqnp]/.test(folded.letters)) {
    add(found, 'extended', 'a condition with comments between its words', text);
  }
  for (const { shape, reason, level } of placed[quote === '' ? 'bare' : 'quoted']) {
    if (found[level] !== undefined) continue;
    const index = folded.letters.search(shape);
    if (index < 0) continue;
    if (reason === 'the rest of the statement commented out') {
      // `#` stands in addresses, selectors and colours: as a comment it counts where nothing follows.
      if (quote === '`') continue;
      const sign = text[starts.at(-1) ?? 0];
      if (commentLength > (sign === '#' ? 1 : longestComment)) continue;
    }
    if (reason === 'a literal cut off and begun again' && text.length > 60) continue;
    const start = starts[folded.tokens[index] ?? 0] ?? 0;
    add(found, level, reason, text.slice(Math.max(0, start - 8)));
    if (level === 'low') return;
  }
}

function add(found: Found, level: Level, reason: string, matched: string): void {
  found[level] ??= evidence(
    'sqli',
    `SQL: ${reason}`,
    matched,
    level === 'low' ? 0.95 : level === 'extended' ? 0.8 : 0.5,
  );
}
