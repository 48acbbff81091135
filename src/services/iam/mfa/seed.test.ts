import { crc32, inflateSync } from 'node:zlib';
import jsQR from 'jsqr';
import { describe, expect, test } from 'vitest';
import { base32, provisioningUri, qrCodePng } from './seed.ts';

test('base32 is that of RFC 4648', () => {
  expect(base32(Buffer.from('fooba'))).toBe('MZXW6YTB');
  expect(base32(Buffer.alloc(40, 0xff))).toBe('7'.repeat(64));
  expect(base32(Uint8Array.from({ length: 10 }, (_, at) => at * 25))).toBe('AAMTES3EPWLK7SHB');
});

test('the link names device, account and secret, and nothing in a name gets out of its place', () => {
  expect(provisioningUri('rudy', '111122223333', 'ABC')).toBe('otpauth://totp/rudy@111122223333?secret=ABC');
  expect(provisioningUri('a=b,c@d+e', 'shop', 'ABC')).toBe('otpauth://totp/a%3Db%2Cc%40d%2Be@shop?secret=ABC');
});

/** Reads a grey PNG of one bit a pixel back, checking what a decoder checks. */
function pixels(png: Uint8Array) {
  const bytes = Buffer.from(png);
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at);
    expect(crc32(bytes.subarray(at + 4, end))).toBe(bytes.readUInt32BE(end));
    chunks.set(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, end));
    at = end + 4;
  }
  expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND']);
  const head = chunks.get('IHDR') as Buffer;
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const rows = inflateSync(chunks.get('IDAT') as Buffer);
  const stride = Math.ceil(width / 8) + 1;
  expect(rows.length).toBe(stride * height);
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const light = ((rows[y * stride + 1 + (x >> 3)] ?? 0) >> (7 - (x & 7))) & 1;
      if (!light) rgba.fill(0, (y * width + x) * 4, (y * width + x) * 4 + 3);
    }
  }
  return { rgba, width, height };
}

describe('the picture', () => {
  test.each([1, 64, 128])('of a name of %d characters is read by another program', (length) => {
    const text = provisioningUri('d'.repeat(length), 'coffee-shop', base32(Buffer.alloc(40, length)));
    const { rgba, width, height } = pixels(qrCodePng(text));
    expect(jsQR.default(rgba, width, height)?.data).toBe(text);
  });
});
