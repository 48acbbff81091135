/** How the TLS listener is set up: which certificate it shows, which versions it speaks, which clients it takes. */

import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { TransportConfig } from '../../config/transport.ts';
import type { TlsSettings } from '../../gateway/server.ts';
import type { VaultClient } from '../../vault/client.ts';
import { issueLeaf, type Leaf } from './leaf.ts';
import type { OwnAuthority } from './own-authority.ts';
import { type IdentitySource, identityFiles, ServerIdentity } from './server-identity.ts';

const defaultLeafHours = 7 * 24;
/** How often it is looked whether a certificate must be renewed. */
const lookEveryMs = 60_000;

export interface SecureListener {
  /** PEM: the root of the own authority. */
  readonly root: string;
  /** Whether the listener's own certificate comes from it too. */
  readonly isOwn: boolean;
  readonly settings: TlsSettings;
  /** Gives the listener each new certificate, until `stop`. */
  follow(setSecureContext: (settings: TlsSettings) => void): void;
  /** A certificate for a client. @param hours how long it holds */
  issueClient(name: string, hours: number): Promise<Leaf>;
  stop(): void;
}

export interface SecureListenerOptions {
  readonly config: TransportConfig;
  readonly vault: VaultClient;
  /** `ca/` in the data folder. */
  readonly folder: string | undefined;
  readonly authority: () => Promise<OwnAuthority>;
  /** Names under which clients come. */
  readonly names: readonly string[];
  readonly now: () => number;
  /** Where the API listens, and the questions of public authorities arrive. */
  readonly host: string;
}

export async function openSecureListener(options: SecureListenerOptions): Promise<SecureListener> {
  const { config, now } = options;
  const authority = await options.authority();
  const configured = await configuredSource(options);
  const source = configured ?? ownSource(authority, options);
  const identity = await ServerIdentity.open(source, now, (error) =>
    console.error('bailey: the TLS certificate could not be renewed:', (error as Error).message),
  );
  const settings = (): TlsSettings => ({
    key: identity.current.key,
    cert: identity.current.chain,
    ...clientRules(config, authority),
  });
  let timer: NodeJS.Timeout | undefined;
  return {
    root: authority.root,
    isOwn: configured === undefined,
    settings: settings(),
    follow(setSecureContext) {
      identity.onChange(() => setSecureContext(settings()));
      timer = setInterval(() => void identity.renewIfDue(), lookEveryMs);
      timer.unref();
    },
    issueClient: (name, hours) => issueLeaf(authority, 'client', [name], hours / 24, now()),
    stop: () => clearInterval(timer),
  };
}

async function configuredSource(options: SecureListenerOptions): Promise<IdentitySource | undefined> {
  const { config, vault, folder, host, now } = options;
  const { certificate, privateKey, acme } = config;
  if ((certificate === undefined) !== (privateKey === undefined)) {
    throw new Error('tls.certificate and tls.privateKey belong together: name both, or none.');
  }
  if (acme && certificate !== undefined) throw new Error('tls.acme and tls.certificate exclude each other.');
  if (certificate !== undefined && privateKey !== undefined) return identityFiles(certificate, privateKey);
  if (!acme) return undefined;
  // Loaded where it is needed: with its HTTP client it takes longer than all the rest.
  const { acmeSource } = await import('./acme-source.ts');
  return acmeSource({ config: acme, vault, file: folder && join(folder, 'acme.json'), host, now });
}

function ownSource(authority: OwnAuthority, { config, names, now }: SecureListenerOptions): IdentitySource {
  const days = (config.leafHours ?? defaultLeafHours) / 24;
  return { next: () => issueLeaf(authority, 'server', names, days, now()) };
}

/** Certificates of clients are taken from the own authority alone. */
function clientRules({ clientCertificates = 'off' }: TransportConfig, authority: OwnAuthority): Partial<TlsSettings> {
  if (clientCertificates === 'off') return {};
  return { ca: authority.root, requestCert: true, rejectUnauthorized: clientCertificates === 'required' };
}

/** What a certificate must name so that clients on this machine, and on those that reach it, accept it. */
export function listenerNames(host: string, hosts: readonly string[]): string[] {
  const names = new Set(['localhost', '127.0.0.1', '::1']);
  for (const name of hosts) names.add(name).add(`*.${name}`);
  if (host === '0.0.0.0' || host === '::') {
    for (const one of Object.values(networkInterfaces()).flat())
      if (one && !one.address.includes('%')) names.add(one.address);
  } else names.add(host);
  return [...names].filter((name) => isIP(name) !== 0 || name.length <= 253);
}
