/** A root key that lies in a file, sealed by something that is not on this disk: a passphrase, shares, a token, another KMS. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { syncFolderOf, writeDurably } from '../../store/durable-file.ts';
import type { Parameters, RootSeal, SealProvider } from './provider.ts';

const KEY_BYTES = 32;
const longestFile = 64 * 1024;

interface Content {
  readonly kind: string;
  readonly parameters: Parameters;
  readonly sealed: Buffer;
}

export function sealedRoot(path: string, seal: RootSeal): SealProvider {
  const next = `${path}.next`;
  const parameters = () => (existsSync(path) ? read(path, seal.kind).parameters : undefined);
  const write = async (to: string, root: Buffer): Promise<void> => {
    const made = await seal.close(root, parameters());
    const text = { format: 1, kind: seal.kind, parameters: made.parameters, sealed: made.sealed.toString('base64') };
    writeDurably(to, Buffer.from(`${JSON.stringify(text, undefined, 1)}\n`));
  };
  return {
    kind: seal.kind,
    get isInitialized() {
      return existsSync(path);
    },
    get wants() {
      return seal.wants;
    },
    get progress() {
      return seal.progress;
    },
    async unseal(hasData) {
      if (!existsSync(path)) {
        if (hasData) throw new Error(`${path} is missing: put it back, the vault cannot be opened without it`);
        const fresh = randomBytes(KEY_BYTES);
        await write(path, fresh);
        return [fresh];
      }
      const roots: Buffer[] = [];
      for (const place of [path, next].filter((one) => existsSync(one))) {
        const content = read(place, seal.kind);
        roots.push(await seal.open(content.sealed, content.parameters));
      }
      return roots;
    },
    async prepare() {
      const fresh = randomBytes(KEY_BYTES);
      await write(next, fresh);
      return fresh;
    },
    async adopt() {
      renameSync(next, path);
      syncFolderOf(path);
    },
    async drop() {
      rmSync(next, { force: true });
      syncFolderOf(path);
    },
    ...(seal.give && { give: (secret) => seal.give?.(secret, parameters()) ?? Promise.resolve() }),
    ...(seal.initialize && {
      async initialize(shares, threshold) {
        if (existsSync(path))
          throw new Error('This vault has its shares already: they are shown once and never again.');
        return (await seal.initialize?.(shares, threshold)) ?? [];
      },
    }),
    wipe: () => seal.wipe(),
  };
}

/** Throws an Error that says what to do. */
function read(path: string, kind: string): Content {
  const broken = new Error(`${path} does not hold a sealed root key: put the right file in its place`);
  if (statSync(path).size > longestFile) throw broken;
  let content: Record<string, unknown>;
  try {
    content = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch {
    throw broken;
  }
  const { format, kind: own, parameters, sealed } = content ?? {};
  const isWhole = format === 1 && typeof own === 'string' && typeof sealed === 'string';
  if (!isWhole || typeof parameters !== 'object' || parameters === null) throw broken;
  for (const value of Object.values(parameters)) {
    if (typeof value !== 'string' && typeof value !== 'number') throw broken;
  }
  if (own !== kind)
    throw new Error(`${path} is sealed by ${own}, but the configuration says ${kind}: say vault.seal: ${own}`);
  return { kind: own, parameters: parameters as Parameters, sealed: Buffer.from(sealed, 'base64') };
}
