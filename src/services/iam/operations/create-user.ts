/** CreateUser: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html */
import type { CreateUserRequest, CreateUserResponse } from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { recordAttachment } from '../attachments.ts';
import { newEntityCheck } from '../checks.ts';
import { alreadyExists, boundaryNotAttachable, quotaExceeded } from '../errors.ts';
import { uniqueId } from '../ids.ts';
import { defaultDocument } from '../policy-documents.ts';
import type { IamPorts } from '../ports.ts';
import { shownUser } from '../shapes.ts';
import { rowId, type UserRow, uniqueIds, users } from '../state.ts';
import { newTags, requestTagValues } from '../tags.ts';

/** "To tag a user at creation, the caller needs iam:TagUser too": IAM User Guide, "Tag IAM users". */
export const createUser = operation<CreateUserRequest, CreateUserResponse, IamPorts>({
  checks(input, call) {
    const tagValues = requestTagValues(input.Tags);
    const context = {
      ...tagValues,
      ...(input.PermissionsBoundary && { 'iam:PermissionsBoundary': input.PermissionsBoundary }),
    };
    const check = newEntityCheck(call, 'iam:CreateUser', 'user', input.Path, input.UserName, context);
    if (!input.Tags?.length) return [check];
    return [check, newEntityCheck(call, 'iam:TagUser', 'user', input.Path, input.UserName, tagValues)];
  },
  async handle(input, call, ports) {
    const { account } = call.scope;
    const key = rowId(input.UserName);
    if (await call.change.get(users, account, key)) throw alreadyExists('User', input.UserName);
    if ((await ports.count(users, account)) >= ports.quotas.users) {
      throw quotaExceeded('UsersPerAccount', ports.quotas.users);
    }
    const boundary = input.PermissionsBoundary;
    if (boundary !== undefined) {
      const document = await defaultDocument(call.change, account, boundary, ports.awsManaged);
      if (document === undefined) throw boundaryNotAttachable(boundary);
    }
    const row: UserRow = {
      id: uniqueId('AIDA', call.random),
      name: input.UserName,
      path: input.Path ?? '/',
      createdAt: call.now,
      inline: {},
      attached: [],
      tags: newTags(input.Tags, ports.quotas.tags),
      groups: [],
      accessKeyIds: [],
      ...(boundary !== undefined && { boundary }),
    };
    call.change.put(users, account, key, row);
    call.change.put(uniqueIds, '', row.id, { account, kind: 'user', name: row.name });
    if (boundary !== undefined) {
      recordAttachment(call.change, account, {
        policyArn: boundary,
        use: 'PermissionsBoundary',
        kind: 'user',
        name: row.name,
        entityId: row.id,
      });
    }
    return { User: shownUser(account, row) };
  },
});
