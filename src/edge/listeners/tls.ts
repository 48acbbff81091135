/** TLS of a listener: certificates by name, versions and ciphers by policy, certificates of clients. */
import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext, type TLSSocket, type TlsOptions } from 'node:tls';
import type { CertificateSettings, ListenerSettings, TlsPolicySettings, TrustStoreSettings } from '../snapshot.ts';

interface Named {
  readonly arn: string;
  readonly names: readonly string[];
  readonly context: SecureContext;
}

export interface TlsParts {
  readonly listener: Pick<ListenerSettings, 'certificates' | 'tlsPolicy' | 'mutualAuthentication'>;
  readonly certificates: ReadonlyMap<string, CertificateSettings>;
  readonly trustStores: ReadonlyMap<string, TrustStoreSettings>;
  /** By ARN: the only names for which a certificate is shown, where it does not say so by itself. */
  readonly shownFor?: ReadonlyMap<string, readonly string[]>;
}

/** What a handshake came to. */
export interface NegotiatedTls {
  /** In OpenSSL's spelling, as AWS has it: `ECDHE-RSA-AES128-GCM-SHA256` */
  readonly cipher: string;
  /** `TLSv1.2` */
  readonly version: string;
  /** The name that the client asked for. */
  readonly domain: string;
  /** ARN of the certificate that it was shown. */
  readonly certificate: string;
}

/** What new handshakes of a listener have; made anew with each snapshot that changes it. */
export class TlsSettings {
  readonly #named: readonly Named[];
  readonly options: TlsOptions;
  readonly #ignoresExpiry: boolean;
  readonly #verifies: boolean;

  /** Throws an Error for certificates and keys that are none or do not fit. */
  constructor({ listener, certificates, trustStores, shownFor }: TlsParts) {
    const policy = versionsOf(listener.tlsPolicy ?? modernPolicy);
    const client = listener.mutualAuthentication;
    const mode = client?.mode ?? 'off';
    const trustStoreArn = client?.trustStoreArn;
    const store = trustStoreArn === undefined ? undefined : trustStores.get(trustStoreArn);
    this.#verifies = mode === 'verify';
    if (this.#verifies && !store) throw new Error(`the trust store ${trustStoreArn} is not known`);
    this.#ignoresExpiry = client?.ignoreClientCertificateExpiry === true;
    const trust = this.#verifies && store ? { ca: certificatesOf(store.caBundle), ...revocations(store) } : {};
    this.#named = listener.certificates.map((arn) => {
      const certificate = certificates.get(arn);
      if (!certificate) throw new Error(`the certificate ${arn} is not known`);
      const context = createSecureContext({
        cert: certificate.chain,
        key: certificate.privateKey,
        ...policy,
        ...trust,
      });
      return { arn, names: shownFor ? (shownFor.get(arn) ?? []) : namesOf(certificate.chain), context };
    });
    const [first] = listener.certificates;
    const fallback = first === undefined ? undefined : certificates.get(first);
    if (!fallback) throw new Error('a listener of TLS needs a certificate');
    this.options = {
      cert: fallback.chain,
      key: fallback.privateKey,
      ...policy,
      ...trust,
      requestCert: mode !== 'off',
      // Whoever is passed through is judged by the target; expiry that is to be ignored is looked at afterwards.
      rejectUnauthorized: this.#verifies && !this.#ignoresExpiry,
    };
  }

  /** The first certificate that is for this name; the default one where none is. */
  contextFor(name: string): SecureContext | undefined {
    return this.#namedFor(name)?.context;
  }

  #namedFor(name: string): Named | undefined {
    const wanted = name.toLowerCase();
    const exact = this.#named.find(({ names }) => names.includes(wanted));
    if (exact) return exact;
    const wild = `*${wanted.slice(wanted.indexOf('.'))}`;
    return this.#named.find(({ names }) => names.includes(wild)) ?? this.#named[0];
  }

  /** @param socket whose handshake is just over */
  negotiatedBy(socket: TLSSocket): NegotiatedTls {
    const domain = typeof socket.servername === 'string' ? socket.servername : '';
    return {
      cipher: socket.getCipher()?.name ?? '',
      version: socket.getProtocol() ?? '',
      domain,
      certificate: this.#namedFor(domain)?.arn ?? '',
    };
  }

  /** After the handshake: whether this client may go on. */
  admits(socket: TLSSocket): boolean {
    if (!this.#verifies || socket.authorized) return true;
    const reason = String(
      (socket.authorizationError as unknown as { code?: string })?.code ?? socket.authorizationError,
    );
    return this.#ignoresExpiry && reason === 'CERT_HAS_EXPIRED';
  }
}

/** What all clients of today speak: for listeners that name no policy of their own. */
const modernPolicy: TlsPolicySettings = {
  protocols: ['TLSv1.3', 'TLSv1.2'],
  ciphers: [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
  ],
};

/** Versions before 1.2 are not spoken, whatever a policy allows. */
function versionsOf({ protocols, ciphers }: TlsPolicySettings) {
  const hasThree = protocols.includes('TLSv1.3');
  return {
    minVersion: protocols.some((one) => one !== 'TLSv1.3') ? 'TLSv1.2' : 'TLSv1.3',
    maxVersion: hasThree ? 'TLSv1.3' : 'TLSv1.2',
    ciphers: ciphers.join(':'),
    honorCipherOrder: true,
  } as const;
}

/** DNS names of the leaf, lower case. */
function namesOf(chain: string): string[] {
  const leaf = new X509Certificate(chain);
  const alternatives = (leaf.subjectAltName ?? '').split(', ').filter((one) => one.startsWith('DNS:'));
  if (alternatives.length > 0) return alternatives.map((one) => one.slice(4).toLowerCase());
  const common = /^CN=(.+)$/m.exec(leaf.subject)?.[1];
  return common === undefined ? [] : [common.toLowerCase()];
}

export function certificatesOf(bundle: string): string[] {
  return bundle.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
}

function revocations({ revocations: lists }: TrustStoreSettings): { crl?: string[] } {
  return lists.length === 0 ? {} : { crl: [...lists] };
}
