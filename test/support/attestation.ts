/** Attestation documents for tests: a root, certificates under it, and the enclave that they vouch for. */
import { generateKeyPairSync, sign, webcrypto } from 'node:crypto';
import 'reflect-metadata';
import { BasicConstraintsExtension, X509CertificateGenerator } from '@peculiar/x509';

type Value = number | string | null | Uint8Array | readonly Value[] | Map<number | string, Value>;

function head(major: number, value: number): Buffer {
  if (value < 24) return Buffer.from([(major << 5) | value]);
  if (value < 0x100) return Buffer.from([(major << 5) | 24, value]);
  if (value < 0x10000) return Buffer.from([(major << 5) | 25, value >> 8, value & 0xff]);
  const wide = Buffer.alloc(9, (major << 5) | 27);
  wide.writeBigUInt64BE(BigInt(value), 1);
  return wide;
}

/** CBOR, as short as it can be. */
function cbor(value: Value): Buffer {
  if (value === null) return Buffer.from([0xf6]);
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  const map = value as Map<number | string, Value>;
  return Buffer.concat([head(5, map.size), ...[...map].flatMap(([key, one]) => [cbor(key), cbor(one)])]);
}

const { subtle } = webcrypto;
const curve = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };

interface Issued {
  readonly der: Buffer;
  readonly pem: string;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** @param days how long it is valid from an hour ago */
export async function issue(name: string, issuer?: Issued, isCa = true, days = 1): Promise<Issued> {
  const keys = (await subtle.generateKey(curve, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const notBefore = new Date(Date.now() - 3_600_000);
  const made = await X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: issuer ? `CN=${nameOf.get(issuer)}` : `CN=${name}`,
    notBefore,
    notAfter: new Date(notBefore.getTime() + days * 86_400_000),
    signingKey: (issuer ?? { keys }).keys.privateKey as never,
    publicKey: keys.publicKey as never,
    signingAlgorithm: curve,
    extensions: [new BasicConstraintsExtension(isCa, undefined, true)],
  });
  const issued = { der: Buffer.from(made.rawData), pem: made.toString('pem'), keys };
  nameOf.set(issued, name);
  return issued;
}

const nameOf = new WeakMap<Issued, string>();

export interface Enclave {
  /** PEM, for the configuration. */
  readonly root: string;
  /** PKCS #8, PEM: what opens the answers. */
  readonly privateKey: string;
  /** A fresh document; what is given replaces what would be in it, undefined takes it away. */
  document(changes?: Readonly<Record<string, Value | undefined>>, how?: DocumentOptions): Promise<Buffer>;
}

interface DocumentOptions {
  readonly header?: Value;
  /** Another leaf under the intermediate, or under nothing. */
  readonly leaf?: Issued;
  readonly signature?: (right: Buffer) => Buffer;
  readonly tagged?: boolean;
}

export const measurements = { 0: Buffer.alloc(48, 0xa0), 1: Buffer.alloc(48, 0xa1), 8: Buffer.alloc(48, 0xa8) };

export async function makeEnclave(): Promise<Enclave> {
  const root = await issue('root');
  const between = await issue('zone', root);
  const leaf = await issue('enclave', between, false);
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    root: root.pem,
    privateKey: own.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    async document(changes = {}, { header = new Map([[1, -35]]), leaf: other, signature, tagged } = {}) {
      const signer = other ?? leaf;
      const members: Record<string, Value | undefined> = {
        module_id: 'i-0123456789abcdef0-enc0123456789abcdef',
        digest: 'SHA384',
        timestamp: Date.now(),
        pcrs: new Map(Object.entries(measurements).map(([index, digest]) => [Number(index), digest])),
        certificate: signer.der,
        cabundle: [root.der, between.der],
        public_key: own.publicKey.export({ format: 'der', type: 'spki' }),
        user_data: null,
        nonce: null,
        ...changes,
      };
      const payload = cbor(new Map(Object.entries(members).filter(([, one]) => one !== undefined)) as Value);
      const protectedHeader = cbor(header);
      const signed = cbor(['Signature1', protectedHeader, Buffer.alloc(0), payload]);
      const pkcs8 = Buffer.from(await subtle.exportKey('pkcs8', signer.keys.privateKey));
      const right = sign('sha384', signed, {
        key: pkcs8,
        format: 'der',
        type: 'pkcs8',
        dsaEncoding: 'ieee-p1363',
      } as never);
      const document = cbor([protectedHeader, new Map(), payload, signature ? signature(right) : right]);
      return tagged ? Buffer.concat([Buffer.from([0xd2]), document]) : document;
    },
  };
}
