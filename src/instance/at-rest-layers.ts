/** What lies on the disk and what seals it: looked up in the files themselves, for `bailey status --encryption`. */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { keyArn } from '../services/kms/arns.ts';
import { keyPartition, keys } from '../services/kms/state.ts';
import { BLOB_FOLDER, DATABASE_FILE } from '../store/sqlite.ts';
import type { Store } from '../store/store.ts';
import type { VaultStatus } from '../vault/client.ts';

export interface Layer {
  /** `table iam.user`, `stream cloudtrail`, `objects`, `key material`, … */
  readonly layer: string;
  readonly count: number;
  /** Whether each of the first hundred bears a seal of this store. */
  readonly isSealed: boolean;
  readonly key: string;
}

export interface LayersParts {
  readonly dataDir: string;
  readonly rootKeyFile: string;
  readonly store: Pick<Store, 'list'>;
  readonly vault: { status(): Promise<VaultStatus> };
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
}

const algorithm = 'AES-256-GCM';
const looks = 100;
const fileMagic = Buffer.from('BAILEYB1');

export async function encryptionLayers(parts: LayersParts): Promise<readonly Layer[]> {
  return [...sealedByRootKey(parts), ...(await keyMaterial(parts))];
}

/** Seals begin with the era whose key made them: nothing else in these columns does. */
function sealedByRootKey({ dataDir, rootKeyFile }: LayersParts): Layer[] {
  const database = new DatabaseSync(join(dataDir, DATABASE_FILE), { readOnly: true, timeout: 5000 });
  const key = `${algorithm} under ${rootKeyFile}`;
  try {
    const eras = new Set(
      database
        .prepare('SELECT era FROM era')
        .all()
        .map((row) => row.era as number),
    );
    const isSealed = (bodies: readonly Record<string, unknown>[]) =>
      bodies.every(({ body }) => eras.has(Buffer.from(body as Uint8Array).readUInt32BE(0)));
    const groups = (query: string) => database.prepare(query).all() as { name: string; count: number }[];
    const tables = groups('SELECT tbl AS name, count(*) AS count FROM row GROUP BY tbl').map(({ name, count }) => ({
      layer: `table ${name}`,
      count,
      isSealed: isSealed(database.prepare(`SELECT body FROM row WHERE tbl = ? LIMIT ${looks}`).all(name)),
      key,
    }));
    const streams = groups('SELECT stream AS name, sum(count) AS count FROM segment GROUP BY stream').map(
      ({ name, count }) => ({
        layer: `stream ${name}`,
        count,
        isSealed: isSealed(database.prepare(`SELECT body FROM segment WHERE stream = ? LIMIT ${looks}`).all(name)),
        key,
      }),
    );
    const [small] = groups("SELECT '' AS name, count(*) AS count FROM blob WHERE body IS NOT NULL");
    const bodies = database.prepare(`SELECT body FROM blob WHERE body IS NOT NULL LIMIT ${looks}`).all();
    return [
      ...tables,
      ...streams,
      { layer: 'objects in the database', count: small?.count ?? 0, isSealed: isSealed(bodies), key },
      largeObjects(join(dataDir, BLOB_FOLDER), key),
    ];
  } finally {
    database.close();
  }
}

function largeObjects(folder: string, key: string): Layer {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const isSealed = files.slice(0, looks).every((file) => {
    const head = Buffer.alloc(fileMagic.length);
    const opened = openSync(join(file.parentPath, file.name), 'r');
    try {
      readSync(opened, head, 0, head.length, 0);
    } finally {
      closeSync(opened);
    }
    return head.equals(fileMagic);
  });
  return { layer: 'objects in files', count: files.length, isSealed, key };
}

/** Each KMS key by its ARN: what it protects is sealed under its data keys before the root key's seal. */
async function keyMaterial({ store, vault, accounts, regions }: LayersParts): Promise<Layer[]> {
  const layers: Layer[] = [];
  for (const account of accounts) {
    for (const region of regions) {
      for (const { value: key } of await store.list(keys, keyPartition(account, region), { limit: looks })) {
        layers.push({
          layer: `KMS key ${keyArn(key)} (${key.state})`,
          count: key.materials.length,
          isSealed: key.materials.every(({ sealed }) => sealed === undefined || sealed.length > 0),
          key: 'a wrap key of its own in the keyring of the vault',
        });
      }
    }
  }
  if (layers.length === 0) return layers;
  const { isSealed, domainKey, provider, keys: wrapKeys = 0 } = await vault.status();
  const state = isSealed
    ? 'the vault is sealed'
    : `domain key ${domainKey} of the vault, under its root key (${provider})`;
  return [
    ...layers,
    { layer: 'keyring of the vault', count: wrapKeys, isSealed: true, key: `${algorithm} by ${state}` },
  ];
}
