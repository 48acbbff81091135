/** Checksum algorithms of S3 under one interface ("Checking object integrity", S3 User Guide). */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ChecksumAlgorithmName } from '../state.ts';
import { crc32c } from './crc32c.ts';
import { Crc64Nvme } from './crc64nvme.ts';

export interface RunningDigest {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}

/** Bytes of each algorithm's value. */
const sizes: Readonly<Record<ChecksumAlgorithmName, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
  SHA512: 64,
};

export const checksumAlgorithms = Object.keys(sizes) as readonly ChecksumAlgorithmName[];

/** The member of inputs and answers that holds each, spelled out: names that are put together cost more than the rest. */
export const checksumMember = {
  CRC32: 'ChecksumCRC32',
  CRC32C: 'ChecksumCRC32C',
  CRC64NVME: 'ChecksumCRC64NVME',
  SHA1: 'ChecksumSHA1',
  SHA256: 'ChecksumSHA256',
  SHA512: 'ChecksumSHA512',
} as const satisfies Record<ChecksumAlgorithmName, string>;

/** The header, trailer or field of a form that holds it. */
export function checksumHeader(algorithm: ChecksumAlgorithmName): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

export function isChecksumAlgorithm(name: string): name is ChecksumAlgorithmName {
  return Object.hasOwn(sizes, name);
}

/** What stands after `x-amz-checksum-` without being an algorithm. */
const otherWords = new Set(['algorithm', 'mode', 'type']);

/**
 * Whether a member (`ChecksumMD5`), header or trailer (`x-amz-checksum-md5`) is a checksum of an algorithm that is
 * not computed here: a value that nobody compares must not look as if somebody had.
 */
export function foreignChecksum(name: string): boolean {
  if (!name.startsWith('Checksum') && !name.startsWith('x-amz-checksum-')) return false;
  const word = name.slice(name.startsWith('C') ? 'Checksum'.length : 'x-amz-checksum-'.length);
  return !otherWords.has(word.toLowerCase()) && !isChecksumAlgorithm(word.toUpperCase());
}

export function newDigest(algorithm: ChecksumAlgorithmName): RunningDigest {
  switch (algorithm) {
    case 'CRC32':
      return new Crc32Digest(crc32);
    case 'CRC32C':
      return new Crc32Digest(crc32c);
    case 'CRC64NVME':
      return new Crc64Nvme();
    case 'SHA1':
      return new HashDigest('sha1');
    case 'SHA256':
      return new HashDigest('sha256');
    case 'SHA512':
      return new HashDigest('sha512');
  }
}

/** Decodes a checksum in a header or trailer; undefined if it is not one of this algorithm. */
export function decodeChecksum(algorithm: ChecksumAlgorithmName, base64: string): Buffer | undefined {
  return decodeBase64(base64, sizes[algorithm]);
}

/** Strict: Node's decoder skips what it does not know. */
export function decodeBase64(text: string, size: number): Buffer | undefined {
  if (text.length !== Math.ceil(size / 3) * 4) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === size && bytes.toString('base64') === text ? bytes : undefined;
}

class Crc32Digest implements RunningDigest {
  #crc = 0;
  readonly #step: (bytes: Uint8Array, previous: number) => number;

  constructor(step: (bytes: Uint8Array, previous: number) => number) {
    this.#step = step;
  }

  update(bytes: Uint8Array): void {
    this.#crc = this.#step(bytes, this.#crc);
  }

  digest(): Buffer {
    const result = Buffer.alloc(4);
    result.writeUInt32BE(this.#crc);
    return result;
  }
}

class HashDigest implements RunningDigest {
  readonly #hash;

  constructor(algorithm: 'sha1' | 'sha256' | 'sha512') {
    this.#hash = createHash(algorithm);
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  digest(): Buffer {
    return this.#hash.digest();
  }
}
