/** The checks of IAM's operations: an action on the ARN and tags of the entity that the call names. */
import type { Check, CheckCall, ConditionValues } from '../service.ts';
import { type EntityKind, entityArn, rootArn } from './arns.ts';
import type { Subject } from './entities.ts';
import { groups, instanceProfiles, roles, rowId, type Tags, users } from './state.ts';
import { resourceTagValues } from './tags.ts';

/** For actions without resource types. */
export function accountCheck(call: CheckCall, action: string, context?: ConditionValues): Check {
  return check(action, { arn: '*', account: call.scope.account }, context);
}

/** A user that there is, by its full ARN; one that there is not, by the ARN it would have at the root path. */
export async function userCheck(
  call: CheckCall,
  action: string,
  name: string,
  context?: ConditionValues,
): Promise<Check> {
  return taggedCheck(
    call,
    action,
    'user',
    name,
    await call.change.get(users, call.scope.account, rowId(name)),
    context,
  );
}

/** As `userCheck`. */
export async function roleCheck(
  call: CheckCall,
  action: string,
  name: string,
  context?: ConditionValues,
): Promise<Check> {
  return taggedCheck(
    call,
    action,
    'role',
    name,
    await call.change.get(roles, call.scope.account, rowId(name)),
    context,
  );
}

/** As `userCheck`; groups have no tags. */
export async function groupCheck(call: CheckCall, action: string, name: string): Promise<Check> {
  const { account } = call.scope;
  const row = await call.change.get(groups, account, rowId(name));
  return check(action, { arn: entityArn('group', account, row?.path ?? '/', row?.name ?? name), account });
}

/** As `userCheck`. */
export async function instanceProfileCheck(
  call: CheckCall,
  action: string,
  name: string,
  context?: ConditionValues,
): Promise<Check> {
  const { account } = call.scope;
  const row = await call.change.get(instanceProfiles, account, rowId(name));
  const arn = entityArn('instance-profile', account, row?.path ?? '/', row?.name ?? name);
  return check(action, { arn, account, ...(row && { tags: row.tags }) }, context);
}

/** The caller's own entity, or the one named. */
export async function subjectCheck(call: CheckCall, action: string, subject: Subject): Promise<Check> {
  if (subject.kind === 'user') return userCheck(call, action, subject.name);
  return check(action, { arn: rootArn(call.scope.account), account: call.scope.account });
}

/** An entity that is yet to be made. */
export function newEntityCheck(
  call: CheckCall,
  action: string,
  kind: EntityKind,
  path: string | undefined,
  name: string,
  context?: ConditionValues,
): Check {
  const { account } = call.scope;
  return check(action, { arn: entityArn(kind, account, path ?? '/', name), account }, context);
}

function taggedCheck(
  call: CheckCall,
  action: string,
  kind: 'user' | 'role',
  name: string,
  row: { readonly path: string; readonly name: string; readonly tags: Tags } | undefined,
  context: ConditionValues | undefined,
): Check {
  const { account } = call.scope;
  const arn = entityArn(kind, account, row?.path ?? '/', row?.name ?? name);
  const tags = row?.tags ?? {};
  return check(action, { arn, account, tags }, { ...resourceTagValues(tags), ...context });
}

function check(action: string, resource: Check['resource'], context?: ConditionValues): Check {
  return context ? { action, resource, context } : { action, resource };
}
