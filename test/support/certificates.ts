/** Certificates for tests: authorities, intermediates and leaves made on the spot, with their keys, and revocation lists. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

export interface Made {
  readonly keys: webcrypto.CryptoKeyPair;
  readonly certificate: x509.X509Certificate;
  /** PEM. */
  readonly pem: string;
  /** PEM, PKCS #8. */
  readonly privateKey: string;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const rsa = {
  name: 'RSASSA-PKCS1-v1_5',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: 'SHA-256',
};

interface Wanted {
  readonly name: string;
  /** Absent: signs itself. */
  readonly issuer?: Made;
  readonly isAuthority?: boolean;
  readonly names?: readonly string[];
  readonly from?: Date;
  readonly to?: Date;
  readonly rsa?: boolean;
  /** Of the kind that is wanted; new ones otherwise. */
  readonly keys?: webcrypto.CryptoKeyPair;
}

let serial = 1;

export async function makeCertificate(wanted: Wanted): Promise<Made> {
  const { name, issuer, isAuthority = false, names = [name] } = wanted;
  const used = wanted.rsa ? rsa : algorithm;
  const keys =
    wanted.keys ?? ((await webcrypto.subtle.generateKey(used, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair);
  serial += 1;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial.toString(16).padStart(8, '0'),
    subject: `CN=${name}`,
    issuer: issuer ? issuer.certificate.subject : `CN=${name}`,
    notBefore: wanted.from ?? new Date(Date.now() - 86_400_000),
    notAfter: wanted.to ?? new Date(Date.now() + 90 * 86_400_000),
    publicKey: keys.publicKey,
    signingKey: issuer ? issuer.keys.privateKey : keys.privateKey,
    signingAlgorithm: issuer ? (issuer.keys.privateKey.algorithm as typeof algorithm) : used,
    extensions: [
      new x509.BasicConstraintsExtension(isAuthority, undefined, true),
      ...(isAuthority
        ? [new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true)]
        : [new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value })))]),
    ],
  } as x509.X509CertificateCreateParams);
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
  const lines = pkcs8.toString('base64').match(/.{1,64}/g) ?? [];
  const privateKey = `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
  return { keys, certificate, pem: certificate.toString('pem'), privateKey };
}

/** PEM. */
export async function makeRevocationList(issuer: Made, serials: readonly string[]): Promise<string> {
  const list = await x509.X509CrlGenerator.create({
    issuer: issuer.certificate.subject,
    thisUpdate: new Date(),
    nextUpdate: new Date(Date.now() + 86_400_000),
    entries: serials.map((serialNumber) => ({ serialNumber, revocationDate: new Date() })),
    signingAlgorithm: algorithm,
    signingKey: issuer.keys.privateKey,
  });
  return list.toString('pem');
}
