import { createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CorruptError } from '../../../store/store.ts';
import { DataKey, frameBytes } from './data-key.ts';

const salt = randomBytes(32);
const one = new DataKey(randomBytes(32)).frames(salt);
const two = new DataKey(randomBytes(64)).frames(salt);

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}

const from = (sealed: Buffer) => (start: number, end: number) => inChunks(sealed.subarray(start, end), 5000);

describe.each([
  ['one layer', one, 16],
  ['two layers', two, 32],
])('%s', (_name, frames, overhead) => {
  it.each([0, 1, frameBytes - 1, frameBytes, frameBytes + 1, 3 * frameBytes, 3 * frameBytes + 7])(
    'seals %i bytes in a stream and at once alike, and opens every part of them',
    async (size) => {
      const bytes = randomBytes(size);
      const sealed = await all(frames.seal(inChunks(bytes, 1000)));
      expect(Buffer.from(frames.sealAll(bytes)).equals(sealed)).toBe(true);
      expect(sealed.length).toBe(size + Math.max(1, Math.ceil(size / frameBytes)) * overhead);
      const edges = [0, 1, frameBytes - 1, frameBytes, frameBytes + 1, size - 1, size].filter(
        (e) => e >= 0 && e <= size,
      );
      for (const start of edges) {
        for (const end of edges.filter((edge) => edge >= start)) {
          const wanted = bytes.subarray(start, end);
          expect((await all(frames.open(from(sealed), size, start, end))).equals(wanted)).toBe(true);
          expect(Buffer.from(frames.openAll(sealed, size, start, end)).equals(wanted)).toBe(true);
        }
      }
    },
  );

  it('refuses frames that were changed, cut, exchanged or moved', async () => {
    const size = 2 * frameBytes + 100;
    const sealed = Buffer.from(frames.sealAll(randomBytes(size)));
    const frame = frameBytes + overhead;
    const open = (bytes: Buffer, length = size) => all(frames.open(from(bytes), length, 0, length));
    for (const at of [0, frame - 1, frame, sealed.length - 1]) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      await expect(open(changed)).rejects.toThrow(CorruptError);
      expect(() => frames.openAll(changed, size, 0, size)).toThrow(CorruptError);
    }
    const swapped = Buffer.concat([
      sealed.subarray(frame, 2 * frame),
      sealed.subarray(0, frame),
      sealed.subarray(2 * frame),
    ]);
    await expect(open(swapped)).rejects.toThrow(CorruptError);
    // Without its last frame, an object does not pass for a shorter one.
    await expect(open(sealed.subarray(0, 2 * frame), 2 * frameBytes)).rejects.toThrow(CorruptError);
    await expect(open(sealed.subarray(0, 2 * frame))).rejects.toThrow(CorruptError);
  });
});

it('is AES-256-GCM under a key derived for each salt', () => {
  const secret = randomBytes(32);
  const sealed = Buffer.from(new DataKey(secret).frames(salt).sealAll(Buffer.from('espresso')));
  const key = Buffer.from(hkdfSync('sha256', secret, salt, 'bailey s3 layer 0', 32));
  const nonce = Buffer.from('000000000000000000000001', 'hex');
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAuthTag(sealed.subarray(-16));
  expect(Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]).toString()).toBe('espresso');
  expect(sealed.equals(Buffer.from(new DataKey(secret).frames(randomBytes(32)).sealAll(Buffer.from('espresso'))))).toBe(
    false,
  );
});

it('takes whole layers only', () => {
  for (const length of [0, 16, 33, 48]) expect(() => new DataKey(randomBytes(length))).toThrow(RangeError);
});
