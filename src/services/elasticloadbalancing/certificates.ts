/** Files of trust stores: bundles of authorities' certificates, and revocation lists. */
import { X509Certificate } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as X509 from '@peculiar/x509';
import { invalidBundle, invalidRevocation, tooMany } from './errors.ts';
import { limits } from './limits.ts';

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

/** @returns how many certificates. @throws AwsError InvalidCaCertificatesBundle, TooManyTrustStoreCaCertificates … */
export function readBundle(bytes: Uint8Array): number {
  const text = Buffer.from(bytes).toString('latin1');
  const blocks = text.match(block) ?? [];
  // Comments between the certificates are usual; halves of certificates are not.
  if (blocks.length === 0 || text.replace(block, '').includes('-----')) throw notPem();
  const most = limits['ca-certificates-per-trust-store'];
  if (blocks.length > most) throw tooMany('InvalidCaCertificatesBundle', most, 'certificates of a trust store');
  for (const pem of blocks) {
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(pem);
    } catch {
      throw notPem();
    }
    if (!certificate.ca) {
      throw invalidBundle('The bundle holds a certificate that is not of a certificate authority');
    }
  }
  return blocks.length;
}

const notPem = () => invalidBundle('The ca certificate bundle is not a list of certificates in PEM format');

export interface RevocationList {
  readonly entries: number;
  /** With the label `X509 CRL`, whatever form it came in. */
  readonly pem: Uint8Array;
}

/** A certificate revocation list, PEM or DER. @throws AwsError InvalidRevocationContent */
export function readRevocationList(bytes: Uint8Array): RevocationList {
  try {
    const text = Buffer.from(bytes).toString('latin1');
    const { X509Crl } = library();
    const list = new X509Crl(/-----BEGIN (?:X509 )?CRL-----/.test(text) ? text : new Uint8Array(bytes));
    const lines =
      Buffer.from(list.rawData)
        .toString('base64')
        .match(/.{1,64}/g) ?? [];
    const pem = Buffer.from(`-----BEGIN X509 CRL-----\n${lines.join('\n')}\n-----END X509 CRL-----\n`);
    return { entries: list.entries.length, pem };
  } catch {
    throw invalidRevocation('The revocation file is not a certificate revocation list');
  }
}
