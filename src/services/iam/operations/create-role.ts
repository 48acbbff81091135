/** CreateRole: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
import type { CreateRoleRequest, CreateRoleResponse, Role } from '@aws-sdk/client-iam';
import { operation } from '../../service.ts';
import { recordAttachment } from '../attachments.ts';
import { newEntityCheck } from '../checks.ts';
import { alreadyExists, boundaryNotAttachable, invalidInput, quotaExceeded } from '../errors.ts';
import { uniqueId } from '../ids.ts';
import { findPolicy } from '../managed-policies.ts';
import { checkedTrustPolicy } from '../policy-validation.ts';
import type { IamPorts } from '../ports.ts';
import { boundary, listedRole } from '../shapes.ts';
import { type RoleRow, roles, rowId, uniqueIds } from '../state.ts';
import { newTags, requestTagValues, tagList } from '../tags.ts';
import { boundPrincipals } from '../trust-policy.ts';

const defaultSessionSeconds = 3_600;

/** "To tag a role at creation, the caller needs iam:TagRole too." */
export const createRole = operation<CreateRoleRequest, CreateRoleResponse, IamPorts>({
  checks(input, call) {
    const tagValues = requestTagValues(input.Tags);
    const context = {
      ...tagValues,
      ...(input.PermissionsBoundary && { 'iam:PermissionsBoundary': input.PermissionsBoundary }),
    };
    const check = newEntityCheck(call, 'iam:CreateRole', 'role', input.Path, input.RoleName, context);
    if (!input.Tags?.length) return [check];
    return [check, newEntityCheck(call, 'iam:TagRole', 'role', input.Path, input.RoleName, tagValues)];
  },
  async handle(input, call, ports) {
    const { account } = call.scope;
    if (input.Path?.startsWith('/aws-service-role/')) {
      throw invalidInput('The path /aws-service-role/ is kept for service-linked roles.');
    }
    const document = checkedTrustPolicy(input.AssumeRolePolicyDocument, ports.quotas);
    const tags = newTags(input.Tags, ports.quotas.tags);
    if (await call.change.get(roles, account, rowId(input.RoleName))) throw alreadyExists('Role', input.RoleName);
    if ((await ports.count(roles, account)) >= ports.quotas.roles) {
      throw quotaExceeded('RolesPerAccount', ports.quotas.roles);
    }
    const limit = input.PermissionsBoundary;
    if (limit !== undefined && !(await findPolicy(call.change, account, limit))) throw boundaryNotAttachable(limit);
    const row: RoleRow = {
      id: uniqueId('AROA', call.random),
      name: input.RoleName,
      path: input.Path ?? '/',
      createdAt: call.now,
      inline: {},
      attached: [],
      ...(input.Description !== undefined && { description: input.Description }),
      maxSessionSeconds: input.MaxSessionDuration ?? defaultSessionSeconds,
      trust: {
        document: input.AssumeRolePolicyDocument,
        principalIds: await boundPrincipals(call.change, document),
      },
      tags,
      ...(limit !== undefined && { boundary: limit }),
      instanceProfiles: [],
    };
    call.change.put(roles, account, rowId(row.name), row);
    call.change.put(uniqueIds, '', row.id, { account, kind: 'role', name: row.name });
    if (limit !== undefined) {
      recordAttachment(call.change, account, {
        policyArn: limit,
        use: 'PermissionsBoundary',
        kind: 'role',
        name: row.name,
        entityId: row.id,
      });
    }
    return { Role: newRole(account, row, input.MaxSessionDuration !== undefined) };
  },
});

/** The answer tells the session length only to those who chose it. */
function newRole(account: string, row: RoleRow, withDuration: boolean): Role {
  const { MaxSessionDuration, ...role } = listedRole(account, row);
  return {
    ...role,
    ...(withDuration && { MaxSessionDuration }),
    ...(row.boundary !== undefined && { PermissionsBoundary: boundary(row.boundary) }),
    ...(Object.keys(row.tags).length > 0 && { Tags: tagList(row.tags) }),
  };
}
