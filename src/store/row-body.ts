/** What a row is as bytes, before it is sealed: its JSON, and beside it the bytes that the row holds, as they are. */

/** No JSON begins with it: it stands before the length (u32) of a JSON text with bytes behind it. */
const WITH_BYTES = 0;
const HEAD_BYTES = 5;

/** A row with a member of this name and type keeps it beside its JSON; no other bytes can be in a row. */
interface Holder {
  readonly bytes?: unknown;
}

export function bytesOf(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { bytes } = value as Holder;
  return bytes instanceof Uint8Array ? bytes : undefined;
}

/** @param bytes what `bytesOf` gave for the value, if it gave any */
export function textOf(value: unknown, bytes: Uint8Array | undefined): string | undefined {
  return JSON.stringify(bytes ? { ...(value as Holder), bytes: undefined } : value);
}

export function encodeRow(text: string, bytes: Uint8Array | undefined): Buffer {
  if (!bytes) return Buffer.from(text);
  const length = Buffer.byteLength(text);
  const body = Buffer.allocUnsafe(HEAD_BYTES + length + bytes.length);
  body[0] = WITH_BYTES;
  body.writeUInt32BE(length, 1);
  body.write(text, HEAD_BYTES, length, 'utf8');
  body.set(bytes, HEAD_BYTES + length);
  return body;
}

export function decodeRow(body: Buffer): unknown {
  if (body[0] !== WITH_BYTES) return JSON.parse(body.toString());
  const end = HEAD_BYTES + body.readUInt32BE(1);
  return joined(body.toString('utf8', HEAD_BYTES, end), body.subarray(end));
}

/** The value again out of what `textOf` and `bytesOf` made of it. */
export function joined(text: string, bytes: Uint8Array | undefined): unknown {
  const value: unknown = JSON.parse(text);
  if (bytes) (value as { bytes?: Uint8Array }).bytes = bytes;
  return value;
}
