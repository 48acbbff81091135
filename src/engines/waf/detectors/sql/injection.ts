/**
 * SQL injection: reads a text in every place where an application may have pasted it into a statement, folds what it
 * reads, and looks for the structures of injected SQL. English that uses SQL's words does not have them.
 */
import type { Detector, Evidence } from '../detector.ts';
import { evidence } from '../evidence.ts';
import { trait, traitsOf } from '../traits.ts';
import { fold } from './folding.ts';
import { type Quote, sketch } from './lexer.ts';
import { type Pattern, patterns } from './patterns.ts';

type Level = Pattern['level'];

const levels: Readonly<Record<Level, readonly Level[]>> = {
  low: ['low'],
  extended: ['extended'],
  high: ['low', 'extended', 'high'],
};

const chosen = new Map<string, readonly Pattern[]>();
for (const level of ['low', 'extended', 'high'] as const) {
  for (const place of ['bare', 'quoted'] as const) {
    chosen.set(
      level + place,
      patterns.filter((each) => levels[level].includes(each.level) && (each.place === 'any' || each.place === place)),
    );
  }
}

/** Signs without which no structure can be: all others are words in a row. */
const needed =
  trait.quote |
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

export const sqliLow: Detector = (text) => detect(text, 'low');
export const sqliExtended: Detector = (text) => detect(text, 'extended');
export const sqliHigh: Detector = (text) => detect(text, 'high');

function detect(text: string, level: Level): Evidence | undefined {
  const traits = traitsOf(text);
  if (text.length < 4) return undefined;
  if ((traits & needed) === 0) return /^information_schema/i.test(text) ? read(text, '', level) : undefined;
  const found = read(text, '', level);
  if (found !== undefined) return found;
  if ((traits & (trait.quote | trait.backtick)) !== 0) {
    if (text.includes("'")) {
      const quoted = read(text, "'", level);
      if (quoted !== undefined) return quoted;
    }
    if (text.includes('`')) {
      const quoted = read(text, '`', level);
      if (quoted !== undefined) return quoted;
    }
    if (text.includes('"')) {
      const quoted = read(text, '"', level);
      if (quoted !== undefined) return quoted;
    }
  }
  // Comments within words: a filter that strips them puts the words together.
  if ((traits & trait.star) !== 0 && /\w\/\*\*\/\w/.test(text)) {
    const joined = text.replaceAll('/**/', '');
    return read(joined, '', level) ?? (joined.includes("'") ? read(joined, "'", level) : undefined);
  }
  return undefined;
}

const longestComment = 40;

/** Constants, functions and brackets without a single name, which end in a comment; or calls within calls. */
const bareExpression = /^(?=[^(]*\()[1svgfFo(),=&EmBC*!]{3,80}c$|^o*f\((?:f\(|v\))/;

function read(text: string, quote: Quote, level: Level): Evidence | undefined {
  const { letters, starts, commentLength, innerComments } = sketch(text, quote);
  if (letters.length < 2) {
    return letters === 'y' && level !== 'low' && /^information_schema/i.test(text)
      ? evidence('sqli', 'SQL: the schema of the database', text, 0.7)
      : undefined;
  }
  if (level !== 'low') {
    const bare = quote === '' ? bareExpression.exec(letters) : null;
    if (bare !== null) return evidence('sqli', 'SQL: an expression in brackets, and a comment after it', text, 0.7);
  }
  const folded = fold(letters);
  if (innerComments > 0 && level !== 'low' && text.includes('/*') && /^[1sv]\)*&!?[1svqnp]/.test(folded.letters)) {
    return evidence('sqli', 'SQL: a condition with comments between its words', text, 0.85);
  }
  // Names in a row are prose: no pattern begins with them, and what follows a sentence is no statement.
  for (const { shape, reason } of chosen.get(level + (quote === '' ? 'bare' : 'quoted'))!) {
    const index = folded.letters.search(shape);
    if (index < 0) continue;
    if (reason === 'the rest of the statement commented out' && commentLength > longestComment) continue;
    const token = folded.tokens[index] ?? 0;
    const start = starts[token] ?? 0;
    return evidence('sqli', `SQL: ${reason}`, text.slice(Math.max(0, start - 8)), 0.95);
  }
  return undefined;
}
