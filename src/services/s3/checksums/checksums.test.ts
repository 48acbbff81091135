/** Published check values, and the laws that CRCs of parts obey. */
import { createHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { combine, isCombinable } from './combine.ts';
import { crc32c } from './crc32c.ts';
import { Crc64Nvme } from './crc64nvme.ts';
import { checksumAlgorithms, decodeChecksum, newDigest } from './digest.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function crc64(...chunks: Uint8Array[]): string {
  const crc = new Crc64Nvme();
  for (const chunk of chunks) crc.update(chunk);
  return crc.digest().toString('hex');
}

/** One bit at a time, straight from the definition. */
function slowCrc64(input: Uint8Array): string {
  let crc = 0xffffffffffffffffn;
  for (const byte of input) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1n ? (crc >> 1n) ^ 0x9a6c9329ac4bc9b5n : crc >> 1n;
  }
  return (crc ^ 0xffffffffffffffffn).toString(16).padStart(16, '0');
}

describe('CRC-32C', () => {
  it('has the check values of RFC 3720 B.4', () => {
    expect(crc32c(bytes('123456789')).toString(16)).toBe('e3069283');
    expect(crc32c(new Uint8Array(32)).toString(16)).toBe('8a9136aa');
    expect(crc32c(new Uint8Array(32).fill(0xff)).toString(16)).toBe('62a8ab43');
  });

  it('continues from any cut', () => {
    const input = randomBytes(1000);
    for (const cut of [0, 1, 7, 8, 9, 500, 999, 1000]) {
      expect(crc32c(input.subarray(cut), crc32c(input.subarray(0, cut)))).toBe(crc32c(input));
    }
  });
});

describe('CRC-64/NVME', () => {
  it('has the published check value', () => {
    expect(crc64(bytes('123456789'))).toBe('ae8b14860a799888');
  });

  it('agrees with one bit at a time at every length and cut', () => {
    const input = randomBytes(70);
    for (let length = 0; length <= input.length; length += 1) {
      const part = input.subarray(0, length);
      expect(crc64(part)).toBe(slowCrc64(part));
      expect(crc64(part.subarray(0, length >> 1), part.subarray(length >> 1))).toBe(slowCrc64(part));
    }
  });
});

describe('digests', () => {
  const of = (algorithm: (typeof checksumAlgorithms)[number], input: Uint8Array): Buffer => {
    const digest = newDigest(algorithm);
    digest.update(input);
    return digest.digest();
  };

  it('are those of Node where Node has them', () => {
    const input = randomBytes(12_345);
    expect(of('CRC32', input).readUInt32BE()).toBe(crc32(input));
    for (const name of ['SHA1', 'SHA256', 'SHA512'] as const) {
      expect(of(name, input)).toEqual(createHash(name).update(input).digest());
    }
  });

  it('combine from parts to the whole', () => {
    const input = randomBytes(100_003);
    for (const algorithm of checksumAlgorithms.filter(isCombinable)) {
      for (const cuts of [[], [1], [100_003], [5, 5, 70_000], [50_000]]) {
        const edges = [0, ...cuts, input.length];
        const parts = edges.slice(1).map((end, index) => {
          const part = input.subarray(edges[index], end);
          return { crc: of(algorithm, part), size: part.length };
        });
        expect(combine(algorithm, parts).toString('hex')).toBe(of(algorithm, input).toString('hex'));
      }
    }
  });

  it('decode strictly', () => {
    const value = of('CRC32', bytes('a')).toString('base64');
    expect(decodeChecksum('CRC32', value)).toEqual(of('CRC32', bytes('a')));
    for (const bad of [
      '',
      `${value}=`,
      `${value}x`,
      `!${value.slice(1)}`,
      value.slice(1),
      of('SHA1', bytes('a')).toString('base64'),
    ]) {
      expect(decodeChecksum('CRC32', bad)).toBeUndefined();
    }
  });
});
