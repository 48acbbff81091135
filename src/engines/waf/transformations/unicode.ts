/** UTF8_TO_UNICODE: sequences of UTF-8 become `%uHHHH`; bytes that are none stay. */
export function utf8ToUnicode(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything beyond ASCII is looked for
  if (!/[^\x00-\x7f]/.test(text)) return text;
  let done = '';
  for (let at = 0; at < text.length; ) {
    const lead = text.charCodeAt(at);
    const length = lead >= 0xf0 && lead < 0xf8 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    const code = length === 1 || lead >= 0xf8 ? -1 : sequence(text, at, length);
    if (code < 0) {
      done += text.charAt(at);
      at += 1;
      continue;
    }
    done += `%u${code.toString(16).padStart(4, '0')}`;
    at += length;
  }
  return done;
}

/** The code that a sequence says, overlong ones too (an origin may take them); -1 where it is broken. */
function sequence(text: string, at: number, length: number): number {
  let code = text.charCodeAt(at) & (0xff >> (length + 1));
  for (let next = 1; next < length; next++) {
    const byte = text.charCodeAt(at + next);
    if ((byte & 0xc0) !== 0x80) return -1;
    code = code * 64 + (byte & 0x3f);
  }
  return code;
}

/** A code point as bytes of UTF-8, those from U+0080 to U+00FF too. */
export function strictUtf8Of(code: number): string {
  return code >= 0x80 && code < 0x100 ? String.fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 0x3f)) : utf8Of(code);
}

/** A code point as bytes of UTF-8; below 256 as that byte. */
export function utf8Of(code: number): string {
  if (code < 0x100) return String.fromCharCode(code);
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
  if (code < 0x10000) {
    return String.fromCharCode(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  }
  if (code > 0x10ffff) return String.fromCharCode(code & 0xff);
  return String.fromCharCode(
    0xf0 | (code >> 18),
    0x80 | ((code >> 12) & 0x3f),
    0x80 | ((code >> 6) & 0x3f),
    0x80 | (code & 0x3f),
  );
}
