/** This instance's own certificate authority: both its keys live in the vault, and `ca/` in the data folder holds the rest. */
import { randomBytes, verify, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  day,
  type Issuer,
  makeIntermediate,
  makeRoot,
  renewalTime,
  validFor,
  validityOf,
} from '../../certificates/authority.ts';
import { VaultError } from '../../services/kms/ports.ts';
import { writeDurably } from '../../store/durable-file.ts';
import { type KeptKey, type KeyMaker, makeKey, type Place, signerOf } from './vault-signer.ts';

const rootDays = 3650;
const intermediateDays = 365;

/** Of one authority. */
interface Kept extends KeptKey {
  /** PEM. */
  readonly certificate: string;
}

interface Authorities {
  readonly root: Kept;
  readonly intermediate: Kept;
}

export interface OwnAuthority {
  /** PEM: what clients must trust. */
  readonly root: string;
  /** The one that signs leaves now; a new one is made when two thirds of its year are over. */
  intermediate(): Promise<Issuer>;
}

/** @param folder `ca/` in the data folder; undefined: an authority that is gone with the instance */
export async function openAuthority(
  vault: KeyMaker,
  folder: string | undefined,
  now: () => number,
): Promise<OwnAuthority> {
  const file = folder && join(folder, 'authority.json');
  let kept: Authorities =
    file !== undefined && existsSync(file)
      ? await proven(vault, JSON.parse(readFileSync(file, 'utf8')) as Authorities, file)
      : await makeAuthorities(vault, now());
  const save = (): void => {
    if (folder === undefined || file === undefined) return;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeDurably(file, Buffer.from(JSON.stringify(kept)));
    writeFileSync(join(folder, 'root.pem'), kept.root.certificate, { mode: 0o644 });
  };
  save();
  return {
    root: kept.root.certificate,
    async intermediate() {
      const validity = validityOf(kept.intermediate.certificate);
      if (now() >= renewalTime(validity)) {
        kept = { root: kept.root, intermediate: await makeNext(vault, kept.root, now()) };
        save();
      }
      return {
        signer: signerOf(vault, kept.intermediate, 'ECC_NIST_P256'),
        certificate: kept.intermediate.certificate,
      };
    },
  };
}

/** Whoever may write the file could name a root of his own for all to trust: only the one whose key the vault has is shown. */
async function proven(vault: KeyMaker, kept: Authorities, file: string): Promise<Authorities> {
  try {
    const root = new X509Certificate(kept.root.certificate);
    const intermediate = new X509Certificate(kept.intermediate.certificate);
    const question = randomBytes(32);
    const answer = await signerOf(vault, kept.root, 'ECC_NIST_P384').sign(question);
    if (verify('sha384', question, root.publicKey, answer) && intermediate.verify(root.publicKey)) return kept;
  } catch (error) {
    if (error instanceof VaultError && ['sealed', 'unavailable'].includes(error.code)) throw error;
  }
  throw new Error(
    `${file} was changed: put back the one that this instance wrote, or remove it to begin with a new root`,
  );
}

/** The same authority for all who ask, opened (and made) by the first; after a failure the next tries again. */
export function authorityWhenNeeded(...where: Parameters<typeof openAuthority>): () => Promise<OwnAuthority> {
  let opened: Promise<OwnAuthority> | undefined;
  return () => {
    opened ??= openAuthority(...where).catch((error) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
}

async function makeAuthorities(vault: KeyMaker, now: number): Promise<Authorities> {
  const place: Place = { keyId: 'bailey-root-ca', spec: 'ECC_NIST_P384' };
  const made = await makeKey(vault, place);
  const certificate = await makeRoot(
    signerOf(vault, made, place.spec),
    `Bailey root ${new Date(now).toISOString().slice(0, 10)}`,
    validFor(now, rootDays),
  );
  const root = { ...made, certificate };
  return { root, intermediate: await makeNext(vault, root, now) };
}

async function makeNext(vault: KeyMaker, root: Kept, now: number): Promise<Kept> {
  const made = await makeKey(vault, {
    keyId: `bailey-intermediate-ca-${Math.floor(now / day)}`,
    spec: 'ECC_NIST_P256',
  });
  const issuer = { signer: signerOf(vault, root, 'ECC_NIST_P384'), certificate: root.certificate };
  const publicKey = Buffer.from(made.publicKey, 'base64');
  const certificate = await makeIntermediate(issuer, publicKey, 'Bailey issuing', validFor(now, intermediateDays));
  return { ...made, certificate };
}
