/**
 * The CRC of a whole from the CRCs of its parts, as CompleteMultipartUpload needs it for full-object checksums.
 * Multiplying by x^(8n) modulo the polynomial moves a CRC over n bytes of zeros; both are in reflected bit order.
 */
import type { ChecksumAlgorithmName } from '../state.ts';
import { polynomial as crc64Polynomial } from './crc64nvme.ts';

interface Field {
  readonly width: bigint;
  readonly polynomial: bigint;
}

const fields: Partial<Record<ChecksumAlgorithmName, Field>> = {
  CRC32: { width: 32n, polynomial: 0xedb88320n },
  CRC32C: { width: 32n, polynomial: 0x82f63b78n },
  CRC64NVME: { width: 64n, polynomial: crc64Polynomial },
};

/** Whether the checksum of a whole follows from those of its parts. */
export function isCombinable(algorithm: ChecksumAlgorithmName): boolean {
  return fields[algorithm] !== undefined;
}

/**
 * @param parts the big-endian CRC and the length in bytes of each part, in order
 * @returns the big-endian CRC of the parts put together
 */
export function combine(
  algorithm: ChecksumAlgorithmName,
  parts: readonly { readonly crc: Uint8Array; readonly size: number }[],
): Buffer {
  const field = fields[algorithm];
  if (!field) throw new TypeError(`${algorithm} checksums cannot be combined`);
  // Parts mostly have one size: its shift is made once.
  const shifts = new Map<number, bigint>();
  let whole = 0n;
  for (const { crc, size } of parts) {
    let shift = shifts.get(size);
    if (shift === undefined) {
      shift = powerOfX(BigInt(size) * 8n, field);
      shifts.set(size, shift);
    }
    whole = multiply(shift, whole, field) ^ BigInt(`0x${Buffer.from(crc).toString('hex')}`);
  }
  return Buffer.from(whole.toString(16).padStart(Number(field.width) / 4, '0'), 'hex');
}

function multiply(a: bigint, b: bigint, field: Field): bigint {
  let product = 0n;
  let factor = b;
  for (let bit = 1n << (field.width - 1n); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ field.polynomial : factor >> 1n;
  }
  return product;
}

function powerOfX(exponent: bigint, field: Field): bigint {
  let result = 1n << (field.width - 1n);
  let square = 1n << (field.width - 2n);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = multiply(square, result, field);
    square = multiply(square, square, field);
  }
  return result;
}
