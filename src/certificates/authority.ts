/** Bailey's own certificate authority: a root that signs intermediates, and intermediates that sign short-lived leaves. */
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as X509 from '@peculiar/x509';
import { generalName } from './names.ts';
import { algorithmOf, cryptoOf, keyOf } from './remote-crypto.ts';
import type { Signer } from './signer.ts';

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

export interface Issuer {
  readonly signer: Signer;
  /** PEM. */
  readonly certificate: string;
}

/** From, to: epoch milliseconds. */
export interface Validity {
  readonly from: number;
  readonly to: number;
}

export const day = 86_400_000;
/** Clocks of clients may be a little behind. */
const allowance = 5 * 60_000;

/** @param days how long it holds from now on */
export function validFor(now: number, days: number): Validity {
  return { from: now - allowance, to: now + days * day };
}

/** Certificates are renewed when two thirds of their life are over. */
export function renewalTime({ from, to }: Validity): number {
  return from + ((to - from) * 2) / 3;
}

export function validityOf(pem: string): Validity {
  const x509 = library();
  const { notBefore, notAfter } = new x509.X509Certificate(pem);
  return { from: notBefore.getTime(), to: notAfter.getTime() };
}

/** A self-signed root. Returns PEM. */
export async function makeRoot(signer: Signer, name: string, validity: Validity): Promise<string> {
  const x509 = library();
  const subject = distinguishedName(name);
  return create({ signer, subject, issuer: subject }, signer.publicKey, validity, [
    new x509.BasicConstraintsExtension(true, 1, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
  ]);
}

/** An authority that signs leaves only. Returns PEM. */
export async function makeIntermediate(
  root: Issuer,
  publicKey: Uint8Array,
  name: string,
  validity: Validity,
): Promise<string> {
  const x509 = library();
  return create({ ...by(root), subject: distinguishedName(name) }, publicKey, validity, [
    new x509.BasicConstraintsExtension(true, 0, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    await authorityKey(root),
  ]);
}

export type LeafUse = 'server' | 'client';

/**
 * A certificate for a server or for a client, never for both. Returns PEM.
 * @param names DNS names, IP addresses, SPIFFE ids; the first one is its common name
 */
export async function makeLeaf(
  issuer: Issuer,
  publicKey: Uint8Array,
  use: LeafUse,
  names: readonly string[],
  validity: Validity,
): Promise<string> {
  const x509 = library();
  const purpose = use === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth;
  const end = Math.min(validity.to, validityOf(issuer.certificate).to);
  const limits = { from: validity.from, to: end };
  return create({ ...by(issuer), subject: distinguishedName(names[0] ?? 'bailey') }, publicKey, limits, [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([purpose], false),
    new x509.SubjectAlternativeNameExtension(names.map(generalName), false),
    await authorityKey(issuer),
  ]);
}

interface Signing {
  readonly signer: Signer;
  readonly subject: string;
  readonly issuer: string;
}

const by = ({ signer, certificate }: Issuer) => ({
  signer,
  issuer: new (library().X509Certificate)(certificate).subject,
});

/** Commas, quotes and the like have a meaning in distinguished names. */
const distinguishedName = (name: string): string => `CN=${name.replace(/[\\,+"<>;=#]/g, '\\$&')}, O=Bailey`;

const authorityKey = async ({ certificate, signer }: Issuer) => {
  const { AuthorityKeyIdentifierExtension, X509Certificate } = library();
  return AuthorityKeyIdentifierExtension.create(new X509Certificate(certificate).publicKey, false, cryptoOf(signer));
};

async function create(
  { signer, subject, issuer }: Signing,
  publicKey: Uint8Array,
  { from, to }: Validity,
  extensions: X509.Extension[],
): Promise<string> {
  const x509 = library();
  const crypto = cryptoOf(signer);
  const key = new x509.PublicKey(new Uint8Array(publicKey));
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(),
      subject,
      issuer,
      notBefore: new Date(from),
      notAfter: new Date(to),
      publicKey: key,
      signingKey: keyOf(signer),
      signingAlgorithm: algorithmOf(signer),
      extensions: [...extensions, await x509.SubjectKeyIdentifierExtension.create(key, false, crypto)],
    },
    crypto,
  );
  return `${certificate.toString('pem')}\n`;
}

/** 127 random bits: positive, and never of leading zeros (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] as number) & 0x3f) | 0x40;
  return bytes.toString('hex');
}
