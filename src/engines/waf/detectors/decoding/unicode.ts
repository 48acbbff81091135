/** Bytes to characters as lenient decoders do it: overlong UTF-8 becomes what it hides, look-alikes of ASCII become ASCII. */

/** Reads UTF-8 out of one character per byte; what is no UTF-8 stays. Overlong forms, up to six bytes, are accepted. */
export function utf8Decode(text: string): string {
  let out = '';
  let from = 0;
  const { length: end } = text;
  for (let index = 0; index < end; index++) {
    const lead = text.charCodeAt(index);
    if (lead < 0xc0 || lead > 0xfd) continue;
    const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf8 ? 4 : lead < 0xfc ? 5 : 6;
    let value = lead & (0x7f >> length);
    let offset = 1;
    for (; offset < length && index + offset < text.length; offset++) {
      const byte = text.charCodeAt(index + offset);
      if (byte < 0x80 || byte > 0xbf) break;
      value = value * 64 + (byte & 0x3f);
    }
    if (offset < length || value > 0x10ffff) continue;
    out += text.slice(from, index) + String.fromCodePoint(value);
    index += length - 1;
    from = index + 1;
  }
  return from === 0 ? text : out + text.slice(from);
}

/** What databases, shells and file systems take for the ASCII character. */
const lookAlikes: ReadonlyMap<number, string> = new Map([
  [0x2215, '/'],
  [0x2044, '/'],
  [0x29f8, '/'],
  [0x2216, '\\'],
  [0x29f5, '\\'],
  [0xfe68, '\\'],
  [0xff0f, '/'],
  [0x02b9, "'"],
  [0x02bc, "'"],
  [0x2024, '.'],
  [0xfe52, '.'],
  [0x2025, '..'],
  [0x3008, '<'],
  [0x2039, '<'],
  [0x203a, '>'],
  [0xfe64, '<'],
  [0xfe65, '>'],
  [0x212a, 'K'],
  [0x017f, 's'],
  [0x0131, 'i'],
]);

export function foldLookAlikes(text: string): string {
  let out = '';
  let from = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x131) continue;
    const ascii = code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : lookAlikes.get(code);
    if (ascii === undefined) continue;
    out += text.slice(from, index) + ascii;
    from = index + 1;
  }
  return from === 0 ? text : out + text.slice(from);
}

const base64Digits = new Int8Array(128).fill(-1);
for (const [index, digit] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  base64Digits[digit.charCodeAt(0)] = index;
}

/** UTF-7's `+ADw-`: base64 of UTF-16 between `+` and `-`. Undefined where there is none. */
export function utf7Decode(text: string): string | undefined {
  let out = '';
  let from = 0;
  for (let plus = text.indexOf('+'); plus >= 0; plus = text.indexOf('+', plus + 1)) {
    let bits = 0;
    let count = 0;
    let decoded = '';
    let index = plus + 1;
    for (; index < text.length && index - plus < 64; index++) {
      const code = text.charCodeAt(index);
      const digit = code < 128 ? base64Digits[code]! : -1;
      if (digit < 0) break;
      bits = ((bits << 6) | digit) & 0xffffff;
      count += 6;
      if (count >= 16) {
        decoded += String.fromCharCode((bits >> (count - 16)) & 0xffff);
        count -= 16;
      }
    }
    // Only what hides ASCII is of interest, and only where the shift is ended as it should be.
    if (decoded === '' || text[index] !== '-' || !/^[\t-~]+$/.test(decoded)) {
      // Base64's own `+` begins no further shift.
      plus = Math.max(plus, index - 1);
      continue;
    }
    out += text.slice(from, plus) + decoded;
    from = index + 1;
    plus = index;
  }
  return from === 0 ? undefined : out + text.slice(from);
}

/** UTF-16 as it comes in bytes: every second one is zero. Undefined for other texts. */
export function utf16Decode(text: string): string | undefined {
  if (text.length < 6) return undefined;
  const sample = Math.min(text.length, 32);
  let even = 0;
  let odd = 0;
  for (let index = 0; index < sample; index++) {
    if (text.charCodeAt(index) === 0) index % 2 === 0 ? even++ : odd++;
  }
  if (Math.max(even, odd) < sample / 2 - 2) return undefined;
  const first = even > odd ? 1 : 0;
  let out = '';
  for (let index = first; index < text.length; index += 2) out += text[index];
  return out;
}
