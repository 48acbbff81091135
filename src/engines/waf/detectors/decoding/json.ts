/** Strings within JSON: names and values, of well-formed texts and, as far as it goes, of others. */

const mostStrings = 4096;

export interface JsonString {
  readonly text: string;
  readonly isKey: boolean;
}

/**
 * Every string literal of a JSON text, decoded, in order. Linear, and does not mind malformed JSON: what is not a string
 * is passed over. Numbers, true, false and null say nothing.
 */
export function jsonStrings(text: string): JsonString[] {
  const found: JsonString[] = [];
  const { length } = text;
  let index = text.indexOf('"');
  while (index >= 0 && found.length < mostStrings) {
    let end = index + 1;
    let isEscaped = false;
    for (; end < length; end++) {
      const code = text.charCodeAt(end);
      if (code === 34) break;
      if (code === 92) {
        isEscaped = true;
        end++;
      }
    }
    const literal = text.slice(index + 1, end);
    let after = end + 1;
    while (after < length && text.charCodeAt(after) <= 32) after++;
    found.push({ text: isEscaped ? unescaped(literal) : literal, isKey: text.charCodeAt(after) === 58 });
    index = text.indexOf('"', end + 1);
  }
  return found;
}

function unescaped(literal: string): string {
  return literal.replace(/\\(?:u([0-9A-Fa-f]{4})|(.))/gs, (_, hex: string | undefined, letter: string) => {
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
    switch (letter) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case 'b':
        return '\b';
      case 'f':
        return '\f';
      default:
        return letter;
    }
  });
}

/** Whether a text is meant as a JSON object or array. */
export function looksLikeJson(text: string): boolean {
  const first = /^[\s'"]{0,16}([[{])\s{0,16}(["{[\]}]|-?\d)/.exec(text);
  if (first === null) return false;
  return first[1] === '[' || first[2] === '"' || first[2] === '}';
}
