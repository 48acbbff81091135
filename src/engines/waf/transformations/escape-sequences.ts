/** ESCAPE_SEQ_DECODE: the escapes of ANSI C; what is no escape stays as it is. */
import { hexByte } from './hex-digit.ts';

const letters: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '?': '?',
  "'": "'",
  '"': '"',
};

export function escapeSeqDecode(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:([abfnrtv\\?'"])|x([0-9A-Fa-f]{2})|([0-7]{1,3}))/g, (_, letter, hex, octal) => {
    if (letter !== undefined) return letters[letter as string]!;
    if (hex !== undefined) return String.fromCharCode(hexByte(hex as string, 0));
    return String.fromCharCode(Number.parseInt(octal as string, 8) & 0xff);
  });
}
