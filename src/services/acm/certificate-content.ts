/** Reads certificates, keys and chains: what they say, and whether they belong together. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as X509 from '@peculiar/x509';
import { validation } from './errors.ts';
import type { CertificateContent, KeyAlgorithm } from './state.ts';

const require = createRequire(import.meta.url);
let loaded: typeof X509 | undefined;

/** Loaded when it is first needed: it weighs 20 MB, and most instances never see a certificate. */
function library(): typeof X509 {
  if (!loaded) {
    require('reflect-metadata');
    loaded = require('@peculiar/x509') as typeof X509;
  }
  return loaded;
}

const block = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** @throws AwsError ValidationException */
export function readCertificates(pem: string, what: string): X509Certificate[] {
  const blocks = pem.match(block) ?? [];
  if (blocks.length === 0 || pem.replace(block, '').trim() !== '') throw notPem(what);
  return blocks.map((text) => {
    try {
      return new X509Certificate(text);
    } catch {
      throw notPem(what);
    }
  });
}

const notPem = (what: string) => validation(`The ${what} is not in PEM format, or cannot be parsed.`);

/** @throws AwsError ValidationException; never with anything of the key in it */
export function readPrivateKey(pem: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) throw validation('The private key must not be encrypted.');
  try {
    return createPrivateKey(pem);
  } catch {
    throw validation('The private key is not in PEM format, or cannot be parsed.');
  }
}

const curves: Readonly<Record<string, KeyAlgorithm>> = {
  prime256v1: 'EC_prime256v1',
  secp384r1: 'EC_secp384r1',
  secp521r1: 'EC_secp521r1',
};

/** @throws AwsError ValidationException for kinds and sizes that ACM does not take */
export function keyAlgorithmOf({ publicKey }: X509Certificate): KeyAlgorithm {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  const curve = curves[details?.namedCurve ?? ''];
  if (type === 'ec' && curve) return curve;
  const size = details?.modulusLength ?? 0;
  if (type === 'rsa' && [1024, 2048, 3072, 4096].includes(size)) return `RSA_${size}` as KeyAlgorithm;
  throw validation('The key algorithm of the certificate is not supported.');
}

/** Far above what chains have: each certificate is a signature to verify. */
const longestChain = 10;

/**
 * Each certificate of the chain signs the one before it.
 * @throws AwsError ValidationException
 */
export function checkChain(leaf: X509Certificate, chain: readonly X509Certificate[]): void {
  if (chain.length > longestChain)
    throw validation(`The certificate chain has more than ${longestChain} certificates.`);
  let subject = leaf;
  for (const issuer of chain) {
    if (!issuer.ca || !subject.checkIssued(issuer) || !subject.verify(issuer.publicKey)) {
      throw validation('Could not validate the certificate with the certificate chain.');
    }
    subject = issuer;
  }
}

export const isSelfSigned = (certificate: X509Certificate): boolean =>
  certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);

/** DNS names; the common name where there are none. */
export function namesOf(certificate: X509Certificate): string[] {
  const names = [...(certificate.subjectAltName ?? '').matchAll(/DNS:([^,\s]+)/g)].map(([, name = '']) => name);
  const common = /(?:^|\n)CN=(.+)/.exec(certificate.subject)?.[1];
  return names.length > 0 ? [...new Set(names)] : common === undefined ? [] : [common];
}

const usageNames: readonly (readonly [keyof typeof X509.KeyUsageFlags, string])[] = [
  ['digitalSignature', 'DIGITAL_SIGNATURE'],
  ['nonRepudiation', 'NON_REPUDIATION'],
  ['keyEncipherment', 'KEY_ENCIPHERMENT'],
  ['dataEncipherment', 'DATA_ENCIPHERMENT'],
  ['keyAgreement', 'KEY_AGREEMENT'],
  ['keyCertSign', 'CERTIFICATE_SIGNING'],
  ['cRLSign', 'CRL_SIGNING'],
  ['encipherOnly', 'ENCIPHER_ONLY'],
  ['decipherOnly', 'DECIPHER_ONLY'],
];

export function contentOf(body: string, chain: string | undefined): CertificateContent {
  const certificate = new X509Certificate(body);
  const x509 = library();
  const parsed = new x509.X509Certificate(body);
  const usages = parsed.getExtension(x509.KeyUsagesExtension)?.usages ?? 0;
  const purposes = parsed.getExtension(x509.ExtendedKeyUsageExtension)?.usages ?? [];
  const { name, hash } = parsed.signatureAlgorithm as { name: string; hash?: { name?: string } };
  const digest = (hash?.name ?? '').replace('-', '');
  return {
    body: body.trim(),
    ...(chain !== undefined && { chain: chain.trim() }),
    serial: (certificate.serialNumber.toLowerCase().match(/../g) ?? []).join(':'),
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    notBefore: Date.parse(certificate.validFrom),
    notAfter: Date.parse(certificate.validTo),
    signatureAlgorithm: `${digest}WITH${name === 'ECDSA' ? 'ECDSA' : 'RSA'}`,
    keyUsages: usageNames.filter(([flag]) => (usages & x509.KeyUsageFlags[flag]) !== 0).map(([, usage]) => usage),
    extendedKeyUsages: purposes.map(String),
  };
}

const oneLine = (name: string): string => name.split('\n').join(', ');
