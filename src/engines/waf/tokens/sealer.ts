/** Texts that only this installation can have written: handed in, since an engine holds no keys. */

export interface Sealer {
  /** A message authentication code of the text, in base64url, at least 128 bits. */
  mac(text: string): string;
}

/** `payload.code` */
export function seal(sealer: Sealer, payload: object): string {
  const text = toBase64Url(JSON.stringify(payload));
  return `${text}.${sealer.mac(text)}`;
}

const longestSealed = 2_048;

/** Undefined for what was not sealed here. */
export function unseal(sealer: Sealer, sealed: string): unknown {
  if (sealed.length > longestSealed) return undefined;
  const dot = sealed.indexOf('.');
  if (dot < 0) return undefined;
  const text = sealed.slice(0, dot);
  if (!isSame(sealed.slice(dot + 1), sealer.mac(text))) return undefined;
  try {
    return JSON.parse(fromBase64Url(text));
  } catch {
    return undefined;
  }
}

/** In a time that does not tell where they differ. */
export function isSame(left: string, right: string): boolean {
  let difference = left.length ^ right.length;
  for (let at = 0; at < right.length; at++)
    difference |= left.charCodeAt(at % (left.length || 1)) ^ right.charCodeAt(at);
  return difference === 0;
}

function toBase64Url(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

function fromBase64Url(text: string): string {
  const bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}
