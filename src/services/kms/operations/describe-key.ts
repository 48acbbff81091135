/** DescribeKey and ListKeys. */
import type { DescribeKeyRequest, DescribeKeyResponse, ListKeysRequest, ListKeysResponse } from '@aws-sdk/client-kms';
import { type Check, type CheckCall, operation } from '../../service.ts';
import { aliasArn, keyArn } from '../arns.ts';
import { accountCheck, callContext, keyCheck } from '../checks.ts';
import { asShown } from '../custom-key-stores/find-store.ts';
import { invalidArn } from '../errors.ts';
import { findKey } from '../find-key.ts';
import { keyMetadata } from '../key-metadata.ts';
import { type ManagingService, managedKey, managedKeyPolicy, managingService } from '../managed-keys.ts';
import { page } from '../pages.ts';
import type { KmsPorts } from '../ports.ts';
import { aliases, keyPartition, keys } from '../state.ts';
import { notedKey, noteKey } from '../use.ts';

/** "If you call DescribeKey on a predefined AWS alias with no key, KMS creates an AWS managed key": whose it will be. */
async function unborn(
  input: DescribeKeyRequest & { KeyId: string },
  call: CheckCall,
): Promise<ManagingService | undefined> {
  const { account, region } = call.scope;
  const service = managingService(input.KeyId, account, region);
  const there = service && (await call.change.get(aliases, keyPartition(account, region), `alias/aws/${service}`));
  return there ? undefined : service;
}

export const DescribeKey = operation<DescribeKeyRequest, DescribeKeyResponse, KmsPorts>({
  async checks(input, call) {
    const service = await unborn(input, call);
    if (service) return [unbornCheck(call, service)];
    const found = await findKey(call, input.KeyId);
    return [await keyCheck(call, found, { action: 'DescribeKey', grantTokens: input.GrantTokens })];
  },
  async handle(input, call, ports) {
    const service = await unborn(input, call);
    if (service) {
      const { account, region } = call.scope;
      const parts = { store: ports.store, vault: ports.vault, random: call.random };
      const arn = await call.once('managed key', () => managedKey(parts, service, { account, region, now: call.now }));
      // Another call may have seen the alias without its key: this one reads as if it had always been there.
      const key = await ports.store.get(keys, keyPartition(account, region), arn.slice(arn.lastIndexOf('/') + 1));
      if (!key) throw invalidArn(arn);
      noteKey(call, { key, arn });
      return { KeyMetadata: keyMetadata(key) };
    }
    const { key } = await notedKey(call, input.KeyId);
    return { KeyMetadata: keyMetadata(await asShown(call.change, key)) };
  },
});

function unbornCheck(call: CheckCall, service: ManagingService): Check {
  const { account, region } = call.scope;
  const document = managedKeyPolicy(service, account, region);
  return {
    action: 'kms:DescribeKey',
    resource: {
      arn: aliasArn(account, region, `alias/aws/${service}`),
      account,
      policy: { document, id: 'key policy', kind: 'key', principalIds: {} },
      isBeyondRcps: true,
    },
    context: { ...callContext(call), 'kms:RequestAlias': `alias/aws/${service}` },
  };
}

export const ListKeys = operation<ListKeysRequest, ListKeysResponse, KmsPorts>({
  checks: (_input, call) => [accountCheck(call, 'ListKeys')],
  async handle(input, call) {
    const partition = keyPartition(call.scope.account, call.scope.region);
    const { rows, rest } = await page(call, input, 100, (after, limit) =>
      call.change.list(keys, partition, { limit, ...(after !== undefined && { after }) }),
    );
    return { Keys: rows.map(({ id, value }) => ({ KeyId: id, KeyArn: keyArn(value) })), ...rest };
  },
});
