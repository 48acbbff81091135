/** Bundles of authorities' certificates, as trust stores take them. */
import { X509Certificate } from 'node:crypto';
import { invalidBundle, tooMany } from './errors.ts';
import { limits } from './limits.ts';

const block = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** @returns how many certificates. @throws AwsError InvalidCaCertificatesBundle */
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
