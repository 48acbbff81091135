/** SM2 (GB/T 32918): signatures with the default distinguishing id, and public-key encryption (C1, C3, C2 in DER, GM/T 0009). */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { weierstrass } from '@noble/curves/abstract/weierstrass.js';
import { children, integer, octets, readTlv, sequence, unsigned } from './der.ts';
import { ecScalar, publicBits } from './private-parts.ts';

const SIZE = 32;
const hex = (text: string): bigint => BigInt(`0x${text}`);
const n = hex('FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123');
const curve = {
  p: hex('FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF'),
  n,
  h: 1n,
  a: hex('FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC'),
  b: hex('28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93'),
  Gx: hex('32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7'),
  Gy: hex('BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0'),
};
const Point = weierstrass(curve);
type Point = InstanceType<typeof Point>;

const number = (bytes: Uint8Array): bigint => hex(Buffer.from(bytes).toString('hex') || '0');
const bytes = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(2 * SIZE, '0'), 'hex');
const mod = (value: bigint): bigint => ((value % n) + n) % n;
const sm3 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sm3');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** 1 ≤ k < n, by rejection. */
function scalar(random: (size: number) => Uint8Array): bigint {
  for (;;) {
    const k = number(random(SIZE));
    if (k > 0n && k < n) return k;
  }
}

function inverse(value: bigint): bigint {
  // Fermat: n is prime.
  let result = 1n;
  let base = mod(value);
  for (let power = n - 2n; power > 0n; power >>= 1n) {
    if (power & 1n) result = (result * base) % n;
    base = (base * base) % n;
  }
  return result;
}

function point(spki: Buffer): Point {
  const found = Point.fromBytes(publicBits(spki));
  found.assertValidity();
  return found;
}

/** SM3(ZA ‖ M) with the id `1234567812345678`, as AWS KMS says of SM2DSA with RAW messages. */
export function messageDigest(spki: Buffer, message: Uint8Array): Buffer {
  const { x, y } = point(spki).toAffine();
  const id = Buffer.from('1234567812345678');
  const length = Buffer.from([0, 8 * id.length]);
  const own = [curve.a, curve.b, curve.Gx, curve.Gy, x, y].map(bytes);
  return sm3(sm3(length, id, ...own), message);
}

export function signSm2(pkcs8: Buffer, digest: Uint8Array, random: (size: number) => Uint8Array = randomBytes): Buffer {
  const d = number(ecScalar(pkcs8));
  const e = number(digest);
  for (;;) {
    const k = scalar(random);
    const { x } = Point.BASE.multiply(k).toAffine();
    const r = mod(e + x);
    if (r === 0n || r + k === n) continue;
    const s = mod(inverse(1n + d) * mod(k - r * d));
    if (s !== 0n) return sequence(integer(bytes(r)), integer(bytes(s)));
  }
}

export function verifySm2(spki: Buffer, digest: Uint8Array, signature: Uint8Array): boolean {
  try {
    const whole = readTlv(Buffer.from(signature));
    const [first, second, ...more] = children(whole.value);
    if (whole.tag !== 0x30 || whole.end !== signature.byteLength || !first || !second || more.length > 0) return false;
    const r = number(unsigned(first));
    const s = number(unsigned(second));
    const t = mod(r + s);
    if (r <= 0n || r >= n || s <= 0n || s >= n || t === 0n) return false;
    const { x } = Point.BASE.multiply(s).add(point(spki).multiply(t)).toAffine();
    return mod(number(digest) + x) === r;
  } catch {
    return false;
  }
}

/** The key stream of GB/T 32918.4: SM3 over the shared point and a counter. */
function keyStream(shared: readonly [Buffer, Buffer], length: number): Buffer {
  const blocks: Buffer[] = [];
  const counter = Buffer.alloc(4);
  for (let round = 1; (round - 1) * SIZE < length; round += 1) {
    counter.writeUInt32BE(round);
    blocks.push(sm3(...shared, counter));
  }
  return Buffer.concat(blocks).subarray(0, length);
}

const xor = (a: Uint8Array, b: Uint8Array): Buffer => Buffer.from(a.map((byte, i) => byte ^ (b[i] as number)));

export function encryptSm2(spki: Buffer, plaintext: Uint8Array): Buffer {
  for (;;) {
    const k = scalar(randomBytes);
    const c1 = Point.BASE.multiply(k).toAffine();
    const { x, y } = point(spki).multiply(k).toAffine();
    const shared = [bytes(x), bytes(y)] as const;
    const stream = keyStream(shared, plaintext.byteLength);
    if (stream.every((byte) => byte === 0)) continue;
    const c3 = sm3(shared[0], plaintext, shared[1]);
    return sequence(integer(bytes(c1.x)), integer(bytes(c1.y)), octets(c3), octets(xor(plaintext, stream)));
  }
}

/** Undefined for anything that this key's public half did not encrypt. */
export function decryptSm2(pkcs8: Buffer, ciphertext: Uint8Array): Buffer | undefined {
  try {
    const whole = readTlv(Buffer.from(ciphertext));
    const [x1, y1, c3, c2, ...more] = children(whole.value);
    if (whole.tag !== 0x30 || whole.end !== ciphertext.byteLength || !x1 || !y1 || more.length > 0) return undefined;
    if (c3?.tag !== 0x04 || c2?.tag !== 0x04) return undefined;
    const c1 = Point.fromAffine({ x: number(unsigned(x1)), y: number(unsigned(y1)) });
    c1.assertValidity();
    const { x, y } = c1.multiply(number(ecScalar(pkcs8))).toAffine();
    const shared = [bytes(x), bytes(y)] as const;
    const plaintext = xor(c2.value, keyStream(shared, c2.value.length));
    const proof = sm3(shared[0], plaintext, shared[1]);
    return c3.value.length === proof.length && timingSafeEqual(proof, c3.value) ? plaintext : undefined;
  } catch {
    return undefined;
  }
}

/** The x coordinate of the shared point. */
export function agreeSm2(pkcs8: Buffer, spki: Buffer): Buffer {
  return bytes(
    point(spki)
      .multiply(number(ecScalar(pkcs8)))
      .toAffine().x,
  );
}
