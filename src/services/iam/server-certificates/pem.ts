/** Checks a certificate, its private key and its chain, as they are uploaded. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { AwsError } from '../../service.ts';

const malformed = (message: string): AwsError => new AwsError('MalformedCertificate', message, { status: 400 });

/**
 * @returns when the certificate ends, epoch milliseconds
 * @throws AwsError MalformedCertificate, KeyPairMismatch
 */
export function checkCertificate(
  { body, privateKey, chain }: { readonly body: string; readonly privateKey: string; readonly chain?: string },
  now: number,
): number {
  const [certificate, ...more] = certificates(body);
  if (!certificate || more.length > 0) {
    throw malformed('Unable to parse certificate. Please ensure the certificate is in PEM format.');
  }
  const key = readKey(privateKey);
  if (!certificate.checkPrivateKey(key)) {
    throw new AwsError('KeyPairMismatch', 'The private key does not match the public key of the certificate.', {
      status: 400,
    });
  }
  const end = Date.parse(certificate.validTo);
  if (end <= now) {
    throw malformed("Certificate is no longer valid. The 'Not After' date restriction on the certificate has passed.");
  }
  if (chain !== undefined) checkChain(certificate, certificates(chain));
  return end;
}

function readKey(pem: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) throw malformed('The private key must not be encrypted.');
  try {
    return createPrivateKey(pem);
  } catch {
    // What the parser says could hold a part of the key.
    throw malformed('Invalid Private Key. Please ensure the private key is in PEM format.');
  }
}

/** Far above what chains have: each certificate is a signature to verify. */
const longestChain = 10;

/** Each signs the one before it. */
function checkChain(leaf: X509Certificate, chain: readonly X509Certificate[]): void {
  if (chain.length === 0) throw invalidChain(0);
  if (chain.length > longestChain) throw invalidChain(longestChain);
  let subject = leaf;
  for (const [place, issuer] of chain.entries()) {
    if (!issuer.ca || !subject.checkIssued(issuer) || !subject.verify(issuer.publicKey)) throw invalidChain(place);
    subject = issuer;
  }
}

const invalidChain = (place: number): AwsError =>
  malformed(
    'Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, ' +
      `followed by any intermediaries in order. The index within the chain of the invalid certificate is: ${place}`,
  );

const block = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

function certificates(text: string): X509Certificate[] {
  const blocks = text.match(block) ?? [];
  if (text.replace(block, '').trim() !== '') {
    throw malformed('Unable to parse certificate. Please ensure the certificate is in PEM format.');
  }
  return blocks.map((pem) => {
    try {
      return new X509Certificate(pem);
    } catch {
      throw malformed('Unable to parse certificate. Please ensure the certificate is in PEM format.');
    }
  });
}
