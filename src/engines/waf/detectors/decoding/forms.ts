/**
 * What a value may become on its way through an application: decoded once, twice, or from several encodings in turn.
 * Bounded in depth, in the number of forms and in their characters, so that no value costs more than a few times its size.
 */
import { countTraits, type Known, toKnow, trait } from '../traits.ts';
import { base64Decode } from './base64.ts';
import { entityDecode } from './entities.ts';
import { escapeDecode } from './escapes.ts';
import { jsonStrings, looksLikeJson } from './json.ts';
import { percentDecode } from './percent.ts';
import { foldLookAlikes, utf7Decode, utf8Decode, utf16Decode } from './unicode.ts';

/** A text that an application may come to see. */
export type Form = Known;

const mostForms = 12;
const mostDepth = 6;

interface Queue {
  readonly forms: Form[];
  readonly seen: Set<string>;
  charactersLeft: number;
}

/**
 * `isUrlEncoded`: the value came in a query string or form, where `+` is a blank. `isPercentEncoded`: it came in a path or
 * cookie, where applications undo `%41` before anything else.
 */
export function formsOf(raw: string, isUrlEncoded: boolean, isPercentEncoded = isUrlEncoded): readonly Form[] {
  const decoded = isPercentEncoded ? percentDecode(raw, isUrlEncoded) : raw;
  let first = decoded;
  let traits = countTraits(decoded);
  if ((traits & trait.high) !== 0) {
    first = characters(decoded);
    traits = countTraits(first);
  }
  const form: Form = toKnow(first, traits);
  if (!mayDecode(first, traits)) return [form];
  if ((traits & encodings) === 0 && !looksLikeJson(first) && !first.includes(';base64,')) {
    // Base64 alone may be meant, and mostly is not.
    if (base64Decode(first) === undefined) return [form];
  }
  const queue: Queue = {
    forms: [form],
    seen: new Set([first]),
    charactersLeft: Math.min(first.length * 4, first.length + 16_384) + 4096,
  };
  let level = 0;
  let levelEnd = 1;
  for (let index = 0; index < queue.forms.length && level < mostDepth; index++) {
    expand(queue.forms[index]!, queue);
    if (index + 1 === levelEnd) {
      level++;
      levelEnd = queue.forms.length;
    }
  }
  return queue.forms;
}

/** Bytes to characters; every form goes through it, since each decoding may uncover bytes. */
function characters(text: string): string {
  // Most texts are ASCII: one native scan tells.
  return /[^\0-\x7f]/.test(text) ? foldLookAlikes(utf8Decode(text)) : text;
}

/** Signs of an encoding. */
const encodings = trait.percent | trait.ampersand | trait.backslash | trait.control | trait.plus;

function sevenBits(text: string): string {
  return text.replace(/[\xa0-\xff]/g, (character) => String.fromCharCode(character.charCodeAt(0) & 0x7f));
}

function mayDecode(text: string, traits: number): boolean {
  if ((traits & encodings) !== 0 || ((traits & trait.high) !== 0 && text.includes('\xbc'))) return true;
  if ((traits & trait.quote) !== 0 && (traits & (trait.brace | trait.bracket)) !== 0) return true;
  return text.length >= 12 && (traits & trait.blank) === 0 && (traits & trait.letter) !== 0;
}

function add(text: string | undefined, queue: Queue): void {
  if (text === undefined || text === '' || queue.forms.length >= mostForms) return;
  if (text.length > queue.charactersLeft) return;
  const decoded = characters(text);
  if (queue.seen.has(decoded)) return;
  queue.seen.add(decoded);
  queue.charactersLeft -= decoded.length;
  queue.forms.push(toKnow(decoded));
}

function expand({ text, traits }: Form, queue: Queue): void {
  if ((traits & trait.percent) !== 0) add(percentDecode(text, false), queue);
  if ((traits & trait.ampersand) !== 0) add(entityDecode(text), queue);
  // Read as seven bits, as some take US-ASCII, these two are `<` and `>`.
  if (
    (traits & trait.high) !== 0 &&
    text.includes('\xbc') &&
    text.includes('\xbe') &&
    !/[\x80-\x9f\xc0-\uffff]/.test(text)
  ) {
    add(sevenBits(text), queue);
  }
  if ((traits & trait.backslash) !== 0) add(escapeDecode(text), queue);
  if ((traits & trait.control) !== 0 && text.includes('\0')) {
    add(utf16Decode(text), queue);
    add(text.replaceAll('\0', ''), queue);
  }
  if ((traits & trait.plus) !== 0) {
    add(utf7Decode(text), queue);
    // Blanks of a query string within a query string.
    if ((traits & trait.blank) === 0) add(text.replaceAll('+', ' '), queue);
  }
  if ((traits & trait.quote) !== 0 && (traits & (trait.brace | trait.bracket)) !== 0 && looksLikeJson(text)) {
    for (const { text: inner } of jsonStrings(text)) {
      if (inner.length > 2) add(inner, queue);
    }
  } else if ((traits & trait.blank) === 0 && text.length >= 12) {
    add(base64Decode(text), queue);
    const comma = text.indexOf(';base64,');
    if (comma >= 0 && comma < 64) add(base64Decode(text.slice(comma + 8)), queue);
  }
}
