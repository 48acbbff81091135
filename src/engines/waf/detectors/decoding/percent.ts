/** URL decoding as lenient servers do it: `%41`, `%u0041`, and what is malformed stays as it is. */

export function hexValue(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** The number that `length` hexadecimal digits make, or -1. */
export function hexAt(text: string, index: number, length: number): number {
  let value = 0;
  for (let offset = 0; offset < length; offset++) {
    const digit = index + offset < text.length ? hexValue(text.charCodeAt(index + offset)) : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

export function percentDecode(text: string, plusIsBlank: boolean): string {
  let next = text.indexOf('%');
  if (next < 0) return plusIsBlank && text.includes('+') ? text.replaceAll('+', ' ') : text;
  let out = '';
  let from = 0;
  while (next >= 0) {
    let value = -1;
    let length = 3;
    if ((text.charCodeAt(next + 1) | 32) === 117) {
      value = hexAt(text, next + 2, 4);
      length = 6;
    } else value = hexAt(text, next + 1, 2);
    if (value >= 0) {
      const before = text.slice(from, next);
      out += plusIsBlank ? before.replaceAll('+', ' ') : before;
      out += String.fromCharCode(value);
      from = next + length;
    }
    next = text.indexOf('%', value >= 0 ? from : next + 1);
  }
  const rest = text.slice(from);
  return out + (plusIsBlank ? rest.replaceAll('+', ' ') : rest);
}
