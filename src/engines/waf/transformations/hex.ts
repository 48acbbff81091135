/** HEX_DECODE: pairs of digits from the start on; what is none stays. SQL_HEX_DECODE: `0x414243` wherever it stands. */
import { hexByte } from './hex-digit.ts';

export function hexDecode(text: string): string {
  let done = '';
  let at = 0;
  for (; ; at += 2) {
    const byte = hexByte(text, at);
    if (byte < 0) return done + text.slice(at);
    done += String.fromCharCode(byte);
  }
}

export function sqlHexDecode(text: string): string {
  return text.replace(/0[xX]((?:[0-9A-Fa-f]{2})+)/g, (_, digits: string) => hexDecode(digits));
}
