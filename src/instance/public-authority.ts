/** The public authority of Certificate Manager: asked by ACME as one account, whose key is in the vault and signs there. */
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  beAsked,
  finishOrder,
  lookAtOrder,
  openUnprovenOrder,
  readChain,
  revoke,
} from '../certificates/acme-orders.ts';
import { AcmeSession } from '../certificates/acme-session.ts';
import { signingRequest } from '../certificates/signing-request.ts';
import type { PublicAuthorityConfig } from '../config/certificates.ts';
import type { PublicAuthority, Way } from '../services/acm/ports.ts';
import { type Store, table } from '../store/store.ts';
import { makeKeyPair } from './acm-ports.ts';
import { ownerOf } from './dns/proofs.ts';
import { type KeptKey, type KeyMaker, makeKey, signerOf } from './transport/vault-signer.ts';

export interface PublicAuthorityParts {
  readonly store: Pick<Store, 'begin' | 'commit'>;
  readonly vault: KeyMaker;
  /** Epoch milliseconds, by the machine's clock: the authority has no other. */
  readonly now: () => number;
  /** Resolves when the edge has been sent what the store holds. */
  readonly placed: () => Promise<void>;
  /** Whether an account takes requests for a name at a port of the edge. */
  readonly takes: (account: string, name: string, port: number) => boolean;
  /** Whether names of hosted zones are answered by this instance. */
  readonly answersNames: () => boolean;
}

/** Partition '', id = digest of the directory's address. */
const accountKeys = table<KeptKey>('acm.authority-key');
const spec = 'ECC_NIST_P256';

/** Nothing is asked, and no key made, before somebody has requested a certificate. */
export function publicAuthorityOf(config: PublicAuthorityConfig, parts: PublicAuthorityParts): PublicAuthority {
  const { directory, email, httpPort = 80 } = config;
  const ca = config.ca === undefined ? undefined : readFileSync(config.ca, 'utf8');
  const { now, placed, takes, answersNames } = parts;
  let opened: Promise<AcmeSession> | undefined;
  const session = (): Promise<AcmeSession> => {
    opened ??= accountKey(parts, directory)
      .then((kept) => new AcmeSession({ directory, email, ca, now, signer: signerOf(parts.vault, kept, spec) }))
      .catch((error) => {
        opened = undefined;
        throw error;
      });
    return opened;
  };
  return {
    signsFor: (name) => isMeant(name, config.names),
    async waysFor(reader, account, domain) {
      const isWild = domain.startsWith('*.');
      const name = domain.replace(/^\*\./, '');
      const owner = await ownerOf(reader, name);
      // Whoever else may have approved: a name in somebody's zone is certified for nobody but them.
      if (owner !== undefined && owner !== account) return [];
      const ways: Way[] = [];
      if (owner === account && answersNames()) ways.push('dns-01');
      if (!isWild && takes(account, name, httpPort)) ways.push('http-01');
      return ways;
    },
    open: async (names) => openUnprovenOrder(await session(), names),
    placed,
    beAsked: async (url) => beAsked(await session(), { url }),
    look: async (url) => lookAtOrder(await session(), url, now()),
    makeKey: async (keyAlgorithm) => (await makeKeyPair(keyAlgorithm)).pem,
    async finish(url, privateKey, names) {
      await finishOrder(await session(), url, await signingRequest(privateKey, names));
    },
    read: async (url) => readChain(await session(), url),
    async revoke(certificate, reason) {
      await revoke(await session(), new X509Certificate(certificate).raw, reasons[reason] ?? 0);
    },
  };
}

/** Reasons that public authorities take from subscribers; any other is no reason given. RFC 5280, 5.3.1. */
const reasons: Readonly<Record<string, number>> = {
  KEY_COMPROMISE: 1,
  SUPERCEDED: 4,
  SUPERSEDED: 4,
  CESSATION_OF_OPERATION: 5,
};

/** Names that no public DNS knows: RFC 6761, 6762, 7686, 8375, 9476, and `internal`. */
const neverPublic = /(?:^|\.)(?:localhost|local|internal|test|invalid|example|onion|alt|arpa|lan|home|corp)$/;

/** @param names undefined: all that can be public */
export function isMeant(name: string, names: readonly string[] | undefined): boolean {
  if (names === undefined) return name.includes('.') && !neverPublic.test(name);
  return names.some((one) => {
    const wanted = one.toLowerCase();
    return wanted.startsWith('*.') ? name.endsWith(wanted.slice(1)) : name === wanted;
  });
}

async function accountKey({ store, vault }: PublicAuthorityParts, directory: string): Promise<KeptKey> {
  const id = createHash('sha256').update(directory).digest('hex').slice(0, 32);
  const change = store.begin();
  const known = await change.get(accountKeys, '', id);
  if (known) return known;
  const made = await makeKey(vault, { keyId: `bailey-acme-${id}`, spec });
  change.put(accountKeys, '', id, made);
  // Before it is used: an account that is forgotten counts against the next.
  await store.commit(change);
  return made;
}
