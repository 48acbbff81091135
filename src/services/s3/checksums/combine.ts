/**
 * The CRC of a whole from the CRCs of its parts, as CompleteMultipartUpload needs it for full-object checksums.
 * Multiplying by x^(8n) modulo the polynomial moves a CRC over n bytes of zeros; all are in reflected bit order.
 */
import type { ChecksumAlgorithmName } from '../state.ts';

/** A polynomial of up to 64 bits in two halves; CRCs of 32 bits leave the low half empty. */
interface Element {
  readonly high: number;
  readonly low: number;
}

interface Field {
  readonly bytes: 4 | 8;
  multiply(a: Element, b: Element): Element;
  /** x^(2^k) at k. */
  readonly powers: Element[];
}

const one: Element = { high: 0x80000000 | 0, low: 0 };
const x: Element = { high: 0x40000000, low: 0 };

const fields: Partial<Record<ChecksumAlgorithmName, Field>> = {
  CRC32: field32(0xedb88320),
  CRC32C: field32(0x82f63b78),
  CRC64NVME: field64(0x9a6c9329, 0xac4bc9b5),
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
  parts: readonly { readonly crc: Buffer; readonly size: number }[],
): Buffer {
  const field = fields[algorithm];
  if (!field) throw new TypeError(`${algorithm} checksums cannot be combined`);
  // Parts mostly have one size: its shift is made once.
  const shifts = new Map<number, Element>();
  let high = 0;
  let low = 0;
  for (const { crc, size } of parts) {
    let shift = shifts.get(size);
    if (!shift) {
      shift = powerOfX(size, field);
      shifts.set(size, shift);
    }
    const moved = field.multiply(shift, { high, low });
    high = moved.high ^ crc.readInt32BE(0);
    low = field.bytes === 8 ? moved.low ^ crc.readInt32BE(4) : 0;
  }
  const whole = Buffer.alloc(field.bytes);
  whole.writeInt32BE(high, 0);
  if (field.bytes === 8) whole.writeInt32BE(low, 4);
  return whole;
}

/** x^(8 bytes). */
function powerOfX(bytes: number, { multiply, powers }: Field): Element {
  let result: Element = one;
  // Bit k of the count of bytes stands for x^(2^(k+3)).
  for (let rest = bytes, k = 3; rest > 0; rest = Math.floor(rest / 2), k += 1) {
    while (powers.length <= k) powers.push(multiply(powers.at(-1)!, powers.at(-1)!));
    if (rest % 2 === 1) result = multiply(powers[k]!, result);
  }
  return result;
}

function field32(polynomial: number): Field {
  return {
    bytes: 4,
    powers: [x],
    multiply(a, b) {
      let product = 0;
      let factor = b.high;
      for (let bit = 31; bit >= 0; bit -= 1) {
        if ((a.high >>> bit) & 1) product ^= factor;
        factor = factor & 1 ? (factor >>> 1) ^ polynomial : factor >>> 1;
      }
      return { high: product, low: 0 };
    },
  };
}

function field64(polynomialHigh: number, polynomialLow: number): Field {
  return {
    bytes: 8,
    powers: [x],
    multiply(a, b) {
      let high = 0;
      let low = 0;
      let factorHigh = b.high;
      let factorLow = b.low;
      for (let bit = 63; bit >= 0; bit -= 1) {
        if (((bit > 31 ? a.high : a.low) >>> (bit & 31)) & 1) {
          high ^= factorHigh;
          low ^= factorLow;
        }
        const carry = factorLow & 1;
        factorLow = (factorLow >>> 1) | (factorHigh << 31);
        factorHigh >>>= 1;
        if (carry) {
          factorHigh ^= polynomialHigh;
          factorLow ^= polynomialLow;
        }
      }
      return { high: high | 0, low: low | 0 };
    },
  };
}
