/** Queries of databases without SQL: operators smuggled into names and objects, and script that the server would run. */
import type { Detector } from './detector.ts';
import { around, evidence } from './evidence.ts';
import { trait, traitsOf } from './traits.ts';

/** Those that ask. `$set` and its like are also what analytics services call their fields. */
const operators =
  'where|ne|eq|gt|gte|lt|lte|in|nin|regex|exists|or|and|nor|not|elemMatch|expr|jsonSchema|func|accumulator|function|lookup|unionWith';

const signs: readonly (readonly [reason: string, shape: RegExp])[] = [
  ['an operator of MongoDB in a name', new RegExp(`\\[\\s?['"]?\\$(?:${operators})['"]?\\s?\\]`)],
  [
    'an operator of MongoDB in an object',
    new RegExp(`["']?\\$(?:${operators})["']?\\s{0,4}:\\s{0,4}(?:["'[{]|-?\\d|true|false|null|function|/|$)`),
  ],
  [
    'script that the database runs',
    /\bthis\.\w{1,40}(?:\.\w{1,20}\s?\(|\s?[=!]==?\s?|\[)[^\n]{0,80}(?:return|\|\||&&|;|['"/])|['"]\s?(?:;|\|\||&&)\s?(?:return\s+(?:true|1|this)|this\.\w+)|(?:^|[;'"|&}])\s?(?:return|while)\s?\(?\s?(?:true|1)\s?\)?\s?[;}{]|\bdb\.(?:\w{1,40}\.(?:find|insert|remove|drop|update|aggregate)|getCollectionNames|dropDatabase|eval|runCommand|adminCommand)\b|\bdo\s?\{[^}]{0,200}\}\s?while\s?\(|\bnew\s+Date\s?\(\s?\)\s?;[^\n]{0,200}\bwhile\b|\bmapReduce\s?\(|\btojson(?:one)?\s?\(/,
  ],
  [
    'a query of Redis, Couch or Elasticsearch',
    /\r?\n(?:SET|CONFIG SET|FLUSHALL|EVAL|SLAVEOF|MODULE LOAD|SAVE)\s|\b_all_dbs\b|"script_fields"\s?:|"script"\s?:\s?\{?\s?"(?:inline|source|lang)"/,
  ],
  [
    'an operator that an ORM takes for a look-up',
    /(?:^|[?&"'])\w{1,40}__(?:\w{1,40}__)*(?:password|user|username|is_staff|is_superuser|email)__?\w{0,40}(?:startswith|contains|regex|gt|lt|in|icontains|has_keys?)\b/,
  ],
];

const needed = trait.dollar | trait.parenthesis | trait.semicolon | trait.brace | trait.newline | trait.equals;

export const nosql: Detector = (text) => {
  const traits = traitsOf(text);
  if (text.length < 4 || ((traits & needed) === 0 && !text.includes('__') && !text.includes('_all'))) return undefined;
  for (const [reason, shape] of signs) {
    const index = text.search(shape);
    if (index >= 0) return evidence('nosql', reason, around(text, index), 0.85);
  }
  return undefined;
};

/** Names of arguments and of JSON's members. */
const operatorName = new RegExp(`(?:^|[[.'"])\\$(?:${operators})(?:$|[\\]'"])`);
export const nosqlName: Detector = (name) =>
  name.includes('$') && operatorName.test(name)
    ? evidence('nosql', 'an operator of MongoDB as a name', name, 0.9)
    : undefined;
