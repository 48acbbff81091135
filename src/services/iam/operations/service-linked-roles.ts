/** CreateServiceLinkedRole, DeleteServiceLinkedRole and GetServiceLinkedRoleDeletionStatus. */
import type {
  CreateServiceLinkedRoleRequest,
  CreateServiceLinkedRoleResponse,
  DeleteServiceLinkedRoleRequest,
  DeleteServiceLinkedRoleResponse,
  GetServiceLinkedRoleDeletionStatusRequest,
  GetServiceLinkedRoleDeletionStatusResponse,
} from '@aws-sdk/client-iam';
import { type Table, table } from '../../../store/store.ts';
import { operation } from '../../service.ts';
import { entityArn } from '../arns.ts';
import { attachmentsOf, dropAttachment, recordAttachment } from '../attachments.ts';
import { newEntityCheck, roleCheck } from '../checks.ts';
import { roleNamed } from '../entities.ts';
import { invalidInput, noSuchEntity, quotaExceeded } from '../errors.ts';
import { uniqueId } from '../ids.ts';
import type { IamPorts } from '../ports.ts';
import { linkedTrust, serviceLinks } from '../service-linked.ts';
import { listedRole } from '../shapes.ts';
import { type RoleRow, roles, rowId, uniqueIds } from '../state.ts';

/** Partition: account. Id: the task's. Deletion is done before its task is told, so that there is no state to keep. */
const deletions: Table<{ readonly deletedAt: number }> = table('iam.service-linked-role-deletion');

const linkedPath = '/aws-service-role/';

export const createServiceLinkedRole = operation<
  CreateServiceLinkedRoleRequest,
  CreateServiceLinkedRoleResponse,
  IamPorts
>({
  checks(input, call) {
    const path = `${linkedPath}${input.AWSServiceName}/`;
    const name = linkedName(input.AWSServiceName, input.CustomSuffix) ?? '*';
    const context = { 'iam:AWSServiceName': input.AWSServiceName };
    return [newEntityCheck(call, 'iam:CreateServiceLinkedRole', 'role', path, name, context)];
  },
  async handle(input, call, ports) {
    const { account } = call.scope;
    const service = input.AWSServiceName;
    const link = serviceLinks.get(service);
    const name = linkedName(service, input.CustomSuffix);
    if (!link || name === undefined) {
      throw invalidInput(`${service} is not a service that Bailey knows a service-linked role for.`);
    }
    if (input.CustomSuffix !== undefined && !link.suffixAllowed) {
      throw invalidInput(`Custom suffix is not allowed for ${service}`);
    }
    if (await call.change.get(roles, account, rowId(name))) {
      throw invalidInput(`Service role name ${name} has been taken in this account, please try a different suffix.`);
    }
    if ((await ports.count(roles, account)) >= ports.quotas.roles) {
      throw quotaExceeded('RolesPerAccount', ports.quotas.roles);
    }
    const row: RoleRow = {
      id: uniqueId('AROA', call.random),
      name,
      path: `${linkedPath}${service}/`,
      createdAt: call.now,
      inline: {},
      attached: [link.policyArn],
      ...(input.Description !== undefined && { description: input.Description }),
      maxSessionSeconds: 3_600,
      trust: { document: linkedTrust(service), principalIds: {} },
      tags: {},
      instanceProfiles: [],
      linkedTo: service,
    };
    call.change.put(roles, account, rowId(name), row);
    call.change.put(uniqueIds, '', row.id, { account, kind: 'role', name });
    for (const attachment of attachmentsOf('role', row)) recordAttachment(call.change, account, attachment);
    const { MaxSessionDuration: _seconds, ...role } = listedRole(account, row);
    return { Role: role };
  },
});

/** No service of Bailey holds on to its role yet, so deletion succeeds at once. */
export const deleteServiceLinkedRole = operation<
  DeleteServiceLinkedRoleRequest,
  DeleteServiceLinkedRoleResponse,
  IamPorts
>({
  checks: async (input, call) => [await roleCheck(call, 'iam:DeleteServiceLinkedRole', input.RoleName)],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await roleNamed(call.change, account, input.RoleName);
    if (row.linkedTo === undefined) throw invalidInput(`${row.name} is not a service-linked role.`);
    call.change.delete(roles, account, rowId(row.name));
    call.change.delete(uniqueIds, '', row.id);
    for (const attachment of attachmentsOf('role', row)) dropAttachment(call.change, account, attachment);
    const task = `task${row.path}${row.name}/${call.random.uuid()}`;
    call.change.put(deletions, account, task, { deletedAt: call.now });
    return { DeletionTaskId: task };
  },
});

export const getServiceLinkedRoleDeletionStatus = operation<
  GetServiceLinkedRoleDeletionStatusRequest,
  GetServiceLinkedRoleDeletionStatusResponse,
  IamPorts
>({
  checks(input, call) {
    const { account } = call.scope;
    const [, path, service, name] = input.DeletionTaskId.split('/');
    const arn = name ? entityArn('role', account, `/${path}/${service}/`, name) : '*';
    return [{ action: 'iam:GetServiceLinkedRoleDeletionStatus', resource: { arn, account } }];
  },
  async handle(input, call) {
    if (!(await call.change.get(deletions, call.scope.account, input.DeletionTaskId))) {
      throw noSuchEntity(`Deletion task ${input.DeletionTaskId} was not found.`);
    }
    return { Status: 'SUCCEEDED' };
  },
});

function linkedName(service: string, suffix: string | undefined): string | undefined {
  const link = serviceLinks.get(service);
  if (!link) return undefined;
  return suffix === undefined ? link.roleName : `${link.roleName}_${suffix}`;
}
