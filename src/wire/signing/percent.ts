/**
 * The percent-encoding of canonical requests: everything but unreserved characters, upper-case digits.
 * Text from the network holds one byte per character, as node gives it; characters above 0xff are taken as UTF-8.
 */

const plain = /^[A-Za-z0-9\-._~]*$/;
const plainPath = /^[A-Za-z0-9\-._~/]*$/;

/** What each byte becomes. */
const encoded: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return plain.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
});

/** Encodes each byte, `%` included: what is encoded already is encoded twice. Slashes stay. */
export function encodePath(path: string): string {
  return plainPath.test(path) ? path : walk(path, true, false, false);
}

/**
 * Decodes and encodes again, so that every way to write the same bytes becomes one. Slashes stay; encoded ones stay
 * encoded, as all signers have them.
 */
export function recodePath(path: string): string {
  return plainPath.test(path) ? path : walk(path, true, true, false);
}

/** Like recodePath for one key or value of a query, where `+` is a space and a slash is encoded. */
export function recodeQuery(component: string): string {
  return plain.test(component) ? component : walk(component, false, true, true);
}

/** Encodes text (UTF-16, sent as UTF-8) for a query. */
export function encodeText(text: string): string {
  return walk(Buffer.from(text, 'utf8').toString('latin1'), false, false, false);
}

/** The UTF-8 text of one key or value of a query. */
export function decodeQuery(component: string): string {
  if (plain.test(component)) return component;
  const canonical = walk(component, false, true, true);
  try {
    return decodeURIComponent(canonical);
  } catch {
    // Not UTF-8: nothing that signatures know is written so.
    return canonical;
  }
}

function walk(text: string, keepSlash: boolean, decode: boolean, plusIsSpace: boolean): string {
  let out = '';
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (code === 37 && decode) {
      const high = hexDigit(text.charCodeAt(i + 1));
      const low = hexDigit(text.charCodeAt(i + 2));
      if (high >= 0 && low >= 0) {
        i += 2;
        const byte = high * 16 + low;
        out += encoded[byte] as string;
        continue;
      }
    }
    if (code === 47 && keepSlash) out += '/';
    else if (code === 43 && plusIsSpace) out += '%20';
    else if (code < 256) out += encoded[code] as string;
    else {
      const point = text.codePointAt(i) as number;
      if (point > 0xffff) i += 1;
      for (const byte of Buffer.from(String.fromCodePoint(point), 'utf8')) out += encoded[byte] as string;
    }
  }
  return out;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
