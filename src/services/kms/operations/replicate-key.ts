/** ReplicateKey and UpdatePrimaryRegion: one key, with the same id and material, in several regions. */
import type { ReplicateKeyRequest, ReplicateKeyResponse, UpdatePrimaryRegionRequest } from '@aws-sdk/client-kms';
import { type Check, operation } from '../../service.ts';
import { keyArn } from '../arns.ts';
import { accountCheck, keyCheck } from '../checks.ts';
import { alreadyExists, notFound, unsupported, validation } from '../errors.ts';
import { type FoundKey, findKey } from '../find-key.ts';
import { awaited, emptyReplica } from '../imported.ts';
import { keyMetadata } from '../key-metadata.ts';
import { defaultPolicy, readKeyPolicy, requireNoLockout } from '../key-policy.ts';
import { requireUsable } from '../key-states.ts';
import type { KmsPorts } from '../ports.ts';
import { requireRoomForKey } from '../resource-quotas.ts';
import { putShared } from '../rotation.ts';
import { dueId, dueRotations, type KeyRow, keyPartition, keyPolicies, keys } from '../state.ts';
import { mergeTags, tagContext, tagList } from '../tags.ts';
import { noteKey } from '../use.ts';

function requirePrimary({ key, arn }: FoundKey): NonNullable<KeyRow['multiRegion']> {
  const { multiRegion } = key;
  if (!multiRegion) throw unsupported(`${arn} is not a multi-Region key.`);
  if (multiRegion.primaryRegion !== key.region) throw unsupported(`${arn} is not a multi-Region primary key.`);
  return multiRegion;
}

export const ReplicateKey = operation<ReplicateKeyRequest, ReplicateKeyResponse, KmsPorts>({
  async checks(input, call) {
    const found = await findKey(call, input.KeyId, false);
    const context = { 'kms:ReplicaRegion': input.ReplicaRegion, ...tagContext(input.Tags) };
    const checks: Check[] = [
      await keyCheck(call, found, { action: 'ReplicateKey', context }),
      accountCheck(call, 'CreateKey', {
        ...context,
        'kms:BypassPolicyLockoutSafetyCheck': String(input.BypassPolicyLockoutSafetyCheck ?? false),
      }),
    ];
    if ((input.Tags ?? []).length > 0) checks.push(accountCheck(call, 'TagResource', context));
    return checks;
  },
  async handle(input, call, ports) {
    const found = await findKey(call, input.KeyId, false);
    const { key } = found;
    requireUsable(key, 'ReplicateKey');
    const multiRegion = requirePrimary(found);
    const region = input.ReplicaRegion;
    if (!ports.enabledRegions.includes(region)) throw validation(`Invalid replica region ${region}`);
    if (region === key.region || (await call.change.get(keys, keyPartition(key.account, region), key.id))) {
      throw alreadyExists(
        `Unable to replicate key in region ${region}, as another key already exists there with the same key id.`,
      );
    }
    const next = { ...multiRegion, replicas: [...multiRegion.replicas, region].sort() };
    const { rotation: _rotation, ...shared } = key;
    const replica: KeyRow = {
      ...shared,
      region,
      createdAt: call.now,
      description: input.Description ?? '',
      tags: mergeTags({}, input.Tags),
      multiRegion: next,
      ...(key.rotation && { rotation: key.rotation }),
      // "The replica key is created without key material", which its owner must bring again.
      ...(key.origin === 'EXTERNAL' && emptyReplica(key)),
    };
    await requireRoomForKey(call, ports, key.id, region);
    const policy = await readKeyPolicy(input.Policy ?? defaultPolicy(key.account), ports.principals);
    if (input.Policy !== undefined && !input.BypassPolicyLockoutSafetyCheck) {
      await requireNoLockout(call, { key: replica, arn: keyArn(replica) }, policy);
    }
    const partition = keyPartition(key.account, region);
    call.change.put(keys, partition, key.id, replica);
    call.change.put(keyPolicies, partition, key.id, policy);
    const materials = key.materials.map((one) => (one.pending ? { ...one, pending: awaited } : one));
    await putShared(call.change, { ...key, materials, multiRegion: next });
    noteKey(call, found);
    return {
      ReplicaKeyMetadata: keyMetadata(replica),
      ReplicaPolicy: policy.document,
      ReplicaTags: tagList(replica.tags),
    };
  },
});

export const UpdatePrimaryRegion = operation<UpdatePrimaryRegionRequest, object, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId, false), {
      action: 'UpdatePrimaryRegion',
      context: { 'kms:PrimaryRegion': input.PrimaryRegion },
    }),
  ],
  async handle(input, call) {
    const found = await findKey(call, input.KeyId, false);
    const { key } = found;
    requireUsable(key, 'UpdatePrimaryRegion');
    const multiRegion = requirePrimary(found);
    const region = input.PrimaryRegion;
    if (!multiRegion.replicas.includes(region)) {
      throw notFound(`${keyArn({ ...key, region })} does not exist`);
    }
    const replicas = [...multiRegion.replicas.filter((one) => one !== region), key.region].sort();
    // Rotation follows the primary.
    if (key.rotation) {
      call.change.delete(dueRotations, '', dueId(key.rotation.nextAt, key));
      call.change.put(dueRotations, '', dueId(key.rotation.nextAt, { ...key, region }), {});
    }
    await putShared(call.change, { ...key, multiRegion: { primaryRegion: region, replicas } });
    noteKey(call, found);
    return {};
  },
});
