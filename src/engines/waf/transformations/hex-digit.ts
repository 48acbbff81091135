/** Hexadecimal digits as numbers. */

/** -1 for what is no digit; NaN (beyond the end of a text) is none. */
export function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}

/** The byte that two digits at `at` say; -1 where they are none. */
export function hexByte(text: string, at: number): number {
  const high = hexDigit(text.charCodeAt(at));
  const low = hexDigit(text.charCodeAt(at + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/** Four digits as one byte: letters of full width become ASCII, of anything else the low byte stays, as ModSecurity does. */
export function foldedUnit(text: string, at: number): number {
  const high = hexByte(text, at);
  const low = hexByte(text, at + 2);
  return high < 0 || low < 0 ? -1 : folded(high, low);
}

export function folded(high: number, low: number): number {
  return high === 0xff && low >= 0x01 && low <= 0x5e ? low + 0x20 : low;
}
