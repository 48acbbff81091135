/** CreateAlias, UpdateAlias, DeleteAlias, ListAliases: names that stand for a key, in one account and region. */
import type {
  CreateAliasRequest,
  DeleteAliasRequest,
  ListAliasesRequest,
  ListAliasesResponse,
  UpdateAliasRequest,
} from '@aws-sdk/client-kms';
import { AwsError, type Check, type CheckCall, operation } from '../../service.ts';
import { aliasArn } from '../arns.ts';
import { accountCheck, callContext, keyCheck } from '../checks.ts';
import { aliasNotFound, alreadyExists, limitExceeded, unsupported, validation } from '../errors.ts';
import { findKey } from '../find-key.ts';
import { requireUsable } from '../key-states.ts';
import { page } from '../pages.ts';
import type { KmsPorts } from '../ports.ts';
import { type AliasRow, aliases, aliasesOfKey, type KeyRow, keyChildren, keyPartition, keys } from '../state.ts';
import { noteKey } from '../use.ts';

/** "Resource quotas", AWS KMS Developer Guide. */
const aliasesPerKey = 50;

/** AWS: the alias and the key must both allow it. */
function aliasCheck(call: CheckCall, action: string, name: string): Check {
  const { account, region } = call.scope;
  return {
    action: `kms:${action}`,
    resource: { arn: aliasArn(account, region, name), account },
    context: callContext(call),
  };
}

function requireName(name: string): void {
  if (!name.startsWith('alias/') || name === 'alias/') {
    throw new AwsError(
      'InvalidAliasNameException',
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    );
  }
  if (name.startsWith('alias/aws/')) throw reserved();
  if (!/^alias\/[a-zA-Z0-9/_-]+$/.test(name)) {
    throw new AwsError(
      'InvalidAliasNameException',
      'Alias contains invalid characters. Alias names may hold letters, digits, slashes, underscores and dashes.',
    );
  }
}

const reserved = (): AwsError =>
  new AwsError('NotAuthorizedException', 'Aliases that begin with alias/aws/ are reserved for AWS managed keys.', {
    status: 400,
  });

/** A key of another account cannot get an alias here. */
async function target(call: CheckCall, id: string): Promise<{ key: KeyRow; arn: string }> {
  if (id.startsWith('alias/') || id.includes(':alias/')) throw validation('Aliases must refer to keys. Not aliases');
  const found = await findKey(call, id, false);
  if (found.key.account !== call.scope.account) throw unsupported('An alias stands for a key of the same account.');
  return found;
}

export const CreateAlias = operation<CreateAliasRequest, object, KmsPorts>({
  checks: async (input, call) => [
    aliasCheck(call, 'CreateAlias', input.AliasName),
    await keyCheck(call, await target(call, input.TargetKeyId), { action: 'CreateAlias' }),
  ],
  async handle(input, call) {
    const { change, now } = call;
    const { account, region } = call.scope;
    requireName(input.AliasName);
    const found = await target(call, input.TargetKeyId);
    const { key } = found;
    noteKey(call, found);
    requireUsable(key, 'CreateAlias');
    const partition = keyPartition(account, region);
    if (await change.get(aliases, partition, input.AliasName)) {
      throw alreadyExists(`An alias with the name ${aliasArn(account, region, input.AliasName)} already exists`);
    }
    const taken = await change.list(aliasesOfKey, keyChildren(key), { limit: aliasesPerKey });
    if (taken.length >= aliasesPerKey) throw limitExceeded(`A key has at most ${aliasesPerKey} aliases.`);
    const row: AliasRow = { name: input.AliasName, keyId: key.id, createdAt: now, updatedAt: now };
    change.put(aliases, partition, row.name, row);
    change.put(aliasesOfKey, keyChildren(key), row.name, {});
    return {};
  },
});

export const UpdateAlias = operation<UpdateAliasRequest, object, KmsPorts>({
  async checks(input, call) {
    const checks = [
      aliasCheck(call, 'UpdateAlias', input.AliasName),
      await keyCheck(call, await target(call, input.TargetKeyId), { action: 'UpdateAlias' }),
    ];
    const { account, region } = call.scope;
    const partition = keyPartition(account, region);
    const alias = await call.change.get(aliases, partition, input.AliasName);
    const before = alias && (await call.change.get(keys, partition, alias.keyId));
    if (before) checks.push(await keyCheck(call, await target(call, before.id), { action: 'UpdateAlias' }));
    return checks;
  },
  async handle(input, call) {
    const { change } = call;
    const { account, region } = call.scope;
    requireName(input.AliasName);
    const found = await target(call, input.TargetKeyId);
    const { key } = found;
    noteKey(call, found);
    requireUsable(key, 'UpdateAlias');
    const partition = keyPartition(account, region);
    const alias = await change.get(aliases, partition, input.AliasName);
    if (!alias) throw aliasNotFound(aliasArn(account, region, input.AliasName));
    const before = await change.get(keys, partition, alias.keyId);
    if (before && (before.usage !== key.usage || before.spec !== key.spec)) {
      const isSymmetric = before.spec === 'SYMMETRIC_DEFAULT';
      if (isSymmetric !== (key.spec === 'SYMMETRIC_DEFAULT') || before.usage !== key.usage) {
        throw validation(
          `Alias ${input.AliasName} cannot be changed from key usage ${before.usage} and key spec ${before.spec} to key usage ${key.usage} and key spec ${key.spec}.`,
        );
      }
    }
    if (before) change.delete(aliasesOfKey, keyChildren(before), alias.name);
    change.put(aliases, partition, alias.name, { ...alias, keyId: key.id, updatedAt: call.now });
    change.put(aliasesOfKey, keyChildren(key), alias.name, {});
    return {};
  },
});

export const DeleteAlias = operation<DeleteAliasRequest, object, KmsPorts>({
  async checks(input, call) {
    const { account, region } = call.scope;
    const checks = [aliasCheck(call, 'DeleteAlias', input.AliasName)];
    const alias = await call.change.get(aliases, keyPartition(account, region), input.AliasName);
    if (alias) checks.push(await keyCheck(call, await findKey(call, alias.keyId), { action: 'DeleteAlias' }));
    return checks;
  },
  async handle(input, call) {
    const { account, region } = call.scope;
    requireName(input.AliasName);
    const partition = keyPartition(account, region);
    const alias = await call.change.get(aliases, partition, input.AliasName);
    if (!alias) throw aliasNotFound(aliasArn(account, region, input.AliasName));
    noteKey(call, await findKey(call, alias.keyId, false));
    call.change.delete(aliases, partition, alias.name);
    call.change.delete(aliasesOfKey, keyChildren({ account, region, id: alias.keyId }), alias.name);
    return {};
  },
});

export const ListAliases = operation<ListAliasesRequest, ListAliasesResponse, KmsPorts>({
  checks: (_input, call) => [accountCheck(call, 'ListAliases')],
  async handle(input, call) {
    const { account, region } = call.scope;
    const partition = keyPartition(account, region);
    const key = input.KeyId === undefined ? undefined : (await target(call, input.KeyId)).key;
    const bounds = (after: string | undefined, limit: number) => ({ limit, ...(after !== undefined && { after }) });
    const { rows, rest } = key
      ? await page(call, input, 50, (after, limit) =>
          call.change.list(aliasesOfKey, keyChildren(key), bounds(after, limit)),
        )
      : await page(call, input, 50, (after, limit) => call.change.list(aliases, partition, bounds(after, limit)));
    const shown = await Promise.all(rows.map((row) => call.change.get(aliases, partition, row.id)));
    return {
      Aliases: shown
        .filter((row) => row !== undefined)
        .map((row) => ({
          AliasName: row.name,
          AliasArn: aliasArn(account, region, row.name),
          TargetKeyId: row.keyId,
          CreationDate: new Date(row.createdAt),
          LastUpdatedDate: new Date(row.updatedAt),
        })),
      ...rest,
    };
  },
});
