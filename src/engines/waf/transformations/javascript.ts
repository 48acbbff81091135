/** JS_DECODE: escapes of JavaScript's strings; JS_DECODE_EXT takes `\u{…}` too, and writes what is no byte as UTF-8. */
import { foldedUnit, hexByte } from './hex-digit.ts';
import { utf8Of } from './unicode.ts';

const letters: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const escapes = /\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([0-3]?[0-7]{1,2})|(.|\n))/gs;

export function jsDecode(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(escapes, (_, unit, hex, octal, other) => {
    if (unit !== undefined) return String.fromCharCode(foldedUnit(unit as string, 0));
    return plain(hex, octal, other);
  });
}

const wideEscapes =
  /\\(?:u([dD][89abAB][0-9A-Fa-f]{2})\\u([dD][c-fC-F][0-9A-Fa-f]{2})|u(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{4}))|x([0-9A-Fa-f]{2})|([0-3]?[0-7]{1,2})|(.|\n))/gs;

export function jsDecodeExt(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(wideEscapes, (_, high, low, braced, unit, hex, octal, other) => {
    if (high !== undefined) {
      const upper = Number.parseInt(high as string, 16) - 0xd800;
      return utf8Of(0x10000 + upper * 0x400 + Number.parseInt(low as string, 16) - 0xdc00);
    }
    const digits = (braced ?? unit) as string | undefined;
    if (digits === undefined) return plain(hex, octal, other);
    const code = Number.parseInt(digits, 16);
    // Letters of full width count as ASCII.
    return code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : utf8Of(code);
  });
}

function plain(hex?: string, octal?: string, other?: string): string {
  if (hex !== undefined) return String.fromCharCode(hexByte(hex, 0));
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
  return Object.hasOwn(letters, other!) ? letters[other!]! : other!;
}
