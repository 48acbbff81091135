/** ListAccessKeys and GetAccessKeyLastUsed: neither ever shows a secret. */
import type {
  GetAccessKeyLastUsedRequest,
  GetAccessKeyLastUsedResponse,
  ListAccessKeysRequest,
  ListAccessKeysResponse,
} from '@aws-sdk/client-iam';
import { AwsError, type CheckCall, operation } from '../../service.ts';
import { subjectCheck } from '../checks.ts';
import { type Subject, subjectOf } from '../entities.ts';
import { pageOf } from '../pages.ts';
import type { IamPorts } from '../ports.ts';
import { accessKeys, uniqueIds } from '../state.ts';
import { shownTime } from '../times.ts';
import { keyHolder } from './access-keys.ts';

export const listAccessKeys = operation<ListAccessKeysRequest, ListAccessKeysResponse, IamPorts>({
  checks: async (input, call) => [await subjectCheck(call, 'iam:ListAccessKeys', subjectOf(call, input.UserName))],
  async handle(input, call) {
    const holder = await keyHolder(call.change, call.scope.account, subjectOf(call, input.UserName));
    const { items, rest } = pageOf(call, input, holder.keyIds, (id) => id);
    const shown = await Promise.all(
      items.map(async (id) => {
        const row = await call.change.get(accessKeys, '', id);
        if (!row) return [];
        const CreateDate = shownTime(row.createdAt);
        return [{ UserName: holder.userName, AccessKeyId: id, Status: row.status, CreateDate }];
      }),
    );
    return { AccessKeyMetadata: shown.flat(), ...rest };
  },
});

export const getAccessKeyLastUsed = operation<GetAccessKeyLastUsedRequest, GetAccessKeyLastUsedResponse, IamPorts>({
  async checks(input, call) {
    // A key that is not there, or is another account's, is checked as the caller's own would be: no existence leaks.
    const owner = await ownerOf(call, input.AccessKeyId);
    return [await subjectCheck(call, 'iam:GetAccessKeyLastUsed', owner ?? { kind: 'root' })];
  },
  async handle(input, call, ports) {
    const owner = await ownerOf(call, input.AccessKeyId);
    if (!owner) {
      throw new AwsError(
        'AccessDenied',
        `User: ${'arn' in call.caller.principal ? call.caller.principal.arn : 'anonymous'} is not authorized to perform: iam:GetAccessKeyLastUsed on resource: access key ${input.AccessKeyId}`,
        { status: 403 },
      );
    }
    const use = await ports.lastUse(input.AccessKeyId);
    return {
      ...(owner.kind === 'user' && { UserName: owner.name }),
      AccessKeyLastUsed: use
        ? { LastUsedDate: shownTime(use.at), ServiceName: use.service, Region: use.region }
        : // "N/A" stands for a key that was never used.
          { ServiceName: 'N/A', Region: 'N/A', LastUsedDate: undefined },
    };
  },
});

async function ownerOf(call: CheckCall, keyId: string): Promise<Subject | undefined> {
  const row = await call.change.get(accessKeys, '', keyId);
  if (row?.account !== call.scope.account) return undefined;
  if (row.owner.kind === 'root') return { kind: 'root' };
  const found = await call.change.get(uniqueIds, '', row.owner.id);
  return found ? { kind: 'user', name: found.name } : undefined;
}
