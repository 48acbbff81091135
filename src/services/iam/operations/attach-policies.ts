/** Attach…Policy and Detach…Policy for users, groups and roles. */
import type {
  AttachGroupPolicyRequest,
  AttachRolePolicyRequest,
  AttachUserPolicyRequest,
  DetachGroupPolicyRequest,
  DetachRolePolicyRequest,
  DetachUserPolicyRequest,
} from '@aws-sdk/client-iam';
import { AwsError, type Call, type Check, type CheckCall, operation } from '../../service.ts';
import { dropAttachment, recordAttachment } from '../attachments.ts';
import { noSuchPolicy, policyNotAttachable, quotaExceeded } from '../errors.ts';
import { boundaryValues, groupHolder, type Holder, roleHolder, userHolder } from '../holders.ts';
import { findPolicy } from '../managed-policies.ts';
import type { IamPorts } from '../ports.ts';
import { type PolicyHolder, rowId } from '../state.ts';

type AnyRow = PolicyHolder & { readonly boundary?: string };

export const attachUserPolicy = operation<AttachUserPolicyRequest, object, IamPorts>({
  checks: (input, call) => checks(userHolder, 'Attach', call, input.UserName, input.PolicyArn),
  handle: (input, call, ports) => attach(userHolder, call, ports, input.UserName, input.PolicyArn),
});

export const attachGroupPolicy = operation<AttachGroupPolicyRequest, object, IamPorts>({
  checks: (input, call) => checks(groupHolder, 'Attach', call, input.GroupName, input.PolicyArn),
  handle: (input, call, ports) => attach(groupHolder, call, ports, input.GroupName, input.PolicyArn),
});

export const attachRolePolicy = operation<AttachRolePolicyRequest, object, IamPorts>({
  checks: (input, call) => checks(roleHolder, 'Attach', call, input.RoleName, input.PolicyArn),
  handle: (input, call, ports) => attach(roleHolder, call, ports, input.RoleName, input.PolicyArn),
});

export const detachUserPolicy = operation<DetachUserPolicyRequest, object, IamPorts>({
  checks: (input, call) => checks(userHolder, 'Detach', call, input.UserName, input.PolicyArn),
  handle: (input, call) => detach(userHolder, call, input.UserName, input.PolicyArn),
});

export const detachGroupPolicy = operation<DetachGroupPolicyRequest, object, IamPorts>({
  checks: (input, call) => checks(groupHolder, 'Detach', call, input.GroupName, input.PolicyArn),
  handle: (input, call) => detach(groupHolder, call, input.GroupName, input.PolicyArn),
});

export const detachRolePolicy = operation<DetachRolePolicyRequest, object, IamPorts>({
  checks: (input, call) => checks(roleHolder, 'Detach', call, input.RoleName, input.PolicyArn),
  handle: (input, call) => detach(roleHolder, call, input.RoleName, input.PolicyArn),
});

async function checks<R extends AnyRow>(
  holder: Holder<R>,
  verb: 'Attach' | 'Detach',
  call: CheckCall,
  name: string,
  arn: string,
): Promise<Check[]> {
  const context = { 'iam:PolicyARN': arn, ...(await boundaryValues(holder, call, name)) };
  return [await holder.check(call, `iam:${verb}${holder.title}Policy`, name, context)];
}

/** Attaching what is attached already changes nothing. */
async function attach<R extends AnyRow>(
  holder: Holder<R>,
  call: Call,
  ports: IamPorts,
  name: string,
  arn: string,
): Promise<object> {
  const { account } = call.scope;
  const row = await holder.named(call.change, account, name);
  holder.assertModifiable(row);
  const policy = await findPolicy(call.change, account, arn);
  if (!policy) throw policyNotAttachable(arn);
  if (policy.awsManaged && policy.path === '/aws-service-role/') {
    throw new AwsError('PolicyNotAttachable', 'Cannot attach a Service Role Policy to a Customer Role.', {
      status: 400,
    });
  }
  if (row.attached.includes(arn)) return {};
  const limit = holder.attachmentLimit(ports.quotas);
  if (row.attached.length >= limit) throw quotaExceeded(`PoliciesPer${holder.title}`, limit);
  call.change.put(holder.table, account, rowId(row.name), { ...row, attached: [...row.attached, arn] });
  recordAttachment(call.change, account, {
    policyArn: arn,
    use: 'PermissionsPolicy',
    kind: holder.kind,
    name: row.name,
    entityId: row.id,
  });
  return {};
}

async function detach<R extends AnyRow>(holder: Holder<R>, call: Call, name: string, arn: string): Promise<object> {
  const { account } = call.scope;
  const row = await holder.named(call.change, account, name);
  holder.assertModifiable(row);
  await findPolicy(call.change, account, arn);
  if (!row.attached.includes(arn)) throw noSuchPolicy(arn);
  call.change.put(holder.table, account, rowId(row.name), {
    ...row,
    attached: row.attached.filter((attached) => attached !== arn),
  });
  dropAttachment(call.change, account, {
    policyArn: arn,
    use: 'PermissionsPolicy',
    kind: holder.kind,
    name: row.name,
  });
  return {};
}
