/** Streams read by events: whole, refused half way, broken off. */
import { PassThrough, Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { drain } from './drain.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

it('gives all pieces in order, however many there are', async () => {
  expect(text(await drain(Readable.from([Buffer.from('flat '), Buffer.from('white')]), () => undefined))).toBe(
    'flat white',
  );
  expect(text(await drain(Readable.from([Buffer.from('one')]), () => undefined))).toBe('one');
  expect(await drain(Readable.from([]), () => undefined)).toHaveLength(0);
});

it('stands still once it was told to stop', async () => {
  const stream = new PassThrough();
  const reading = drain(stream, (bytes) => {
    if (bytes > 3) throw new RangeError('too much');
  });
  stream.write('abc');
  stream.write('abcd');
  await expect(reading).rejects.toThrow('too much');
  expect(stream.isPaused()).toBe(true);
  stream.destroy(new Error('late'));
});

it('says that a stream broke off, before or while it is read', async () => {
  const stream = new PassThrough();
  const reading = drain(stream, () => undefined);
  stream.write('abc');
  setImmediate(() => stream.destroy());
  await expect(reading).rejects.toMatchObject({ code: 'ECONNRESET' });
  await expect(drain(stream, () => undefined)).rejects.toMatchObject({ code: 'ECONNRESET' });
});
