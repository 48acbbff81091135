/** COMPRESS_WHITE_SPACE, REMOVE_WHITESPACE and the three TRIMs; the no-break space (160) counts. */

export const compressWhiteSpace = (text: string): string => text.replace(/[\t-\r \xa0]+/g, ' ');

export const removeWhiteSpace = (text: string): string => text.replace(/[\t-\r \xa0]+/g, '');

export const trim = (text: string): string => trimLeft(trimRight(text));

export function trimLeft(text: string): string {
  let from = 0;
  while (from < text.length && isSpace(text.charCodeAt(from))) from++;
  return text.slice(from);
}

export function trimRight(text: string): string {
  let to = text.length;
  while (to > 0 && isSpace(text.charCodeAt(to - 1))) to--;
  return text.slice(0, to);
}

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13) || code === 160;
