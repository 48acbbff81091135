/** URL_DECODE and URL_DECODE_UNI: `%41`, `+`, and Microsoft's `%u0041`. */
import { foldedUnit, hexByte } from './hex-digit.ts';

export const urlDecode = (text: string): string => decode(text, false);

export const urlDecodeUni = (text: string): string => decode(text, true);

function decode(text: string, isWide: boolean): string {
  let at = text.indexOf('%');
  if (at < 0) return text.includes('+') ? text.replaceAll('+', ' ') : text;
  let done = '';
  let from = 0;
  for (; at >= 0; at = text.indexOf('%', at)) {
    let byte = hexByte(text, at + 1);
    let length = 3;
    if (byte < 0 && isWide && (text.charCodeAt(at + 1) | 32) === 117) {
      byte = foldedUnit(text, at + 2);
      length = 6;
    }
    if (byte < 0) {
      at += 1;
      continue;
    }
    done += spaced(text.slice(from, at)) + String.fromCharCode(byte);
    at += length;
    from = at;
  }
  return done + spaced(text.slice(from));
}

const spaced = (text: string): string => (text.includes('+') ? text.replaceAll('+', ' ') : text);
