/** The certificate of a public authority: ordered when there is none, kept sealed by the vault, renewed in time. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type AcmeCertificate, makeKey, orderCertificate } from '../../certificates/acme.ts';
import { renewalTime, validityOf } from '../../certificates/authority.ts';
import type { AcmeConfig } from '../../config/transport.ts';
import { writeDurably } from '../../store/durable-file.ts';
import type { VaultClient } from '../../vault/client.ts';
import type { IdentitySource } from './server-identity.ts';

/** Whom the sealing key belongs to in the vault: no account has this id. */
const owner = { account: '000000000000', keyId: 'bailey-acme', spec: 'SYMMETRIC_DEFAULT' } as const;
const algorithm = 'SYMMETRIC_DEFAULT';

interface Sealed {
  readonly materialId: string;
  /** Base64: the sealing key, as the vault sealed it. */
  readonly key: string;
  /** Base64: what it seals. */
  readonly content: string;
}

/** What a restart must find: authorities count how often they are asked. */
interface Content {
  /** Of the authority that knows the account and made the certificate. */
  readonly directory: string;
  readonly accountKey: string;
  readonly names?: readonly string[];
  readonly certificate?: AcmeCertificate;
}

/** After an order that failed, while there is a certificate that still holds. */
const retryAfterMs = 3_600_000;

type Sealer = Pick<VaultClient, 'create' | 'encrypt' | 'decrypt'>;

export interface AcmeSourceOptions {
  readonly config: AcmeConfig;
  readonly vault: Sealer;
  /** Where it is kept; undefined: nowhere. */
  readonly file: string | undefined;
  /** Address on which the authority's question arrives. */
  readonly host: string;
  readonly now: () => number;
}

export function acmeSource(options: AcmeSourceOptions): IdentitySource {
  const { config, vault, file, now } = options;
  const { directory, names } = config;
  let content: Content | undefined;
  let triedAt: number | undefined;

  async function order(): Promise<AcmeCertificate> {
    triedAt = now();
    const certificate = await orderCertificate({
      directory,
      email: config.email,
      names,
      accountKey: content?.accountKey as string,
      host: options.host,
      httpPort: config.httpPort ?? 80,
      ...(config.ca !== undefined && { ca: config.ca }),
    });
    triedAt = undefined;
    return certificate;
  }

  return {
    async next() {
      content ??= await load(vault, file);
      if (content?.directory !== directory) content = undefined;
      const isMeant = JSON.stringify(content?.names) === JSON.stringify(names);
      const kept = isMeant ? content?.certificate : undefined;
      const validity = kept && validityOf(kept.chain);
      if (kept && validity && now() < renewalTime(validity)) return kept;
      // What still holds is shown while the authority is not there, and the authority is not pressed.
      const holds = validity !== undefined && now() < validity.to;
      if (kept && holds && triedAt !== undefined && now() < triedAt + retryAfterMs) return kept;
      if (content === undefined) {
        // Before the order: an account that is forgotten counts against the next.
        content = { directory, accountKey: makeKey() };
        await save(vault, file, content);
      }
      try {
        const certificate = await order();
        content = { ...content, names, certificate };
        await save(vault, file, content);
        return certificate;
      } catch (error) {
        if (!kept || !holds) throw error;
        console.error('bailey: the TLS certificate could not be renewed:', (error as Error).message);
        return kept;
      }
    },
  };
}

async function load(vault: Sealer, file: string | undefined): Promise<Content | undefined> {
  if (file === undefined || !existsSync(file)) return undefined;
  const { materialId, key, content } = JSON.parse(readFileSync(file, 'utf8')) as Sealed;
  const how = { key: { ...owner, materialId, sealed: Buffer.from(key, 'base64') }, algorithm };
  const { plaintext } = await vault.decrypt(how, Buffer.from(content, 'base64'));
  return plaintext && (JSON.parse(Buffer.from(plaintext).toString()) as Content);
}

async function save(vault: Sealer, file: string | undefined, content: Content): Promise<void> {
  if (file === undefined) return;
  const { materialId, sealed } = await vault.create(owner);
  const how = { key: { ...owner, materialId, sealed }, algorithm };
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const blob = await vault.encrypt(how, Buffer.from(JSON.stringify(content)));
  const kept: Sealed = { materialId, key: base64(sealed), content: base64(blob) };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeDurably(file, Buffer.from(JSON.stringify(kept)));
}
