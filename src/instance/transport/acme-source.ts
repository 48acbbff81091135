/** The certificate of a public authority: ordered when there is none, kept sealed by the vault, renewed in time. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type AcmeCertificate, makeAccountKey, orderCertificate } from '../../certificates/acme.ts';
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
  readonly accountKey: string;
  readonly certificate?: AcmeCertificate;
}

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
  let content: Content | undefined;
  return {
    async next() {
      content ??= await load(vault, file);
      const kept = content?.certificate;
      if (kept && now() < renewalTime(validityOf(kept.chain))) return kept;
      // Before the order: an account that is forgotten counts against the next.
      const accountKey = content?.accountKey ?? (await makeAccountKey());
      content = { accountKey, ...(kept && { certificate: kept }) };
      await save(vault, file, content);
      const certificate = await orderCertificate({
        directory: config.directory,
        email: config.email,
        names: config.names,
        accountKey,
        host: options.host,
        httpPort: config.httpPort ?? 80,
        ...(config.ca !== undefined && { ca: config.ca }),
      });
      content = { accountKey, certificate };
      await save(vault, file, content);
      return certificate;
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
