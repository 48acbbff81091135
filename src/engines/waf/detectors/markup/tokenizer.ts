/** Tags of a text, read as browsers read them: slashes for blanks, missing quotes, missing ends. One pass. */

interface Attribute {
  /** In lower case, control characters taken out. */
  readonly name: string;
  /** As it stands: character references are not resolved. */
  readonly value: string;
  /** Begins with a quote that nothing closes: what the page has behind it belongs to the value. */
  readonly isOpen: boolean;
}

export interface Tag {
  /** Of its `<`. */
  readonly index: number;
  /** In lower case; '' for declarations and processing instructions. */
  readonly name: string;
  readonly isClosing: boolean;
  readonly attributes: readonly Attribute[];
  /** After its `>`, or the text's length. */
  readonly end: number;
}

const mostAttributes = 200;
const isBlank = (code: number): boolean => code <= 32 || code === 47 || code === 160;

/** The tag that begins at `<`, or undefined where no tag does. */
export function readTag(text: string, index: number): Tag | undefined {
  let at = index + 1;
  // Some parsers pass over NUL and blanks of other alphabets; a slash closes.
  while (text.charCodeAt(at) === 0) at++;
  const isClosing = text[at] === '/';
  if (isClosing) at++;
  while (text.charCodeAt(at) === 0) at++;
  if (!isNameStart(text.charCodeAt(at))) return undefined;
  const nameStart = at;
  while (at < text.length && !isNameEnd(text.charCodeAt(at))) at++;
  const name = text.slice(nameStart, at).toLowerCase().replaceAll('\0', '');
  const attributes: Attribute[] = [];
  while (at < text.length && attributes.length < mostAttributes) {
    while (at < text.length && isBlank(text.charCodeAt(at))) at++;
    if (at >= text.length) break;
    if (text[at] === '>') {
      at++;
      break;
    }
    if (text[at] === '<') break;
    const start = at;
    // A quote where a name should be is part of the name, as in browsers; it ends there for us, since others differ.
    at++;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if (isBlank(code) || code === 61 || code === 62 || code === 60) break;
      if ((code === 34 || code === 39 || code === 96) && at > start) break;
      at++;
    }
    const attribute = cleaned(text.slice(start, at));
    let next = at;
    while (next < text.length && text.charCodeAt(next) <= 32) next++;
    if (text[next] !== '=') {
      attributes.push({ name: attribute, value: '', isOpen: false });
      continue;
    }
    at = next + 1;
    while (at < text.length && text.charCodeAt(at) <= 32) at++;
    const quote = text[at];
    if (quote === '"' || quote === "'" || quote === '`') {
      const close = text.indexOf(quote, at + 1);
      const valueEnd = close < 0 ? text.length : close;
      attributes.push({ name: attribute, value: text.slice(at + 1, valueEnd), isOpen: close < 0 });
      at = valueEnd + 1;
    } else {
      const valueStart = at;
      while (at < text.length && text.charCodeAt(at) > 32 && text[at] !== '>') at++;
      attributes.push({ name: attribute, value: text.slice(valueStart, at), isOpen: false });
    }
  }
  return { index, name, isClosing, attributes, end: Math.min(at, text.length) };
}

function cleaned(name: string): string {
  return name.toLowerCase().replace(/[\0-\x20"'`\x7f-\xa0]/g, '');
}

function isNameStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}

function isNameEnd(code: number): boolean {
  return (
    (code !== 0 && code <= 32) ||
    code === 47 ||
    code === 62 ||
    code === 60 ||
    code === 160 ||
    code === 34 ||
    code === 39
  );
}
