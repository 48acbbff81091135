/** ImportKeyMaterial and DeleteImportedKeyMaterial: material that its owner brings, and may take away. */
import type {
  DeleteImportedKeyMaterialRequest,
  DeleteImportedKeyMaterialResponse,
  ImportKeyMaterialRequest,
  ImportKeyMaterialResponse,
} from '@aws-sdk/client-kms';
import { AwsError, operation } from '../../service.ts';
import { keyArn } from '../arns.ts';
import { keyCheck } from '../checks.ts';
import { invalidState, notFound, unsupported, validation } from '../errors.ts';
import { findKey } from '../find-key.ts';
import { longestLife, openImportToken } from '../import-rules.ts';
import { awaited, isReplica, putExpiring, settleAwaited, withoutMaterial } from '../imported.ts';
import { requireUsable } from '../key-states.ts';
import type { KmsPorts, MadeKey } from '../ports.ts';
import { isWhole } from '../rotation.ts';
import type { KeyRow, Material } from '../state.ts';
import { ask, noteKey } from '../use.ts';

function requireExternal(key: KeyRow): void {
  if (key.origin === 'EXTERNAL') return;
  throw unsupported(`${keyArn(key)} origin is ${key.origin} which is not valid for this operation.`);
}

/** When the material goes by itself; undefined for never. */
function expiry(input: ImportKeyMaterialRequest, now: number): number | undefined {
  if (input.ExpirationModel === 'KEY_MATERIAL_DOES_NOT_EXPIRE') {
    if (input.ValidTo !== undefined)
      throw validation('A validTo date cannot be specified when key material does not expire.');
    return undefined;
  }
  if (input.ValidTo === undefined)
    throw validation('A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES');
  const at = input.ValidTo.getTime();
  if (at <= now || at > now + longestLife) throw validation('ValidTo must be in the future, within 365 days.');
  return at;
}

export const ImportKeyMaterial = operation<ImportKeyMaterialRequest, ImportKeyMaterialResponse, KmsPorts>({
  record: { hide: ['ImportToken', 'EncryptedKeyMaterial'] },
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), {
      action: 'ImportKeyMaterial',
      context: {
        'kms:ExpirationModel': input.ExpirationModel ?? 'KEY_MATERIAL_EXPIRES',
        'kms:ValidTo': input.ValidTo && String(Math.floor(input.ValidTo.getTime() / 1000)),
      },
    }),
  ],
  async handle(input, call, ports) {
    const found = await findKey(call, input.KeyId, false);
    const { key, arn } = found;
    requireExternal(key);
    requireUsable(key, 'ImportKeyMaterial');
    const token = openImportToken(call, key, input.ImportToken);
    const at = expiry(input, call.now);
    const names = { account: key.account, keyId: key.id, spec: key.spec };
    const made = await call.once('import', () =>
      ask(arn, ports.vault.importMaterial(names, token.inner, token.algorithm, input.EncryptedKeyMaterial)),
    );
    if (input.KeyMaterialId !== undefined && input.KeyMaterialId !== made.materialId) throw otherMaterial();
    const next = await settleAwaited(call.change, withImported(key, made, input, { now: call.now, at }));
    await putExpiring(call.change, key, next);
    noteKey(call, found);
    return { KeyId: arn, KeyMaterialId: made.materialId };
  },
});

/** The key with its material in place: the first, the same again, or a new one that waits for a rotation. */
function withImported(
  key: KeyRow,
  made: MadeKey,
  input: ImportKeyMaterialRequest,
  times: { readonly now: number; readonly at: number | undefined },
): KeyRow {
  const present = key.materials.find((one) => one.id === made.materialId);
  const isNew = input.ImportType === 'NEW_KEY_MATERIAL';
  if (isNew && isReplica(key)) {
    throw validation(
      'New key material is imported into the primary key first, and then as EXISTING_KEY_MATERIAL here.',
    );
  }
  if (isNew && present)
    throw validation('This key material was imported into the key before: import it as EXISTING_KEY_MATERIAL.');
  if (!isNew && !present && key.materials.length > 0) throw otherMaterial();
  if (isNew && key.spec !== 'SYMMETRIC_DEFAULT' && key.materials.length > 0) throw unsupported();
  const { expires: _before, ...kept } = present ?? { id: made.materialId, createdAt: times.now };
  const material: Material = {
    ...kept,
    sealed: Buffer.from(made.sealed).toString('base64'),
    ...(input.KeyMaterialDescription !== undefined && { description: input.KeyMaterialDescription }),
    ...(times.at !== undefined && { expires: { at: times.at } }),
  };
  if (present) {
    const materials = key.materials.map((one) => (one === present ? material : one));
    return { ...key, materials, state: key.state === 'PendingImport' && isWhole(materials) ? 'Enabled' : key.state };
  }
  const waiting = key.materials.find((one) => one.pending !== undefined);
  if (waiting) {
    throw new AwsError(
      'KMSInvalidStateException',
      `New key material (id: ${made.materialId}) cannot be imported into KMS key ${keyArn(key)}, because another key material (id: ${waiting.id}) is pending rotation.`,
    );
  }
  if (key.materials.length > 0) {
    const pending = key.multiRegion?.replicas.length ? awaited : 'PENDING_ROTATION';
    return { ...key, materials: [...key.materials, { ...material, pending }] };
  }
  return {
    ...key,
    state: key.state === 'PendingImport' ? 'Enabled' : key.state,
    materials: [material],
    current: material.id,
    ...(made.publicKey && { publicKey: Buffer.from(made.publicKey).toString('base64') }),
  };
}

const otherMaterial = (): AwsError =>
  new AwsError(
    'IncorrectKeyMaterialException',
    'The key material in the request is not the key material that was imported into this KMS key before.',
  );

export const DeleteImportedKeyMaterial = operation<
  DeleteImportedKeyMaterialRequest,
  DeleteImportedKeyMaterialResponse,
  KmsPorts
>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), { action: 'DeleteImportedKeyMaterial' }),
  ],
  async handle(input, call) {
    const found = await findKey(call, input.KeyId, false);
    const { key, arn } = found;
    requireExternal(key);
    requireUsable(key, 'DeleteImportedKeyMaterial');
    const id = input.KeyMaterialId ?? key.current;
    const material = key.materials.find((one) => one.id === id);
    if (input.KeyMaterialId !== undefined && !material)
      throw notFound(`Key material ${input.KeyMaterialId} does not exist in ${arn}`);
    if (material) await putExpiring(call.change, key, withoutMaterial(key, material.id));
    else if (key.state !== 'PendingImport') throw invalidState(arn, 'is not valid for this operation.');
    noteKey(call, found);
    return { KeyId: arn, ...(material && { KeyMaterialId: material.id }) };
  },
});
