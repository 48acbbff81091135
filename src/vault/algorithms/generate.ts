/** New keys. Slow ones are made on the thread pool of the runtime; pairs of RSA_2048 are made before they are needed. */
import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { VaultError } from '../../services/kms/ports.ts';
import { curves, plainTypes, rawBytes, rsaBits } from './specs.ts';
import type { Material } from './types.ts';

const generatePair = promisify(generateKeyPair) as (
  type: string,
  options: object,
) => Promise<{ publicKey: Buffer; privateKey: Buffer }>;

const der = {
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
} as const;

export async function generatePkcs8(spec: string): Promise<{ material: Material; publicKey: Buffer }> {
  const bits = rsaBits[spec];
  const curve = curves[spec];
  const plain = plainTypes[spec];
  let made: { publicKey: Buffer; privateKey: Buffer };
  if (bits !== undefined) made = await generatePair('rsa', { modulusLength: bits, publicExponent: 0x10001, ...der });
  else if (curve !== undefined) made = await generatePair('ec', { namedCurve: curve, ...der });
  else if (plain !== undefined) made = await generatePair(plain, der);
  else throw new VaultError('unsupported', `The vault makes no ${spec} keys.`);
  return { material: made.privateKey, publicKey: made.publicKey };
}

/** RSA pairs that wait for their user: made one at a time, and only once somebody has wanted one. */
export class RsaStock {
  readonly #spec: string;
  readonly #size: number;
  readonly #pairs: Material[] = [];
  #isMaking = false;

  constructor(spec: string, size: number) {
    this.#spec = spec;
    this.#size = size;
  }

  async take(): Promise<Material> {
    const ready = this.#pairs.pop();
    setTimeout(() => this.#fill(), 50).unref();
    return ready ?? (await generatePkcs8(this.#spec)).material;
  }

  #fill(): void {
    if (this.#isMaking || this.#pairs.length >= this.#size) return;
    this.#isMaking = true;
    generatePkcs8(this.#spec).then(
      ({ material }) => {
        this.#pairs.push(material);
        this.#isMaking = false;
        this.#fill();
      },
      () => {
        this.#isMaking = false;
      },
    );
  }

  wipe(): void {
    for (const pair of this.#pairs.splice(0)) pair.fill(0);
  }
}

/** Bytes of keys that are nothing but random; undefined for others. */
export function generateRaw(spec: string): Material | undefined {
  const raw = rawBytes[spec];
  return raw && randomBytes(raw[0]);
}
