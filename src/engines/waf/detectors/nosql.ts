/** Queries of databases without SQL: operators smuggled into names and objects, and script that the server would run. */
import { cuesOf, wakenedBy } from './cues.ts';
import type { Evidence } from './detector.ts';
import { evidence } from './evidence.ts';
import { Gate } from './shapes/shape.ts';
import { findSign, type Sign, sign } from './signs.ts';
import { trait, traitsOf } from './traits.ts';

/** Those that ask. `$set` and its like are also what analytics services call their fields. */
const operators =
  'where|ne|eq|gt|gte|lt|lte|in|nin|regex|exists|or|and|nor|not|elemMatch|expr|jsonSchema|func|accumulator|function|lookup|unionWith';

const signs: Sign[] = [
  sign(
    'an operator of MongoDB in a name',
    trait.dollar | trait.bracket,
    new RegExp(`\\[\\s?['"]?\\$(?:${operators})['"]?\\s?\\]`),
  ),
  sign(
    'an operator of MongoDB in an object',
    trait.dollar | trait.colon,
    new RegExp(`["']?\\$(?:${operators})["']?\\s{0,4}:\\s{0,4}(?:["'[{]|-?\\d|true|false|null|function|/|$)`),
  ),
  sign(
    'script that the database runs',
    0,
    /^[^\n]{0,40}\bthis\.\w{1,40}(?:\.\w{1,20}\s?\(|\s?[=!]==?\s?|\[)[^\n]{0,80}(?:return|\|\||&&|;|['"/])|['"]\s?(?:;|\|\||&&)\s?(?:return\s+(?:true|1|this)|this\.\w+)|(?:^|[;'"|&}])\s?(?:return|while)\s?\(?\s?(?:true|1)\s?\)?\s?[;}{]|\bdb\.(?:\w{1,40}\.(?:find|insert|remove|drop|update|aggregate)|getCollectionNames|dropDatabase|eval|runCommand|adminCommand)\b|\bdo\s?\{[^}]{0,200}\}\s?while\s?\((?!0\))|\bnew\s+Date\s?\(\s?\)\s?;[^\n]{0,200}\bwhile\b|\bmapReduce\s?\(|\btojson(?:one)?\s?\(/,
  ),
  sign(
    'a query of Redis, Couch or Elasticsearch',
    0,
    /\r?\n(?:SET|CONFIG SET|FLUSHALL|EVAL|SLAVEOF|MODULE LOAD|SAVE)\s|\b_all_dbs\b|"script_fields"\s?:|"script"\s?:\s?\{?\s?"(?:inline|source|lang)"/,
  ),
];

const needed = trait.dollar | trait.parenthesis | trait.semicolon | trait.brace | trait.newline | trait.equals;

export const nosql = wakenedBy([...cuesOf(signs), { gate: new Gate(['__']) }], (text) => {
  const traits = traitsOf(text);
  if (text.length < 4 || ((traits & needed) === 0 && !text.includes('__') && !text.includes('_all'))) return undefined;
  return findSign('nosql', text, traits, signs, 0.85) ?? lookUp(text);
});

const asked: ReadonlySet<string> = new Set([
  'password',
  'user',
  'username',
  'is_staff',
  'is_superuser',
  'email',
  'metadata',
  'profile',
  'token',
  'secret',
]);
const ways: ReadonlySet<string> = new Set(
  'startswith istartswith endswith iendswith contains icontains regex iregex gt gte lt lte in has_key has_keys has_any_keys isnull exact iexact'.split(
    ' ',
  ),
);

/** `author__user__password__startswith`, which an ORM takes for a question about another table. */
function lookUp(text: string): Evidence | undefined {
  if (!text.includes('__') || text.length > 200 || /[^\w]/.test(text)) return undefined;
  const parts = text.split('__');
  return parts.length > 2 && ways.has(parts.at(-1)!) && parts.slice(0, -1).some((part) => asked.has(part))
    ? evidence('nosql', 'a look-up that an ORM follows to another table', text, 0.8)
    : undefined;
}

/** Names of arguments and of JSON's members. */
const operatorName = new RegExp(`(?:^|[[.'"])\\$(?:${operators})(?:$|[\\]'"])`);
export const nosqlName = wakenedBy([{ any: trait.dollar }], (name) =>
  name.includes('$') && operatorName.test(name)
    ? evidence('nosql', 'an operator of MongoDB as a name', name, 0.9)
    : undefined,
);
