/**
 * Short values that are code for a browser: they use its objects, or leave a literal of the page's code and resume it. Longer
 * texts are programs that somebody shares, and sentences speak of code; both pass.
 */

import { cuesOf } from '../cues.ts';
import type { Evidence } from '../detector.ts';
import { findSign, type Sign, sign } from '../signs.ts';
import { trait } from '../traits.ts';

const longest = 400;
const start = '(?:^|[^\\w.$-])';

/** With a bracket or backquote, as calls have them. */
const calling: Sign[] = [
  sign(
    'code that runs later, or is made from text',
    0,
    new RegExp(
      `${start}(?:(?:window|self|top|globalThis)\\.)?(?:set(?:Timeout|Interval|Immediate)|requestAnimationFrame|queueMicrotask|eval|execScript)\\s?(?:\\(|\`)|\\bFunction\\s?(?:\\(\\s?["'\`]|\`)`,
    ),
  ),
  sign(
    'the page’s elements are looked up or made',
    trait.dot,
    /\bdocument\s?\.\s?(?:querySelector(?:All)?|getElements?By\w{2,10}|create(?:Element|TextNode|Event)\w{0,4}|evaluate|execCommand|forms|images|links|scripts|all|open|adoptNode|importNode)\s?[([.]|\.\s?(?:insertAdjacent(?:HTML|Element|Text)|createContextualFragment|setHTMLUnsafe|appendChild|removeChild|replaceChild(?:ren)?|setAttribute)\s?\(/i,
  ),
  sign(
    'the browser is sent elsewhere, or opens what is elsewhere',
    trait.dot,
    new RegExp(
      `${start}(?:(?:window|self|top|parent|document|globalThis)\\.)?location\\s?\\.\\s?(?:replace|assign|reload)\\s?[(\`]|\\bwindow\\s?\\.\\s?(?:open|print|stop|close|postMessage|find)\\s?[(\`]`,
    ),
  ),
  sign(
    'something is sent elsewhere',
    0,
    new RegExp(
      `${start}(?:fetch|import|importScripts|btoa|atob|postMessage|sendBeacon|navigator\\s?\\.\\s?sendBeacon)\\s?(?:\\(\\s?["'\`\\w/)]|\`)|\\bnew\\s{1,4}(?:XMLHttpRequest|WebSocket|EventSource|Worker|SharedWorker|Image|ActiveXObject|MutationObserver)\\b`,
    ),
  ),
  sign(
    'objects of the language itself are changed',
    trait.dot,
    /\bReflect\s?\.\s?(?:apply|construct|get|set|ownKeys|defineProperty)\b|\bObject\s?\.\s?(?:defineProperty|assign|setPrototypeOf|getOwnProperty\w{4,12}|prototype)\b|\bArray\s?\.\s?from\s?[(`]\s?(?:["'`[]|alert|eval)/,
  ),
  sign(
    'elements are changed by way of jQuery',
    trait.dollar,
    /\$\(\s?["'`][^"'`]{0,60}["'`]\s?\)\s?\.\s?(?:html|append|prepend|after|before|load|attr|on|replaceWith|wrap)\s?\(/,
  ),
  sign(
    'a function of the browser is handed over',
    0,
    /\.\s?(?:map|find|findIndex|some|every|filter|forEach|sort|reduce|flatMap|then|replace)\s?\([^()]{0,40}\b(?:alert|confirm|prompt|eval|print|fetch)\s?\)|\bwith\s?\(\s?(?:document|window|self|top|location)\s?\)/,
  ),
  sign(
    'the console is written to',
    0,
    /^[\s"'`;(]{0,6}console\s?(?:\.\s?|\[\s?["'`])(?:log|info|debug|error|warn|trace|dir|table)(?:["'`]\s?\])?\s?(?:\.\s?(?:call|apply)\s?)?[(`]/,
  ),
  sign(
    'a literal of the page’s code is left, a function called, and the literal resumed or what follows commented out',
    trait.quote,
    /["'`]\s?\)?\s?[-+*/;,|&^?:}]{1,4}\s?[\w$.]{1,40}\s?(?:\([^()]{0,80}\)|`[^`]{0,80}`)\s?(?:[-+*/;,|&^?:{]{1,4}\s?\(?\s?["'`]|;?\s?(?:\/\/|<!--))/,
  ),
];

/** With an assignment. */
const assigning: Sign[] = [
  sign(
    'markup is set as a part of the page',
    trait.dot | trait.equals,
    /\.\s?(?:inner(?:HTML|Text)|outer(?:HTML|Text)|textContent|srcdoc)\s?\+?=(?!=)/i,
  ),
  sign(
    'a handler is set, or an attribute that runs or redirects',
    trait.equals,
    /^["'`]\s{0,8}(?:in(?:stanceof)?\b[^\n=]{1,80}|[^\w\s~:'"`=<>][^\n=]{0,80}\.\w{1,40})\s?=(?!=)|^[\s"'`;]{0,4}window\s?\.\s?(?:on\w{4,20}|name)\s?=|^[\s"'`;]{0,4}throw\s{1,4}onerror\s?=|(?:^|["'`])\s{0,4}(?:formaction|xlink:href|srcdoc)\s{0,4}=|^\s{0,4}["'`]?\s{0,4}xmlns(?::\w{1,20})?\s{0,4}=\s{0,4}["']?https?:/i,
  ),
];

/** The same, to the page's location. */
const relocating: Sign[] = [
  sign(
    'the browser is sent elsewhere',
    trait.equals,
    new RegExp(
      `${start}(?:(?:window|self|top|parent|document|globalThis)\\.)?location(?:\\.(?:href|hash|search|host|pathname|protocol))?\\s?=\\s?["'\`\\w]+[\\w.(/:]`,
    ),
  ),
];

const alone: Sign[] = [
  sign(
    'a member of a global object by a computed name',
    trait.bracket,
    /(?:^|[^\w.$])(?:self|document|top|window|globalThis|frames)\)?\[[^\]]{1,80}\]|(?:^|[^\w.$])this\[\s?["'`]/,
  ),
  sign(
    'code of a page stands alone',
    0,
    /^\s{0,4}(?:window\s?\.\s?(?:name|opener|location|top|parent)|debugger;?|(?:local|session)Storage(?:\s?\.\s?\w{1,40}\s?(?:\([^()]{0,80}\))?|\s?\[[^\]]{1,40}\]))\s{0,4};?\s{0,4}$|^\s{0,4}\*\/[\s\S]{1,300}\/\*\s{0,4}$|^\s{0,4}import\s{0,4}(?:[{*]|\w{1,40}\s)[^;'"]{0,200}\bfrom\s{0,4}["']|^\s{0,4}@import\s{0,4}(?:url\s?\(|["'])/,
    trait.parenthesis | trait.dot | trait.semicolon | trait.star | trait.bracket | trait.quote,
  ),
];

export const shortCodeCues = [
  ...cuesOf(calling).map((cue) => ({ ...cue, any: trait.parenthesis | trait.backtick })),
  ...cuesOf([...assigning, ...relocating, ...alone]),
];

/** Three words in a row, each of letters. */
const sentence = /[a-z]{2,30}\s[a-z]{1,30}\s[a-z]{2,30}(?![\w(.])/i;

export function findShortCode(text: string, traits: number): Evidence | undefined {
  if (text.length > longest) return undefined;
  const calls = (traits & (trait.parenthesis | trait.backtick)) !== 0;
  const found =
    (calls ? findSign('xss', text, traits, calling, 0.8) : undefined) ??
    findSign('xss', text, traits, assigning, 0.8) ??
    (text.includes('ocation') ? findSign('xss', text, traits, relocating, 0.8) : undefined) ??
    findSign('xss', text, traits, alone, 0.8);
  return found === undefined || sentence.test(text) ? undefined : found;
}
