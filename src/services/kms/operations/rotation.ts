/** EnableKeyRotation, DisableKeyRotation, GetKeyRotationStatus, RotateKeyOnDemand, ListKeyRotations. */
import type {
  DisableKeyRotationRequest,
  EnableKeyRotationRequest,
  GetKeyRotationStatusRequest,
  GetKeyRotationStatusResponse,
  ListKeyRotationsRequest,
  ListKeyRotationsResponse,
  RotateKeyOnDemandRequest,
  RotateKeyOnDemandResponse,
  RotationsListEntry,
} from '@aws-sdk/client-kms';
import { operation } from '../../service.ts';
import { keyArn } from '../arns.ts';
import { keyCheck } from '../checks.ts';
import { invalidState, limitExceeded, unsupported } from '../errors.ts';
import { findKey } from '../find-key.ts';
import { requireCustomerKey, requireUsable } from '../key-states.ts';
import { page } from '../pages.ts';
import type { KmsPorts } from '../ports.ts';
import { newMaterial, putShared, setRotation } from '../rotation.ts';
import type { KeyRow, Material } from '../state.ts';
import { notedKey } from '../use.ts';

/** "Resource quotas": not adjustable. */
const onDemandLimit = 25;
const defaultDays = 365;

function requireRotatable(key: KeyRow): void {
  if (key.spec !== 'SYMMETRIC_DEFAULT') throw unsupported();
  if (key.origin === 'AWS_CLOUDHSM' || key.origin === 'EXTERNAL_KEY_STORE') throw wrongOrigin(key);
}

const wrongOrigin = (key: KeyRow) =>
  unsupported(`${keyArn(key)} origin is ${key.origin} which is not valid for this operation.`);

/** A replica rotates with its primary. */
function requirePrimary(key: KeyRow): void {
  if (key.multiRegion && key.multiRegion.primaryRegion !== key.region) {
    throw unsupported(`${keyArn(key)} is a replica key: rotate its primary key.`);
  }
}

export const EnableKeyRotation = operation<EnableKeyRotationRequest, object, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), {
      action: 'EnableKeyRotation',
      context: { 'kms:RotationPeriodInDays': String(input.RotationPeriodInDays ?? defaultDays) },
    }),
  ],
  async handle(input, call) {
    const { key } = await notedKey(call, input.KeyId, false);
    requireCustomerKey(key);
    requireUsable(key, 'EnableKeyRotation');
    requireRotatable(key);
    if (key.origin === 'EXTERNAL') throw wrongOrigin(key);
    requirePrimary(key);
    await setRotation(call.change, key, input.RotationPeriodInDays ?? defaultDays, call.now);
    return {};
  },
});

export const DisableKeyRotation = operation<DisableKeyRotationRequest, object, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), { action: 'DisableKeyRotation' }),
  ],
  async handle(input, call) {
    const { key } = await notedKey(call, input.KeyId, false);
    requireCustomerKey(key);
    requireUsable(key, 'DisableKeyRotation');
    requireRotatable(key);
    if (key.origin === 'EXTERNAL') throw wrongOrigin(key);
    requirePrimary(key);
    await setRotation(call.change, key, undefined, call.now);
    return {};
  },
});

export const GetKeyRotationStatus = operation<GetKeyRotationStatusRequest, GetKeyRotationStatusResponse, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), { action: 'GetKeyRotationStatus' }),
  ],
  async handle(input, call) {
    const { key } = await notedKey(call, input.KeyId, false);
    // "The key rotation status of these KMS keys is always false", says AWS of those that cannot rotate by themselves, and
    // of all "while a KMS key is pending deletion".
    const rotation = key.state === 'PendingDeletion' ? undefined : key.rotation;
    return {
      KeyId: key.id,
      KeyRotationEnabled: rotation !== undefined,
      ...(rotation && { RotationPeriodInDays: rotation.periodDays, NextRotationDate: new Date(rotation.nextAt) }),
    };
  },
});

export const RotateKeyOnDemand = operation<RotateKeyOnDemandRequest, RotateKeyOnDemandResponse, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), { action: 'RotateKeyOnDemand' }),
  ],
  async handle(input, call, ports) {
    const { key, arn } = await notedKey(call, input.KeyId, false);
    requireCustomerKey(key);
    requireUsable(key, 'RotateKeyOnDemand');
    requireRotatable(key);
    requirePrimary(key);
    const done = key.onDemandRotations ?? 0;
    if (done >= onDemandLimit) {
      throw limitExceeded(
        `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${arn}`,
      );
    }
    const rotation = { at: call.now, type: 'ON_DEMAND' as const };
    const materials =
      key.origin === 'EXTERNAL'
        ? withPending(key, rotation)
        : [...key.materials, await call.once('material', () => newMaterial(ports, key, rotation))];
    const current = (materials.at(-1) as Material).id;
    await putShared(call.change, { ...key, materials, current, onDemandRotations: done + 1 });
    return { KeyId: arn };
  },
});

/** Imported material that waits for its turn gets it. */
function withPending(key: KeyRow, rotation: NonNullable<Material['rotation']>): readonly Material[] {
  const waiting = key.materials.find((one) => one.pending === 'PENDING_ROTATION');
  if (!waiting) throw invalidState('No available key material pending rotation for the key:', `${keyArn(key)}.`);
  const { pending: _pending, ...material } = waiting;
  return [...key.materials.filter((one) => one !== waiting), { ...material, rotation }];
}

export const ListKeyRotations = operation<ListKeyRotationsRequest, ListKeyRotationsResponse, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), { action: 'ListKeyRotations' }),
  ],
  async handle(input, call) {
    const { key } = await notedKey(call, input.KeyId, false);
    requireRotatable(key);
    const all = input.IncludeKeyMaterial === 'ALL_KEY_MATERIAL';
    const shown = key.materials
      .map((material, index) => ({ id: String(index).padStart(5, '0'), value: material }))
      .filter(({ value }) => all || value.rotation);
    const { rows, rest } = await page(call, input, 100, async (after, limit) =>
      shown.filter(({ id }) => after === undefined || id > after).slice(0, limit),
    );
    return { Rotations: rows.map(({ value }) => entry(key, value)), ...rest };
  },
});

function entry(key: KeyRow, material: Material): RotationsListEntry {
  const state = material.pending ?? (material.id === key.current ? 'CURRENT' : 'NON_CURRENT');
  const imported = key.origin === 'EXTERNAL';
  return {
    KeyId: keyArn(key),
    KeyMaterialId: material.id,
    ...(material.description !== undefined && { KeyMaterialDescription: material.description }),
    ...(imported && { ImportState: material.sealed === undefined ? 'PENDING_IMPORT' : 'IMPORTED' }),
    KeyMaterialState: state,
    ...(imported && {
      ExpirationModel: material.expires ? 'KEY_MATERIAL_EXPIRES' : 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      ...(material.expires && { ValidTo: new Date(material.expires.at) }),
    }),
    ...(material.rotation && {
      RotationDate: new Date(material.rotation.at),
      RotationType: material.rotation.type,
    }),
  };
}
