/** Escapes of programs: JavaScript's, C's and CSS's, wherever they stand. */
import { hexAt } from './percent.ts';

const named: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f', v: '\v', '/': '/' };

/** `\u0041`, `\u{41}`, `\x41`, `\101`, `\n`. Other backslashes stay. Undefined where nothing was escaped. */
export function escapeDecode(text: string): string | undefined {
  let out = '';
  let from = 0;
  let hasNumbers = false;
  for (let index = text.indexOf('\\'); index >= 0; index = text.indexOf('\\', index + 1)) {
    const letter = text[index + 1];
    let value = -1;
    let length = 0;
    if (letter === 'u' && text[index + 2] === '{') {
      const end = text.indexOf('}', index + 3);
      // Zeros in front may go on for long.
      if (end > 0 && end - index < 40) {
        const digits = text.slice(index + 3, end).replace(/^0+(?=.)/, '');
        value = digits.length <= 6 ? hexAt(digits, 0, digits.length) : -1;
        length = end - index + 1;
      }
    } else if (letter === 'u' || letter === 'U') {
      value = hexAt(text, index + 2, 4);
      length = 6;
    } else if (letter === 'x' || letter === 'X') {
      value = hexAt(text, index + 2, 2);
      length = 4;
    } else if (letter !== undefined && letter >= '0' && letter <= '7') {
      let digits = 1;
      while (digits < 3 && /^[0-7]$/.test(text[index + 1 + digits] ?? '')) digits++;
      if (digits > 1) {
        value = Number.parseInt(text.slice(index + 1, index + 1 + digits), 8);
        length = digits + 1;
      }
    } else if (letter !== undefined && Object.hasOwn(named, letter)) {
      out += text.slice(from, index) + named[letter];
      index++;
      from = index + 1;
      continue;
    } else if (letter === '\\') {
      index++;
      continue;
    }
    if (value < 0 || value > 0x10ffff) continue;
    hasNumbers = true;
    out += text.slice(from, index) + String.fromCodePoint(value);
    index += length - 1;
    from = index + 1;
  }
  return hasNumbers || from > 0 ? out + text.slice(from) : undefined;
}

/** CSS: `\6a ` and `\00006a`. Undefined where nothing was escaped. */
export function cssDecode(text: string): string | undefined {
  let out = '';
  let from = 0;
  for (let index = text.indexOf('\\'); index >= 0; index = text.indexOf('\\', index + 1)) {
    let length = 0;
    while (length < 6 && hexAt(text, index + 1 + length, 1) >= 0) length++;
    const value = length === 0 ? -1 : hexAt(text, index + 1, length);
    if (value < 0 || value > 0x10ffff) continue;
    out += text.slice(from, index) + String.fromCodePoint(value);
    from = index + 1 + length;
    if (text[from] === ' ') from++;
    index = from - 1;
  }
  return from === 0 ? undefined : out + text.slice(from);
}
