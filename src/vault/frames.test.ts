import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { encodeFrame, FrameReader, FrameWriter } from './frames.ts';

test('frames come back whole, however the stream is cut', () => {
  const frames = [
    encodeFrame(1, 2, []),
    encodeFrame(4_294_967_295, 255, ['ä', Buffer.alloc(0), randomBytes(300)]),
    encodeFrame(
      7,
      0,
      Array.from({ length: 16 }, (_, at) => String(at)),
    ),
  ];
  const bytes = Buffer.concat(frames);
  for (const size of [1, 2, 3, 5, 8, 13, 100, bytes.length]) {
    const reader = new FrameReader();
    const read = [];
    for (let at = 0; at < bytes.length; at += size)
      read.push(...reader.push(Buffer.from(bytes.subarray(at, at + size))));
    expect(read.map(({ id, code, fields }) => [id, code, fields.length])).toEqual([
      [1, 2, 0],
      [4_294_967_295, 255, 3],
      [7, 0, 16],
    ]);
    expect(read[1]?.fields[0]?.toString()).toBe('ä');
  }
});

test('what no peer of ours would send ends the reading', () => {
  const head = (size: number): Buffer => {
    const bytes = Buffer.alloc(64);
    bytes.writeUInt32BE(size);
    return bytes;
  };
  const field = encodeFrame(1, 1, [Buffer.alloc(20)]);
  field.writeUInt32BE(21, 9);
  const many = encodeFrame(
    1,
    1,
    Array.from({ length: 17 }, () => 'x'),
  );
  const stray = Buffer.concat([encodeFrame(1, 1, []), Buffer.from([0, 0])]);
  stray.writeUInt32BE(stray.length - 4);
  for (const bytes of [head(0), head(4), head(1024 * 1024 + 1), head(0xffffffff), field, many, stray]) {
    expect(() => new FrameReader().push(Buffer.from(bytes))).toThrow('a frame');
  }
});

test('random bytes make no frame that claims more than there is', () => {
  for (let round = 0; round < 3_000; round += 1) {
    const bytes = randomBytes(40);
    bytes.writeUInt32BE(5 + (round % 32));
    try {
      for (const { fields } of new FrameReader().push(bytes)) {
        expect(fields.reduce((sum, one) => sum + one.length, 0)).toBeLessThan(40);
      }
    } catch (error) {
      expect((error as Error).message).toContain('a frame');
    }
  }
});

test('what is sent in one turn leaves in one write, and is wiped', async () => {
  const socket = new PassThrough();
  const chunks: Buffer[] = [];
  let writes = 0;
  socket.on('data', (chunk: Buffer) => {
    writes += 1;
    chunks.push(Buffer.from(chunk));
  });
  const writer = new FrameWriter(socket);
  const frames = [encodeFrame(1, 1, ['secret']), encodeFrame(2, 1, ['secret'])];
  const expected = Buffer.concat(frames);
  for (const frame of frames) {
    writer.send(frame);
    // Other connections' requests come in microtasks of their own.
    await Promise.resolve();
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(writes).toBe(1);
  expect(Buffer.concat(chunks)).toEqual(expected);
  for (const frame of frames) expect(frame.every((byte) => byte === 0)).toBe(true);
});
