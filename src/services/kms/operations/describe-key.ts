/** DescribeKey and ListKeys. */
import type { DescribeKeyRequest, DescribeKeyResponse, ListKeysRequest, ListKeysResponse } from '@aws-sdk/client-kms';
import { operation } from '../../service.ts';
import { keyArn } from '../arns.ts';
import { accountCheck, keyCheck } from '../checks.ts';
import { asShown } from '../custom-key-stores/find-store.ts';
import { findKey } from '../find-key.ts';
import { keyMetadata } from '../key-metadata.ts';
import { page } from '../pages.ts';
import type { KmsPorts } from '../ports.ts';
import { keyPartition, keys } from '../state.ts';
import { notedKey } from '../use.ts';

export const DescribeKey = operation<DescribeKeyRequest, DescribeKeyResponse, KmsPorts>({
  checks: async (input, call) => [
    await keyCheck(call, await findKey(call, input.KeyId), { action: 'DescribeKey', grantTokens: input.GrantTokens }),
  ],
  async handle(input, call) {
    const { key } = await notedKey(call, input.KeyId);
    return { KeyMetadata: keyMetadata(await asShown(call.change, key)) };
  },
});

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
