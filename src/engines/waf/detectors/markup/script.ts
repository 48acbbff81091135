/** Script as attackers paste it: into addresses, into code of the page, into templates; plain prose and ordinary code are let through. */
import { cuesOf } from '../cues.ts';
import type { Evidence } from '../detector.ts';
import { evidence } from '../evidence.ts';
import { Gate, shape } from '../shapes/shape.ts';
import { findSign, type Sign, sign } from '../signs.ts';
import { trait, traitsOf } from '../traits.ts';
import { findShortCode, shortCodeCues } from './short-code.ts';

const globals = '(?:top|self|this|window|parent|frames|globalThis|document|content)';

const signs: Sign[] = [
  sign(
    'a dialog of the browser is opened',
    0,
    /(?:^|[^\w.$-]|["'`)\]]\s?-\s?)(?:alert|confirm|prompt)(?:\((?!(?:s|ly|ed|ing|er|es|ion)\))|`|\s?\((?=[\d'"`/)]|doc|loc)|\)\s?\(|\s?\/\*[^*]{0,40}\*\/\s?\(|\.(?:call|apply|bind)\b|\?\.\()/i,
    trait.parenthesis | trait.backtick | trait.dot,
  ),
  sign(
    'a dialog of the browser, called through a name',
    0,
    /[=,[]\s?(?:alert|confirm|prompt)\s?[\],;/}]|\b(?:throw|onerror|top|window|self)\b[^\w]{1,4}(?:alert|prompt|confirm)\b(?=$|\W)/i,
  ),
  sign(
    'a global object’s member is called by a computed name',
    trait.bracket,
    new RegExp(`(?:^|[^\\w.$])${globals}\\s?(?:\\?\\.)?\\[\\s?["'\`/(!+\\[\\d][^\\]]{0,400}\\]\\s?[(\`=\\[]`, 'i'),
  ),
  sign(
    'text is run as code',
    0,
    /(?:^|[^\w.$-])(?:eval|execScript|setTimeout|setInterval|setImmediate|Function)\s?(?:\(\s?(?:["'`\w]{0,3}(?:alert|atob|unescape|String\.|location|name\b|document|window|this\b|\/|["'`]\\)|["'`]{2}|["'][^"'\n]{0,30}["']\s?\+|\[\]|src\b|id\b|alt\b))|(?:^|[^\w.$`-])(?:eval|setTimeout|setInterval|setImmediate)`[^`]/i,
    trait.parenthesis | trait.backtick,
  ),
  sign(
    'cookies or the address of the page are read or changed',
    0,
    /\bdocument\s?(?:\.|\[["'`])\s?(?:cookie|domain\b|write(?:ln)?\s?[(`]|location\s?[=.(]|body\s?\.\s?(?:innerHTML|append)|createElement|baseURI|documentElement|URL\b|referrer\b(?=\s?[;+)]))/i,
    trait.dot | trait.bracket,
  ),
  sign(
    'the page is sent elsewhere',
    trait.equals,
    /(?:^|[;}"'(]\s?)(?:window\.|self\.|top\.|parent\.|document\.)?location(?:\.href|\.hash)?\s?=\s?["'`]?\s?(?:javascript|data:|\/\/|https?:|name\b|["'`])/i,
  ),
  sign(
    'characters are made from numbers',
    0,
    /\bString\s?(?:\.\s?|\[["'`])(?:(?:fromCharCode|fromCodePoint)["'`\]]{0,2}\s?(?:\(\s?(?:\d|parseInt|\.\.\.|\))|\.(?:call|apply))|raw`)|\bunescape\s?\(\s?["'`]%|\batob\s?(?:\(\s?["'`]|`)/i,
  ),
  sign(
    'functions are made by way of constructors',
    0,
    /\bconstructor\b['"`\]\s]{0,4}(?:\.\s?|\[\s?['"`]?|\(\s?['"`])\s?(?:constructor|prototype|getOwn|call|apply|return|alert|eval|fromCharCode|assign|\\)|\.constructor\s?\(|(?:toString|sort|sub|join|map|filter|find|concat|big|slice|at|charAt|valueOf)\s?(?:\.|\[['"`])constructor\b|\[['"`]constructor['"`]\]|__proto__['"`]?\s?(?:[\].[]|=[^=]|$)|^__proto__$|["']__proto__["']\s?:|constructor\.getOwnProperty|^constructor\.prototype\b|\b(?:Object|Array|Function)\.prototype\.\w{1,40}\s?=[^=]/i,
  ),
  sign(
    'a function is called by way of a template',
    0,
    /\.\s?(?:call|apply|bind|sort|map|find|replace|raw|constructor)\s?`|\bnew\s+Function\s?\(|\bsetInterval\s?\(\s?\w+\s?,\s?\d+\s?\)\s?$|\(!\[\]\s?[+\s]\s?\[\]\)\s?\[/,
  ),
  sign(
    'the page’s address or cookies',
    0,
    /^\s?(?:window|document|self|top|parent)\.(?:location|cookie)\s?$|\.cookie\s?;\s?expires\s?=/i,
  ),
  sign(
    'letters of a name are put together',
    trait.bracket,
    /\[\s?(["'`])\w{0,6}\1\s?\+\s?\1\w{0,6}\1|\/\w{1,8}\/\.source\s?\+|\[\s?\/\w+\/\.source/,
  ),
  sign(
    'the code of a page is left and begun anew',
    0,
    /^[^<\s]{0,40}["'`)}\]]{1,6} ?[;,}]{1,3} ?(?:alert|confirm|prompt|eval|fetch|import|print|location|document|window|self|top|var|let|throw)\b\W|^["'`]\s?[-+*/^|&,?:]{1,2}\s?(?:alert|confirm|prompt|eval|fetch|import|print|top|self|window)\b\s?[([`.]/i,
    trait.quote | trait.backtick | trait.parenthesis | trait.brace | trait.bracket,
  ),
  sign(
    'script is fetched from elsewhere',
    0,
    /(?:^|[^\w.])(?:import|importScripts|\$\.getScript)\s?\(\s?["'`](?:\/\/|https?:|data:)|new\s+Image\s?\(?\)?\s?\.src\s?=|navigator\.sendBeacon\s?\(\s?["'`](?:\/\/|https?:)|fetch\s?\(\s?["'`](?:\/\/|https?:)[^)]{0,200}\+\s?document/i,
    trait.parenthesis | trait.equals,
  ),
  sign(
    'a style that runs code',
    trait.colon,
    /:\s{0,4}(?:\/\*[^*]{0,20}\*\/)?expression\s{0,2}\(|-moz-binding\s?:|behavior\s{0,2}:\s{0,2}url\s?\(|@import\s+["'(]?\s?["']?(?:javascript|\/\/|data|https?):?/i,
  ),
];

/** What stands for code in a value that has no markup. Texts with a sign of it only. */
export function findScript(text: string): Evidence | undefined {
  const code = text.includes('/*') ? text.replace(/\/\*[^*]{0,200}\*\//g, '') : text;
  const traits = traitsOf(code);
  const found = findSign('xss', code, traits, signs, 0.85) ?? findShortCode(code, traits);
  if (found !== undefined) return found;
  if (isSymbolScript(code)) return evidence('xss', 'script written with brackets and signs alone', code, 0.9);
  return undefined;
}

const symbols = shape(/\(!?\[\]\+|\+!!\[\]|\(!!?\[\]|\[\]\[|\+\{\}|\+!!?\{\}/);

/** What `findScript` finds nothing without: code that a comment takes apart may have any of it behind the comment. */
export const scriptCues = [{ gate: new Gate(['/*']) }, { gate: symbols }, ...cuesOf(signs), ...shortCodeCues];

/** Programs of `[]()!+{}`, as made by obfuscators: a long run with nothing else. */
function isSymbolScript(text: string): boolean {
  return symbols.test(text) && /[[\](){}!+]{30}/.test(text);
}

/** Blanks, control characters and what lies beyond ASCII may stand within a scheme. */
export const addressCues = [
  { all: trait.colon, any: trait.control | trait.blank | trait.high },
  { all: trait.colon, gate: new Gate(['script:', 'mocha:', 'data:']) },
];

/** Whether an address runs script: character references are resolved, blanks and control characters vanish, as in browsers. */
export function isScriptAddress(value: string): boolean {
  if (!mayBeScheme(value)) return false;
  const letters = value
    .slice(0, 400)
    .replace(/[\0-\x20\x7f-\xa0\u00ad\u1680\u2000-\u200f\u2028-\u202f\u205f\u3000\ufeff\ufffd]/g, '')
    .toLowerCase();
  if (/^[^a-z]{0,4}javascript:(?:void\(?0?\)?)?;?(?:\/\/)?$/.test(letters)) return false;
  return /^[^a-z]{0,4}(?:url\(['"]?)?(?:(?:view-source:|feed:|jar:)*(?:javascript|vbscript|livescript|mocha|jscript):|data:(?:text\/(?:html|xml|javascript|css|vbscript)|image\/svg|application\/(?:xml|xhtml|x-javascript|javascript|ecmascript)|[,;]|\*\/\*|text\/plain[^,]{0,20},<))/.test(
    letters,
  );
}

/** First letters of what is looked for: `javascript`, `vbscript`, `livescript`, `mocha`, `data`, `feed`, `url(`. */
const initials = 'jvlmdfu';

function mayBeScheme(value: string): boolean {
  for (let index = 0; index < value.length && index < 400; index++) {
    const code = value.charCodeAt(index) | 32;
    if (code >= 97 && code <= 122) return initials.includes(String.fromCharCode(code));
  }
  return false;
}
