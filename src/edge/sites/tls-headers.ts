/** Headers that tell a target of the client's TLS: version, cipher suite, and the certificate it showed. */
import type { DetailedPeerCertificate } from 'node:tls';
import { tlsHeaderNames } from '../listeners/attributes.ts';
import type { ListenerSettings } from '../snapshot.ts';

/** What a TLS socket knows. */
export interface TlsFacts {
  getProtocol(): string | null;
  /** `name` is OpenSSL's, as AWS has it. */
  getCipher(): { readonly name: string } | undefined;
  getPeerCertificate(detailed: true): DetailedPeerCertificate | Record<string, never>;
}

type Adding = (socket: TlsFacts, headers: string[]) => void;

/** Longest chain that is passed on. */
const longestChain = 4;

export function tlsHeadersFor(listener: ListenerSettings, tellsTls: boolean): Adding | undefined {
  const mode = listener.mutualAuthentication?.mode ?? 'off';
  if (listener.protocol !== 'HTTPS' || (!tellsTls && mode === 'off')) return undefined;
  const names = tlsHeaderNames(listener.attributes);
  return (socket, headers) => {
    if (tellsTls) {
      headers.push(names.version, socket.getProtocol() ?? '', names.cipher, socket.getCipher()?.name ?? '');
    }
    if (mode === 'off') return;
    const certificate = socket.getPeerCertificate(true);
    if (!isCertificate(certificate)) return;
    if (mode === 'passthrough') {
      headers.push(names.chain, encodeURIComponent(chainOf(certificate).map(pem).join('')));
      return;
    }
    const stamp = (text: string): string => new Date(text).toISOString().replace('.000', '');
    headers.push(
      names.serial,
      certificate.serialNumber,
      names.issuer,
      distinguishedName(certificate.issuer),
      names.subject,
      distinguishedName(certificate.subject),
      names.validity,
      `NotBefore=${stamp(certificate.valid_from)};NotAfter=${stamp(certificate.valid_to)}`,
      names.leaf,
      encodeURIComponent(pem(certificate)),
    );
  };
}

function isCertificate(given: object): given is DetailedPeerCertificate {
  return 'raw' in given;
}

function chainOf(leaf: DetailedPeerCertificate): DetailedPeerCertificate[] {
  const chain = [leaf];
  for (let next = leaf.issuerCertificate; next && !chain.includes(next); next = next.issuerCertificate) {
    if (chain.length === longestChain) break;
    chain.push(next);
  }
  return chain;
}

function pem({ raw }: DetailedPeerCertificate): string {
  const lines = raw.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** RFC 2253: the most specific part first. Only printable ASCII may stand in a header. */
function distinguishedName(name: object): string {
  const parts = Object.entries(name as Record<string, string | string[]>).flatMap(([key, value]) =>
    [value].flat().map((one) => `${key}=${one.replace(/[^ !#-*.-:<-[\]-~]/g, escapeByte)}`),
  );
  return parts.reverse().join(',');
}

function escapeByte(char: string): string {
  return [...Buffer.from(char)].map((byte) => `\\${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
