/** Keys that the configuration brings, with the ids that it says: added where they are missing, and never removed. */
import { createHmac, randomBytes } from 'node:crypto';
import { type Change, type Table, table } from '../../store/store.ts';
import { AwsError } from '../service.ts';
import { keyArn } from './arns.ts';
import { defaultPolicy, readKeyPolicy } from './key-policy.ts';
import { keySpecs } from './key-specs.ts';
import { type KeyVault, type KmsPrincipals, type MadeKey, VaultError } from './ports.ts';
import { setRotation } from './rotation.ts';
import { readSeedMaterial, type SeedMaterial } from './seed-material.ts';
import {
  aliases,
  aliasesOfKey,
  type KeyRow,
  keyChildren,
  keyPartition,
  keyPolicies,
  keys,
  type Material,
} from './state.ts';
import { mergeTags } from './tags.ts';

export interface KeySeed {
  readonly account: string;
  readonly region: string;
  readonly id: string;
  readonly description?: string;
  readonly spec?: string;
  readonly usage?: string;
  /** Oldest first, as `readSeedMaterial` reads them; none: made here, or (external keys) to be imported. */
  readonly materials: readonly string[];
  readonly isExternal?: boolean;
  readonly aliases?: readonly string[];
  readonly policy?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly isMultiRegion?: boolean;
  /** Epoch milliseconds; turns yearly rotation on. */
  readonly nextRotationAt?: number;
}

/** The configuration asks for a key that cannot be. */
class KeySeedError extends Error {
  override readonly name = 'KeySeedError';
}

/** By which material a key was seeded: a keyed hash, to notice another one. Partition `account/region`, id = key id. */
const seeded: Table<{ readonly salt: string; readonly mac: string }> = table('kms.seeded-key');

export interface SeedEnvironment {
  readonly vault: Pick<KeyVault, 'adopt' | 'create'>;
  readonly principals: KmsPrincipals;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Applied twice, the same seed leaves one key. @throws KeySeedError, whose message names what cannot be */
export async function seedKey(change: Change, seed: KeySeed, environment: SeedEnvironment): Promise<void> {
  const fail = (why: string): never => {
    throw new KeySeedError(`key ${seed.id} of account ${seed.account}: ${why}`);
  };
  const { account, region, id } = seed;
  const partition = keyPartition(account, region);
  const materials = seed.materials.map(
    (text) => readSeedMaterial(text) ?? fail('its material is neither hex, base64 nor PEM'),
  );
  try {
    const there = await change.get(keys, partition, id);
    if (there) await requireSame(change, there, materials, fail);
    const key = there ? there : await newKey(change, seed, materials, environment, fail);
    const described: KeyRow = {
      ...key,
      ...(seed.description !== undefined && { description: seed.description }),
      tags: mergeTags(
        key.tags,
        Object.entries(seed.tags ?? {}).map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
      ),
    };
    change.put(keys, partition, id, described);
    await putPolicy(change, seed, environment);
    for (const name of seed.aliases ?? []) await putAlias(change, described, name, environment.now, fail);
  } catch (error) {
    if (error instanceof AwsError || error instanceof VaultError) return fail(error.message);
    throw error;
  } finally {
    for (const { bytes } of materials) bytes.fill(0);
  }
}

type Fail = (why: string) => never;

/** What a key is made of does not change under its id. */
async function requireSame(change: Change, key: KeyRow, materials: readonly SeedMaterial[], fail: Fail): Promise<void> {
  if (materials.length === 0) return;
  const known = await change.get(seeded, keyPartition(key.account, key.region), key.id);
  if (known?.mac === macOf(Buffer.from(known?.salt ?? '', 'base64'), materials)) return;
  fail('it exists with other material: give the new material another id, or begin with an empty data folder');
}

function macOf(salt: Uint8Array, materials: readonly SeedMaterial[]): string {
  const hmac = createHmac('sha256', salt);
  for (const { bytes } of materials) hmac.update(`${bytes.length}:`).update(bytes);
  return hmac.digest('base64');
}

async function newKey(
  change: Change,
  seed: KeySeed,
  materials: readonly SeedMaterial[],
  { vault, now }: SeedEnvironment,
  fail: Fail,
): Promise<KeyRow> {
  const { account, region, id } = seed;
  const spec = seed.spec ?? materials[0]?.spec ?? 'SYMMETRIC_DEFAULT';
  const usages = Object.keys(keySpecs[spec] ?? fail(`there is no key spec ${spec}`));
  const usage =
    seed.usage ??
    (usages.length === 1 || spec === 'SYMMETRIC_DEFAULT' ? usages[0]! : fail(`say its usage: ${usages.join(' or ')}`));
  if (!usages.includes(usage)) fail(`a ${spec} key cannot be for ${usage}`);
  if (id.startsWith('mrk-') !== (seed.isMultiRegion ?? false)) {
    fail('ids that begin with mrk- are those of multi-Region keys, and of no others');
  }
  const most = seed.isExternal || spec !== 'SYMMETRIC_DEFAULT' ? 1 : 25;
  if (materials.length > most) fail(`it can have ${most} material at most`);
  const isEmpty = seed.isExternal === true && materials.length === 0;
  const names = { account, keyId: id, spec };
  const made: MadeKey[] = [];
  for (const { bytes } of materials) made.push(await vault.adopt(names, bytes));
  if (made.length === 0 && !isEmpty) made.push(await vault.create(names));
  const rows = made.map(
    ({ materialId, sealed }, index): Material => ({
      id: materialId,
      sealed: Buffer.from(sealed).toString('base64'),
      createdAt: now,
      ...(index > 0 && { rotation: { at: now, type: 'ON_DEMAND' } }),
    }),
  );
  if (new Set(rows.map((row) => row.id)).size < rows.length) fail('it has the same material twice');
  const newest = made.at(-1);
  const key: KeyRow = {
    account,
    region,
    id,
    createdAt: now,
    description: '',
    spec,
    usage,
    origin: seed.isExternal ? 'EXTERNAL' : 'AWS_KMS',
    state: isEmpty ? 'PendingImport' : 'Enabled',
    tags: {},
    materials: rows,
    ...(newest && { current: newest.materialId }),
    ...(newest?.publicKey && { publicKey: Buffer.from(newest.publicKey).toString('base64') }),
    ...(seed.isMultiRegion && { multiRegion: { primaryRegion: region, replicas: [] } }),
  };
  if (materials.length > 0) {
    const salt = randomBytes(32);
    const mac = macOf(salt, materials);
    change.put(seeded, keyPartition(account, region), id, { salt: salt.toString('base64'), mac });
  }
  if (seed.nextRotationAt === undefined) return key;
  if (spec !== 'SYMMETRIC_DEFAULT' || seed.isExternal) fail('keys of this kind are not rotated');
  return setRotation(change, key, 365, seed.nextRotationAt - 365 * 86_400_000);
}

/** What the configuration says of the policy holds; where it says nothing, a policy that is there stays. */
async function putPolicy(change: Change, { account, region, id, policy }: KeySeed, { principals }: SeedEnvironment) {
  const partition = keyPartition(account, region);
  if (policy === undefined && (await change.get(keyPolicies, partition, id))) return;
  change.put(keyPolicies, partition, id, await readKeyPolicy(policy ?? defaultPolicy(account), principals));
}

async function putAlias(change: Change, key: KeyRow, name: string, now: number, fail: Fail): Promise<void> {
  if (!/^alias\/(?!aws\/)[a-zA-Z0-9/_-]{1,250}$/.test(name)) fail(`${name.slice(0, 64)} is no name of an alias`);
  const partition = keyPartition(key.account, key.region);
  const there = await change.get(aliases, partition, name);
  if (there?.keyId === key.id) return;
  if (there) fail(`${name} stands for ${keyArn({ ...key, id: there.keyId })}: delete it first`);
  change.put(aliases, partition, name, { name, keyId: key.id, createdAt: now, updatedAt: now });
  change.put(aliasesOfKey, keyChildren(key), name, {});
}
