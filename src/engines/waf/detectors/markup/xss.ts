/** Cross-site scripting: tags that run script, handlers, script addresses, ways out of attributes and of code. */

import { wakenedBy } from '../cues.ts';
import { entityDecode } from '../decoding/entities.ts';
import { cssDecode } from '../decoding/escapes.ts';
import type { Evidence } from '../detector.ts';
import { around, evidence } from '../evidence.ts';
import { Gate, shape } from '../shapes/shape.ts';
import { trait, traitsOf } from '../traits.ts';
import { addressCues, findScript, isScriptAddress, scriptCues } from './script.ts';
import { readTag, type Tag } from './tokenizer.ts';
import { addressAttributes, closingElements, isEventHandler, maybeEventHandler, runningElements } from './words.ts';

const codeTraits = trait.parenthesis | trait.backtick | trait.bracket | trait.brace | trait.equals | trait.colon;

/** The name of an argument that ends with a handler's name: ` onload`, `"/onclick`. */
const cutTraits = trait.blank | trait.quote | trait.slash | trait.control | trait.semicolon | trait.comma;
const longestCut = 48;
const cutHandler = shape(/^[\s"'`/>;,\0]{1,8}on[a-z]{3,30}\s{0,4}=?\s{0,4}$/i);
const closedComment = shape(/^\s{0,4}["'`]?--!?>\s{0,4}(?:$|[<"'`])/);
/** The browser's own objects, named and nothing else. `document.pdf` is a file. */
const ownObject = shape(
  /^\s?(?:[\w$]{0,40}\.(?:(?:inner|outer|insertAdjacent)HTML|parentNode|appendChild|querySelector(?:All)?|createElement)|(?:window|document|self|top|parent)\.(?:location|cookie|name|opener|domain|referrer|URL|body|forms|defaultView|localStorage|sessionStorage|frames))\s?$/i,
);

const mostTags = 2000;
/** Of texts that are markup put into a field, and not pages or articles. */
const longestShort = 512;

const scriptScheme = shape(/script\s{0,2}:/i);
const schemes = shape(
  /(?:["'`=(>;]|^|\s)\s{0,4}(?:javascript|vbscript|livescript)\s{0,4}:\s{0,8}(?:[^\s]{0,400}[(`=[{]|[a-z]{2,20}\.[a-z]{2,}|name\b|%|\/[/*]|\\|["'`])/i,
);
const apart = shape(/["'=(\s>]j\s?a\s?v\s?a\s{1,8}s?\s?c\s?r\s?i\s?p\s?t\s?:|\bdata:text\/html[;,]/i);

const style = shape(/["'`]\s*style\s*=[^>]{0,200}(?:expression\s*\(|javascript:|-moz-binding|animation)/i);

const cues = [
  { any: trait.less },
  { any: cutTraits, gate: cutHandler },
  { all: trait.greater | trait.hyphens, gate: closedComment },
  { all: trait.dot, gate: ownObject },
  ...addressCues,
  { all: trait.colon, gate: schemes },
  { all: trait.equals, gate: new Gate(['on']) },
  { all: trait.equals, gate: style },
  ...scriptCues,
];

export const xss = wakenedBy(cues, (text) => {
  const traits = traitsOf(text);
  if ((traits & trait.less) !== 0) {
    const found = findTag(text);
    if (found !== undefined) return found;
  }
  if ((traits & cutTraits) !== 0 && text.length < longestCut && cutHandler.test(text)) {
    return evidence('xss', 'an event handler cut off at its sign', text, 0.7);
  }
  if ((traits & (trait.greater | trait.hyphens)) === (trait.greater | trait.hyphens) && closedComment.test(text)) {
    return evidence('xss', 'closes a comment of the page', text, 0.7);
  }
  if ((traits & codeTraits) === 0) {
    if ((traits & trait.dot) !== 0 && text.length < 64 && ownObject.test(text))
      return evidence('xss', 'an object of the browser, named and nothing else', text, 0.75);
    return text.includes('proto') ||
      text.includes('.constructor') ||
      ((traits & trait.star) !== 0 && text.includes('/*'))
      ? findScript(text)
      : undefined;
  }
  if ((traits & trait.letter) === 0) return findScript(text);
  if ((traits & trait.colon) !== 0) {
    const found = findAddress(text);
    if (found !== undefined) return found;
  }
  if ((traits & trait.equals) !== 0) {
    const found = findHandler(text);
    if (found !== undefined) return found;
  }
  return findScript(text);
});

function findTag(text: string): Evidence | undefined {
  let count = 0;
  for (let index = text.indexOf('<'); index >= 0 && count < mostTags; index = text.indexOf('<', index + 1)) {
    const tag = readTag(text, index);
    if (tag === undefined) {
      const declared = declaration(text, index);
      if (declared !== undefined) return declared;
      continue;
    }
    count++;
    const reason = judge(tag, text);
    if (reason !== undefined) return evidence('xss', reason, text.slice(index), 0.95);
  }
  return undefined;
}

/** Conditional comments, stylesheets of XML, and what old browsers run. */
function declaration(text: string, index: number): Evidence | undefined {
  const rest = text.slice(index, index + 60);
  // A comment that does not end takes in the rest of the page.
  if (
    text.length < longestShort &&
    rest.startsWith('<!--') &&
    !text.includes('-->', index) &&
    !rest.startsWith('<!--#')
  ) {
    return evidence('xss', 'a comment that does not end', rest, 0.6);
  }
  if (rest.startsWith('<![CDATA[') && text.length < longestShort && !/^\s*<(?:\?xml|\w+[\s>])/.test(text)) {
    return evidence('xss', 'a section that only XML has', rest, 0.6);
  }
  if (/^<(?:!--\[if|\?xml-stylesheet|\?import|!\[endif|%\s*script|!\w*\s*entity\s)/i.test(rest)) {
    return evidence('xss', 'a declaration that loads or hides markup', rest, 0.8);
  }
  return undefined;
}

function judge(tag: Tag, text: string): string | undefined {
  const colon = tag.name.indexOf(':');
  const name = (colon < 0 ? tag.name : tag.name.slice(colon + 1)).replace(/[^a-z0-9-].*$/, '');
  if (tag.isClosing) {
    if (closingElements.has(name) && !hasOpening(text, name, tag.index)) {
      return `closes an element of the page: </${name}>`;
    }
  } else if ((runningElements.has(name) || (name.startsWith('script') && name.length < 24)) && isWhole(tag, text)) {
    return `an element that runs or embeds: <${name}>`;
  }
  const isShort = text.length < longestShort;
  for (const { name: attribute, value, isOpen } of tag.attributes) {
    if (
      isShort &&
      isOpen &&
      name !== 'a' &&
      /^(?:src|href|action|target|background|data|poster)$/.test(attribute) &&
      /^\s*(?:https?:|\/\/)/i.test(value)
    ) {
      return 'an address that takes in what the page has behind it';
    }
    if (isShort && value !== '' && frameworkHandler.test(attribute))
      return `an attribute that a framework runs: ${attribute}`;
    if (attribute === 'pattern' && value !== '' && isShort) return 'an expression that the browser runs over input';
    if (attribute.endsWith('schemalocation') && isForeignSchema(value)) return 'a schema from elsewhere';
    // A function that is only named, as JSX has it, does nothing in a page.
    if (
      maybeEventHandler(attribute) &&
      value !== '' &&
      !/^\{\s{0,4}(?:\(?[\w,\s]{0,60}\)?\s{0,4}=>|[\w.]{1,60}\}?$|\(\w{0,30}(?:,\s?\w{1,30}){0,3}\)$)/.test(value)
    ) {
      return `an event handler: ${attribute}`;
    }
    if (attribute === 'srcdoc') return 'a document within an attribute';
    if (attribute === 'formaction' && value !== '') return 'an attribute that sends a form elsewhere';
    if (addressAttributes.has(attribute) || attribute.endsWith(':href') || attribute === 'src') {
      if (value !== '' && isScriptAddress(entityDecode(value) ?? value)) return `script in the attribute ${attribute}`;
      if (attribute === 'style' && isRunningStyle(value)) return 'a style that runs code';
      if (/;\s*javascript\s*:|url\s*=\s*['"]?\s*(?:javascript|data|vbscript)\s*:/i.test(entityDecode(value) ?? value)) {
        return `script in the attribute ${attribute}`;
      }
    }
  }
  switch (name) {
    case 'form':
      return isShort &&
        tag.attributes.some((each) => each.name === 'action' && /^\s*(?:https?:)?\/\//i.test(each.value))
        ? 'a form that sends elsewhere'
        : undefined;
    case 'meta':
      return tag.attributes.some((each) =>
        each.name === 'charset'
          ? /^utf-?7/i.test(each.value)
          : each.name === 'http-equiv' && each.value !== '' && !/^content-type|^x-ua/i.test(each.value),
      )
        ? 'a directive for the browser'
        : undefined;
    case 'link':
      return tag.attributes.some(
        (each) => each.name === 'rel' && /stylesheet|import|preload|manifest/i.test(each.value),
      )
        ? 'a stylesheet or import from elsewhere'
        : undefined;
    case 'style':
    case 'xml': {
      const body = text.slice(tag.end, tag.end + 400);
      return isRunningStyle(body) || /javascript\s*:|@import|\burl\s*\(\s*['"]?\s*(?:javascript|data:text)/i.test(body)
        ? 'a style that runs code'
        : undefined;
    }
    case 'animate':
    case 'set':
    case 'animatetransform':
      return tag.attributes.some((each) => each.name === 'attributename' && /href|^on|src/i.test(each.value))
        ? 'an animation that changes an address'
        : undefined;
    case 'use':
    case 'image':
    case 'feimage':
      return tag.attributes.some(
        (each) => /href$/.test(each.name) && /^\s*data:(?!image\/(?:png|gif|jpe?g|webp))/i.test(each.value),
      )
        ? 'a document within an image'
        : undefined;
    default:
      return undefined;
  }
}

/** Of AngularJS, Vue, Alpine, Knockout and htmx. */
const frameworkHandler =
  /^(?:(?:data-|x-)?ng-(?:app|bind-html\w*|blur|change|click|copy|cut|dblclick|focus|include|init|key\w+|mouse\w+|paste|repeat|src|submit)|v-(?:html|on:\w[\w.-]*|bind:\w+)|@(?:click|focus|error|load|mouse\w+|key\w+|input|change|submit)[\w.-]*|x-(?:init|data|html|on:\w[\w.-]*)|data-bind|hx-on[\w:.-]*)$/;

/** A document's own schemas come from the standard bodies or from nowhere. */
function isForeignSchema(value: string): boolean {
  return /(?:https?|ftp|file):\/\/(?!(?:www\.)?(?:w3|sitemaps|xmlsoap|oasis-open|apache|springframework|hibernate|jboss|jcp|opengis|omg|loc|iso|xbrl|google)\.)\S+\.(?:xsd|dtd|xml|ent)\b/i.test(
    value,
  );
}

/** Elements that do something without an attribute. */
const loud: ReadonlySet<string> = new Set([
  'xss',
  'plaintext',
  'listener',
  'handler',
  'isindex',
  'noframes',
  'noembed',
  'frameset',
  'iframe',
]);

/** Cut off in the middle of a sentence it is a word about markup: a tag ends, or has attributes with values. */
function isWhole(tag: Tag, text: string): boolean {
  const hasValue = tag.attributes.some((each) => each.value !== '');
  if (!hasValue) {
    // Types of programming languages (`Promise<object>`), names of elements set as code, and elements that load nothing.
    if (!tag.name.includes('script') && !loud.has(tag.name)) return false;
    if (text[tag.index - 1] === '`' && text[tag.end] === '`') return false;
  }
  return (
    text[tag.end - 1] === '>' ||
    text[tag.end] === '<' ||
    tag.attributes.some((each) => each.value !== '') ||
    text[tag.index + tag.name.length + 1] === '/'
  );
}

function hasOpening(text: string, name: string, before: number): boolean {
  return text.slice(0, before).toLowerCase().includes(`<${name}`);
}

function isRunningStyle(style: string): boolean {
  const plain = (entityDecode(style) ?? style).replace(/\/\*[^*]{0,100}\*\//g, '');
  const decoded = cssDecode(plain) ?? plain;
  return /expression\s*\(|-moz-binding|behaviou?r\s*:\s*url|-o-link|javascript\s*:|vbscript\s*:/i.test(
    foldStyle(decoded),
  );
}

/** Control characters and blanks within words, and letters of full width. */
function foldStyle(style: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers pass over them
  return style.replace(/[\0-\x08\x0e-\x1f\\]/g, '');
}

/** `javascript:` where an address begins: at the start, or after a quote, `=`, `(` or a separator. */
/** Links that do nothing, as pages have them and analytics services report them. */
const idle = /javascript\s{0,2}:(?!\s{0,8}\\)\s{0,2}(?:void\s{0,2}(?:\(\s?0?\s?\)|0)|;)?\s?;?(?=$|["'\s,;)}\]&<>])/gi;

function findAddress(whole: string): Evidence | undefined {
  const text = scriptScheme.test(whole) ? whole.replace(idle, '') : whole;
  if (isScriptAddress(text) && text.trim().length > 12) {
    // The name of a scheme in prose is followed by a blank; in an address by code.
    if (!/^\s*\w+:\s+[A-Za-z]+\s/.test(text)) return evidence('xss', 'an address that runs script', text, 0.9);
  }
  const index = schemes.search(text);
  if (index >= 0) return evidence('xss', 'an address that runs script', around(text, index), 0.9);
  // Within an attribute of a tag that the application has opened: letters apart by blanks.
  const spread = apart.search(text);
  return spread >= 0 ? evidence('xss', 'an address that runs script', around(text, spread), 0.9) : undefined;
}

/** A handler without its tag: after a quote or slash that ends what the application has opened. */
function findHandler(text: string): Evidence | undefined {
  const handler = /(^|[\s"'`/;,(=\0])\s?(on[a-z]{3,40})[\s\0/]{0,8}=\s{0,8}(\S?)/gi;
  for (const match of text.matchAll(handler)) {
    const before = text.slice(0, match.index + match[1]!.length);
    const after = text.slice(match.index + match[0].length - match[3]!.length, match.index + 400);
    // Of names that browsers may bring some day only those count that a quote stands before.
    if (!isEventHandler(match[2]!.toLowerCase()) && (text.length > longestShort || !/["'`]\s?$/.test(before))) continue;
    const leaves =
      /["'`]/.test(before) || before.trim() === '' || (text.length < longestShort && /[;,(=]\s?$/.test(before));
    const runs = /^[^\s>]{0,200}[(`=]|^["'`]/.test(after);
    if (leaves && before.length < 8 && text.length < longestCut && /^["'`]?\s{0,2}[\w$.]{1,}$/.test(after)) {
      return evidence('xss', `an event handler without its tag: ${match[2]}`, text, 0.75);
    }
    if (leaves && runs && !/^["'`]?\s*["'`]?$/.test(after)) {
      return evidence('xss', `an event handler without its tag: ${match[2]}`, around(text, match.index), 0.85);
    }
  }
  // A style that an attribute is left for.
  if (style.test(text)) {
    return evidence('xss', 'a style without its tag', text, 0.8);
  }
  return undefined;
}
