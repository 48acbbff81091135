/** Character classes of signature parts: checked by hand, so that nothing surprising passes. */

/** Exactly 64 lower-case hexadecimal digits. */
export function isSha256Hex(text: string): boolean {
  return text.length === 64 && isLowerHex(text);
}

export function isLowerHex(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    if (!((code >= 48 && code <= 57) || (code >= 97 && code <= 102))) return false;
  }
  return true;
}

/** Letters, digits and underscores, 3 to 128 of them. */
export function isAccessKeyId(text: string): boolean {
  return text.length >= 3 && text.length <= 128 && /^[A-Za-z0-9_]+$/.test(text);
}

/** A region or service name in a scope. */
export function isScopeName(text: string): boolean {
  return text.length >= 1 && text.length <= 64 && /^[a-z0-9-]+$/.test(text);
}

/** A lower-case header name, or `:authority`. */
export function isHeaderName(text: string): boolean {
  return text.length >= 1 && text.length <= 128 && /^:?[a-z0-9!#$%&'*+\-.^_`|~]+$/.test(text);
}

/** Trims, and makes one space of each run of white space: bytes above 0x7f are never white space here. */
export function collapse(value: string): string {
  if (!/^[ \t]|[ \t\r\n\v\f]{2}|[\t\r\n\v\f]|[ \t]$/.test(value)) return value;
  let out = '';
  let gap = false;
  for (let i = 0; i < value.length; i += 1) {
    const code = value.charCodeAt(i);
    if (code === 32 || (code >= 9 && code <= 13)) {
      gap = out !== '';
    } else {
      if (gap) out += ' ';
      gap = false;
      out += value[i];
    }
  }
  return out;
}
