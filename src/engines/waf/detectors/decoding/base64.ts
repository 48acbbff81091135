/** Base64, of either alphabet, with or without padding: decoded only where text comes out. */

const digits = new Int8Array(128).fill(-1);
for (const [index, digit] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  digits[digit.charCodeAt(0)] = index;
}
digits[45] = 62;
digits[95] = 63;

const fewestDigits = 12;

/** Undefined where the text is no base64, or hides no text. */
export function base64Decode(text: string): string | undefined {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '=' || text[end - 1] === '\n' || text[end - 1] === ' ')) end--;
  if (end < fewestDigits || end % 4 === 1) return undefined;
  let out = '';
  let bits = 0;
  let count = 0;
  let unprintable = 0;
  for (let index = 0; index < end; index++) {
    const code = text.charCodeAt(index);
    const digit = code < 128 ? digits[code]! : -1;
    if (digit < 0) {
      if (code === 10 || code === 13) continue;
      return undefined;
    }
    bits = ((bits << 6) | digit) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    const byte = (bits >> count) & 0xff;
    if ((byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) || byte > 126) {
      unprintable++;
      // Java's serialized objects are told by their first bytes, whatever follows.
      if (unprintable * 8 > out.length + 8 && !out.startsWith('\xac\xed')) {
        if (out.length > 4 || unprintable > 2) return undefined;
      }
    }
    out += String.fromCharCode(byte);
  }
  return out;
}
