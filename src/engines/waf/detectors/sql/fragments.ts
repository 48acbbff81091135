/** Pieces of statements, as attackers send them to see which of them get through: too short to have a structure, and no text. */
import { shape } from '../shapes/shape.ts';
import { trait } from '../traits.ts';
import { functions, telling } from './words.ts';

/** Names of a database's own schemas and tables; nobody's value is one of them. */
export const catalogue = shape(
  /^(?:information_schema|(?:tempdb|msdb|northwind|pg_(?:catalog|toast)|msys(?:ac(?:ces(?:sobjects|sstorage|sxml)|es)|modules2?|objects|queries|relationships)|sqlite_(?:temp_)?(?:master|schema)|sysaux|mysql\.(?:db|user)|master\.(?:dbo)?\.sys\w{4,12}|sys\.(?:database_name|databases|tables|columns|sql_logins)|sysdatabases|sysobjects|syscolumns|sysusers|all_(?:tables|tab_columns|users|objects)|user_(?:tables|tab_columns|objects)|dba_(?:users|tables)|pg_(?:shadow|user|authid|tables|class|database|stat_activity)|v\$(?:version|database|instance))$)/i,
);

/** One past what a column or a parser of numbers can hold. */
export const beyond = shape(
  /^(?:-?0{5}\d{5}|2147483648|-2147483649|4294967296|9223372036854775808|-9223372036854775809|18446744073709551616|1e309|2\.22507385850720(?:07|11|12)e-308)$/i,
);

export function isOwnName(text: string): boolean {
  return catalogue.test(text);
}

export function isBeyondBounds(text: string): boolean {
  return text.length < 28 && beyond.test(text);
}

/** Words that databases follow with a bracket, beside their functions. */
const bracketed: ReadonlySet<string> = new Set(
  'in values execute exec local day dayofmonth dayofweek dayofyear hour minute second microsecond week weekday time timestamp localtime any all some not-null'.split(
    ' ',
  ),
);

interface Piece {
  readonly reason: string;
  readonly needs: number;
  readonly shape: RegExp;
}

const name = '["\'`[]?[\\w.$-]{1,64}["\'`\\]]?';
const pieces: readonly Piece[] = [
  {
    reason: 'a column renamed after a bracket, and FROM',
    needs: trait.blank,
    shape: new RegExp(
      `^\\s{0,8}(?:\\)|\\d{1,10}\\s)\\s{0,20}as(?:\\s{1,20}${name}|\\s?["'\`])\\s{1,20}from\\s{0,8}(?:$|[\`"'(]|\\w{1,64}\\s{0,8}(?:$|[,;)]|where\\b|as\\b))`,
      'i',
    ),
  },
  {
    reason: 'the end of a statement, from FROM on',
    needs: trait.blank,
    shape: new RegExp(
      `^\\s{0,8}from\\s{1,8}${name}(?:\\.${name})?\\s{1,8}(?:limit\\b|(?:group|order)\\s+by\\s+\\w|where\\s+(?:[\`["]|[\\w.]{1,64}\\s?[=<>]))`,
      'i',
    ),
  },
  {
    reason: 'a clause without its statement',
    needs: trait.blank,
    shape:
      /^\s{0,8}(?:(?:order|group)\s{1,8}by|having\s{1,8}["'\d]\S{0,20}\s?[=<>]?|select\s{0,4}\(\s{0,4}case)\s{0,8}$/i,
  },
  { reason: 'a SELECT after a semicolon', needs: trait.semicolon, shape: /^\s{0,4};\s{0,8}select\b/i },
  {
    reason: 'a further query after a value',
    needs: trait.blank,
    shape: /(?:[\d'")]|\*\/)\s{0,8}union\s{1,8}(?:all|distinct)\b(?!\s*\w*-|\s{1,3}[a-z]{2,}\s{1,3}[a-z])/i,
  },
  {
    reason: 'a condition after an escaped quote',
    needs: trait.backslash | trait.quote,
    shape:
      /\\['"]\s{0,8}(?:and|or|xor|\|\||&&)(?:\s{0,8}["'(\d]|\s{1,8}[\w.`]{1,40}\s?(?:[=<>]|\())|^[^\s'"]{0,40}\\'(?:and|or)$/i,
  },
  {
    reason: 'a literal ended by an operator',
    needs: trait.quote,
    shape:
      /^["'`][\s"'`]{0,8}(?:[=<>*|&]{1,2}\s{0,8}[\d"'`]|,\s?\d{1,10}\s?(?:[,)#-]|$))|^(['"])\w{0,20}\1\s?[=<>]{1,2}\s?['"]?\w{1,20}$/,
  },
  {
    reason: 'a comparison with a literal that does not end',
    needs: trait.quote | trait.blank,
    shape: /\b(?:r?like|regexp)\s{1,8}["']%?$/i,
  },
  {
    reason: 'a condition on a literal that runs into a name',
    needs: trait.quote | trait.blank,
    shape: /^\s{0,8}(?:and|or|xor)\s{1,8}(["'])[\w.-]{0,20}\1\w/i,
  },
  {
    reason: 'a provider of OLE DB',
    needs: trait.quote,
    shape: /^\s?["'](?:msdasql|sqloledb|sqlncli\d{0,2}|msdaora|microsoft\.(?:jet|ace)\.oledb[\d.]{0,6})\b/i,
  },
  {
    reason: 'syntax of PostgreSQL',
    needs: trait.parenthesis,
    shape:
      /\boverlay\s?\([^)]{1,200}\bplacing\b|[)'"]\s?::\s?(?:int\d?|integer|text|numeric|bool|varchar|bytea|regclass|jsonb?)\b/i,
  },
];

/** Whole statements and conditions, as they begin. */
const statements: readonly Piece[] = [
  {
    reason: 'a statement that changes tables, rights or settings',
    needs: trait.blank,
    shape: new RegExp(
      `^[\\s'");]{0,8}(?:${[
        `alter\\s+(?:table|database|user|login|role)\\s+${name}\\s+(?:add|drop|modify|rename|change|set|with|identified|owner|convert|character)\\b`,
        `create\\s+(?:or\\s+replace\\s+)?(?:aggregate\\s+)?(?:function|procedure|trigger|view|user|login|role|extension|assembly)\\s+${name}\\s{0,4}(?:\\(|returns\\b|as\\b|begin\\b|before\\b|after\\b|identified\\b|with\\b|from\\b)`,
        'declare\\s+@\\w+|set\\s+@\\w+\\s?:?=|set\\s+(?:global|session|password|role)\\s+\\S+\\s?=|print\\s+@@',
        `merge\\s+into\\s+${name}\\s+(?:as\\s+)?(?:\\w+\\s+)?using\\s+(?:\\(|[\\w.]+\\s+(?:as\\s+)?(?:\\w+\\s+)?on\\b)|handler\\s+${name}\\s+(?:open|read)\\b|prepare\\s+\\w+\\s+from\\s+['"@]`,
        `copy\\s+(?:\\([^)]{1,200}\\)|${name})\\s+(?:to|from)\\s+program\\b|bulk\\s+insert\\s+${name}\\s+from\\b|backup\\s+(?:database|log)\\s+${name}\\s+to\\b|attach\\s+database\\s+\\S+\\s+as\\b`,
        `grant\\s+[\\w\\s,]{3,60}\\s+on\\s+\\S{1,80}\\s+to\\b|revoke\\s+[\\w\\s,]{3,60}\\s+on\\s|rename\\s+table\\s+${name}\\s+to\\b|lock\\s+tables\\s+${name}\\s+(?:read|write)\\b`,
        'show\\s+(?:full\\s+)?(?:tables|databases|columns|grants|processlist|global\\s+variables|slave\\s+status)\\s{0,4}(?:;|$|from\\b|like\\b|for\\b)|do\\s+(?:sleep|benchmark)\\s?\\(|values\\s+row\\s?\\(|call\\s+[\\w.]{1,60}\\s?\\(\\s?\\)\\s{0,4};?\\s{0,4}$',
      ].join('|')})`,
      'i',
    ),
  },
  {
    reason: 'a condition on constants',
    needs: trait.blank,
    shape:
      /^\s{0,4}(?:\d{1,10}\s{1,4}(?:(?:r?like|regexp|xor|sounds\s{1,4}like)\s{1,4}['"\d(]|between\s{1,4}\d{1,10}\s{1,4}and\s{1,4}\d)|[\w'"]{1,20}\s{1,4}is\s{1,4}(?:not\s{1,4})?null\s{0,4}$|[\d'")]{0,8}\s{0,4}(?:or|and|xor)\s{1,4}(?:not\s{1,4}(?:true|false|null|\d{1,10})|true|false|null)\s{0,4}(?:$|--|#|;))/i,
  },
  {
    reason: 'letters of a character set, or by their numbers',
    needs: trait.quote,
    shape:
      /^\s?[xb]'[0-9a-f]{2,200}'\s?$|(?:^|[\s=,(])_(?:latin1|utf8(?:mb4)?|binary|ascii|big5|gbk|ucs2|utf16|utf32)\s?['"]/i,
  },
  {
    reason: 'letters by their numbers',
    needs: trait.parenthesis,
    shape:
      /\b(?:char|chr|nchar)\s?\(\s?0x[0-9a-f]{2}|^\s?(?:user|version|database|schema|system_user|current_user|session_user)\s?\(\s?\)\s?$|\bmatch\s?\([^()]{1,80}\)\s?against\s?\(|\bopen(?:rowset|datasource|query)\s?\(\s?['"]|\belt\s?\(\s?\d{1,8}\s?[=<>]/i,
  },
  {
    reason: 'two literals joined by an operator',
    needs: trait.quote,
    shape: /^['"]\)?\s?(?:[-+=|^&*/<>%]{1,2})\s?\(?['"]$/,
  },
  {
    reason: 'an operator of JSON in PostgreSQL',
    needs: trait.quote,
    shape: /(?:[\w)\]'"]\s?(?:::jsonb?\s?)?(?:@>|<@|#>>?|\?[|&]))\s?['"]\s?(?:[{[]|\w)/,
  },
  {
    reason: 'a comment that MySQL reads',
    needs: trait.star | trait.bang,
    shape: /\/\*!(?:\d{5}|\s?\*\/|\s?(?:select|union|or|and|from|where|insert|update|delete|order|group|concat)\b)/i,
  },
  { reason: 'a server’s variable', needs: trait.at, shape: /^\s?@@(?:global\.|session\.)?\w{3,40}\s?$/ },
];

const longest = 200;
const anyNeed =
  trait.blank | trait.quote | trait.parenthesis | trait.semicolon | trait.star | trait.at | trait.backslash;

const all = [...pieces, ...statements].map((piece) => ({ ...piece, gated: shape(piece.shape) }));

/** Why a text is a piece of a statement; undefined where it is none. */
export function pieceOf(text: string, traits: number): string | undefined {
  if (text.length > longest || (traits & anyNeed) === 0) return undefined;
  for (const { reason, needs, gated } of all) {
    if ((traits & needs) === needs && gated.test(text)) return reason;
  }
  return (traits & trait.parenthesis) !== 0 ? openCall(text) : undefined;
}

/** `concat(`, and nothing behind. */
function openCall(text: string): string | undefined {
  const found = /^\W{0,4}(\w{2,24})[^\w()]{0,8}\)?[^\w()]{0,4}\(\s?$/.exec(text);
  if (found === null) return undefined;
  const word = found[1]!.toLowerCase();
  return functions.has(word) || telling.has(word) || bracketed.has(word)
    ? `a call of ${word} that does not go on`
    : undefined;
}
