import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeCertificate, makeRevocationList } from '../../../test/support/certificates.ts';
import { readRevocationList } from './revocation-list.ts';

const der = (tag: number, ...content: readonly (Uint8Array | number[])[]): Buffer => {
  const body = Buffer.concat(content.map((one) => Buffer.from(one)));
  const length = body.length < 0x80 ? [body.length] : [0x84, ...Buffer.from([0, 0, 0, 0])];
  if (length.length > 1) {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(body.length);
    length.splice(1, 4, ...size);
  }
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
};
const time = der(0x17, Buffer.from('260101000000Z'));
const list = (entries: readonly Buffer[]): Buffer => {
  const signed = der(0x30, der(0x02, [1]), der(0x30, []), der(0x30, []), time, time, der(0x30, Buffer.concat(entries)));
  return der(0x30, signed, der(0x30, []), der(0x03, [0, 1]));
};
const refused = 'The revocation file is not a certificate revocation list';

test('counts the entries of what a real library wrote, in PEM and DER', async () => {
  const root = await makeCertificate({ name: 'Root', isAuthority: true });
  const pem = await makeRevocationList(root, ['01', '02', '03']);
  const found = readRevocationList(Buffer.from(pem));
  expect(found.entries).toBe(3);
  expect(Buffer.from(found.pem).toString()).toMatch(/^-----BEGIN X509 CRL-----\n/);
  const bytes = Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
  expect(readRevocationList(bytes)).toEqual(found);
  expect(readRevocationList(Buffer.from(await makeRevocationList(root, []))).entries).toBe(0);
});

test('takes half a million entries in one pass', () => {
  const entry = der(0x30, der(0x02, [1, 2, 3, 4]), time);
  const file = list(Array.from({ length: 500_000 }, () => entry));
  expect(readRevocationList(file).entries).toBe(500_000);
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a certificate’s worth of noise', Buffer.from('nonsense')],
  ['an entry that is no sequence', list([der(0x02, [1])])],
  ['an entry without a time', list([der(0x30, der(0x02, [1]), der(0x02, [1]))])],
  ['bytes after the list', Buffer.concat([list([]), Buffer.from([0])])],
  ['a length beyond the end', Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0])],
  ['an indefinite length', Buffer.from([0x30, 0x80, 0, 0])],
])('%s is refused', (_what, file) => {
  expect(() => readRevocationList(file)).toThrow(refused);
});

test('whatever is changed in a list, it is counted or refused', () => {
  const good = list([der(0x30, der(0x02, [7]), time)]);
  const seed = Date.now();
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
      (changes) => {
        const file = Buffer.from(good);
        for (const [at, value] of changes) file[at] = value;
        try {
          expect(readRevocationList(file).entries).toBeLessThanOrEqual(good.length);
        } catch (error) {
          expect((error as Error).message).toBe(refused);
        }
      },
    ),
    { seed, numRuns: 5_000 },
  );
});
