/** CreateAccessKey, DeleteAccessKey and UpdateAccessKey, for users and, by root, for root itself. */
import type {
  CreateAccessKeyRequest,
  CreateAccessKeyResponse,
  DeleteAccessKeyRequest,
  UpdateAccessKeyRequest,
} from '@aws-sdk/client-iam';
import type { Change } from '../../../store/store.ts';
import { operation } from '../../service.ts';
import { subjectCheck } from '../checks.ts';
import { accountRow, type Subject, subjectOf, userNamed } from '../entities.ts';
import { invalidInput, noSuchEntity, quotaExceeded } from '../errors.ts';
import { accessKeyId, secretAccessKey } from '../ids.ts';
import type { IamPorts } from '../ports.ts';
import { type AccessKeyRow, accessKeys, accountKey, accounts, keyUses, rowId, users } from '../state.ts';
import { shownTime } from '../times.ts';

/** Who holds keys: a user or root, with the way to write the list of ids back. */
interface KeyHolder {
  /** Root's keys show the account's root by this name. */
  readonly userName: string;
  readonly owner: AccessKeyRow['owner'];
  readonly keyIds: readonly string[];
  write(keyIds: readonly string[]): void;
}

/** @throws NoSuchEntity */
export async function keyHolder(change: Change, account: string, subject: Subject): Promise<KeyHolder> {
  if (subject.kind === 'root') {
    const row = await accountRow(change, account);
    return {
      userName: 'root',
      owner: { kind: 'root' },
      keyIds: row.root.accessKeyIds,
      write: (keyIds) =>
        change.put(accounts, account, accountKey, { ...row, root: { ...row.root, accessKeyIds: keyIds } }),
    };
  }
  const row = await userNamed(change, account, subject.name);
  return {
    userName: row.name,
    owner: { kind: 'user', id: row.id },
    keyIds: row.accessKeyIds,
    write: (keyIds) => change.put(users, account, rowId(row.name), { ...row, accessKeyIds: keyIds }),
  };
}

export const createAccessKey = operation<CreateAccessKeyRequest, CreateAccessKeyResponse, IamPorts>({
  checks: async (input, call) => [await subjectCheck(call, 'iam:CreateAccessKey', subjectOf(call, input.UserName))],
  record: { hide: ['AccessKey.SecretAccessKey'] },
  async handle(input, call, ports) {
    const { account } = call.scope;
    const holder = await keyHolder(call.change, account, subjectOf(call, input.UserName));
    const limit = ports.quotas.accessKeysPerUser;
    if (holder.keyIds.length >= limit) throw quotaExceeded('AccessKeysPerUser', limit);
    const id = accessKeyId('AKIA', account, call.random);
    const secret = secretAccessKey(call.random);
    const row: AccessKeyRow = { secret, account, owner: holder.owner, status: 'Active', createdAt: call.now };
    call.change.put(accessKeys, '', id, row);
    holder.write([...holder.keyIds, id]);
    return {
      AccessKey: {
        UserName: holder.userName,
        AccessKeyId: id,
        Status: 'Active',
        SecretAccessKey: secret,
        CreateDate: shownTime(call.now),
      },
    };
  },
});

export const deleteAccessKey = operation<DeleteAccessKeyRequest, object, IamPorts>({
  checks: async (input, call) => [await subjectCheck(call, 'iam:DeleteAccessKey', subjectOf(call, input.UserName))],
  async handle(input, call) {
    const holder = await keyHolder(call.change, call.scope.account, subjectOf(call, input.UserName));
    if (!holder.keyIds.includes(input.AccessKeyId)) throw noSuchKey(input.AccessKeyId);
    call.change.delete(accessKeys, '', input.AccessKeyId);
    call.change.delete(keyUses, '', input.AccessKeyId);
    holder.write(holder.keyIds.filter((id) => id !== input.AccessKeyId));
    return {};
  },
});

export const updateAccessKey = operation<UpdateAccessKeyRequest, object, IamPorts>({
  checks: async (input, call) => [await subjectCheck(call, 'iam:UpdateAccessKey', subjectOf(call, input.UserName))],
  async handle(input, call) {
    const holder = await keyHolder(call.change, call.scope.account, subjectOf(call, input.UserName));
    const row = await call.change.get(accessKeys, '', input.AccessKeyId);
    if (!row || !holder.keyIds.includes(input.AccessKeyId)) throw noSuchKey(input.AccessKeyId);
    // The model names a third status, which only AWS itself may set.
    if (input.Status !== 'Active' && input.Status !== 'Inactive') {
      throw invalidInput('The status of an access key can be set to Active or Inactive.');
    }
    call.change.put(accessKeys, '', input.AccessKeyId, { ...row, status: input.Status });
    return {};
  },
});

function noSuchKey(id: string): Error {
  return noSuchEntity(`The Access Key with id ${id} cannot be found.`);
}
