/** CreateKey: material in the vault first, then the row that names it. */
import type { CreateKeyRequest, CreateKeyResponse } from '@aws-sdk/client-kms';
import { type Check, operation } from '../../service.ts';
import { keyArn } from '../arns.ts';
import { accountCheck, describing } from '../checks.ts';
import { placeInStore } from '../custom-key-stores/new-key.ts';
import { vaultFault } from '../errors.ts';
import { keyMetadata } from '../key-metadata.ts';
import { defaultPolicy, readKeyPolicy, requireNoLockout } from '../key-policy.ts';
import { newKeyId, wantedKey } from '../new-key.ts';
import type { KmsPorts } from '../ports.ts';
import { requireRoomForKey } from '../resource-quotas.ts';
import { type KeyRow, keyPartition, keyPolicies, keys } from '../state.ts';
import { mergeTags, tagContext } from '../tags.ts';

export const CreateKey = operation<CreateKeyRequest, CreateKeyResponse, KmsPorts>({
  checks(input, call, ports) {
    const { region } = call.scope;
    const wanted = wantedKey(input, region, ports);
    const context = {
      ...describing({ ...wanted, region, ...(wanted.isMultiRegion && { multiRegion: primary(region) }) }),
      ...tagContext(input.Tags),
      'kms:BypassPolicyLockoutSafetyCheck': String(input.BypassPolicyLockoutSafetyCheck ?? false),
    };
    const checks: Check[] = [accountCheck(call, 'CreateKey', context)];
    if ((input.Tags ?? []).length > 0) checks.push(accountCheck(call, 'TagResource', context));
    return checks;
  },
  async handle(input, call, ports) {
    const { account, region } = call.scope;
    const wanted = wantedKey(input, region, ports);
    const tags = mergeTags({}, input.Tags);
    const policy = await readKeyPolicy(input.Policy ?? defaultPolicy(account), ports.principals);
    const id = await call.once('id', async () => newKeyId(call, wanted.isMultiRegion));
    const isHere = wanted.origin !== 'EXTERNAL';
    const empty: KeyRow = {
      account,
      region,
      id,
      createdAt: call.now,
      description: input.Description ?? '',
      spec: wanted.spec,
      usage: wanted.usage,
      origin: wanted.origin,
      state: isHere ? 'Enabled' : 'PendingImport',
      tags,
      materials: [],
      ...(wanted.isMultiRegion && { multiRegion: primary(region) }),
    };
    if (!input.BypassPolicyLockoutSafetyCheck && input.Policy !== undefined) {
      await requireNoLockout(call, { key: empty, arn: keyArn(empty) }, policy);
    }
    await requireRoomForKey(call, ports, id, region);
    const placed = await placeInStore(input, call, ports, empty);
    const key = isHere
      ? await withMaterial(placed, () => call.once('make', () => ports.vault.create(names(placed))))
      : placed;
    call.change.put(keys, keyPartition(account, region), id, key);
    call.change.put(keyPolicies, keyPartition(account, region), id, policy);
    call.note({ resources: [{ accountId: account, type: 'AWS::KMS::Key', ARN: keyArn(key) }] });
    return { KeyMetadata: keyMetadata(key) };
  },
});

const names = ({ account, id, spec }: KeyRow) => ({ account, keyId: id, spec });
const primary = (region: string) => ({ primaryRegion: region, replicas: [] });

async function withMaterial(key: KeyRow, make: () => ReturnType<KmsPorts['vault']['create']>): Promise<KeyRow> {
  const made = await make().catch((error) => vaultFault(error, keyArn(key)));
  const sealed = Buffer.from(made.sealed).toString('base64');
  return {
    ...key,
    materials: [{ id: made.materialId, sealed, createdAt: key.createdAt }],
    current: made.materialId,
    ...(made.publicKey && { publicKey: Buffer.from(made.publicKey).toString('base64') }),
  };
}
