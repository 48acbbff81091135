/** BinaryEquals: base64 against base64, byte for byte. */
import { pair, typed } from './operator.ts';

/** The canonical text without padding; undefined unless it is base64 with zero trailing bits. */
function parseBase64(text: string): string | undefined {
  let end = text.length;
  while (end > 0 && text.length - end < 2 && text[end - 1] === '=') end--;
  const body = text.slice(0, end);
  const rest = body.length % 4;
  if (rest === 1 || (end < text.length && text.length % 4 !== 0)) return undefined;
  let last = 0;
  for (let at = 0; at < body.length; at++) {
    last = digit(body.charCodeAt(at));
    if (last < 0) return undefined;
  }
  if ((rest === 2 && (last & 15) !== 0) || (rest === 3 && (last & 3) !== 0)) return undefined;
  return body;
}

function digit(code: number): number {
  if (code >= 65 && code <= 90) return code - 65;
  if (code >= 97 && code <= 122) return code - 71;
  if (code >= 48 && code <= 57) return code + 4;
  if (code === 43) return 62;
  return code === 47 ? 63 : -1;
}

export const binaryEquals = pair(typed(parseBase64, (actual, wanted) => actual === wanted)).plain;
