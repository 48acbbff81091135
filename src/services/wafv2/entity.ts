/** Finding, making and changing what has a name, an id and a lock token. */
import type { Tag } from '@aws-sdk/client-wafv2';
import type { Table } from '../../store/store.ts';
import type { Call, CheckCall } from '../service.ts';
import { parseArn } from './arns.ts';
import { duplicateItem, invalidParameter, limitsExceeded, nonexistentItem, optimisticLock, reasons } from './errors.ts';
import { type EntityRow, entityPartition, type Kind, references, type Scope } from './state.ts';
import { mergeTags } from './tags.ts';

export interface Named {
  readonly Name: string;
  readonly Scope: Scope;
  readonly Id: string;
}

/** "Work with CloudFront": everything of that scope lies in us-east-1. */
const globalRegion = 'us-east-1';

/** @throws AwsError WAFInvalidParameterException */
export function requireScope(call: Pick<CheckCall, 'scope'>, scope: Scope): void {
  if (scope === 'CLOUDFRONT' && call.scope.region !== globalRegion) {
    throw invalidParameter('SCOPE_VALUE', scope, reasons.scope);
  }
}

export function partitionOf(call: Pick<CheckCall, 'scope'>, scope: Scope): string {
  return entityPartition(call.scope.account, call.scope.region, scope);
}

/** @throws AwsError WAFNonexistentItemException unless name and id belong together */
export async function find<T extends EntityRow>(call: CheckCall, table: Table<T>, wanted: Named): Promise<T> {
  requireScope(call, wanted.Scope);
  const row = await call.change.get(table, partitionOf(call, wanted.Scope), wanted.Name);
  if (!row || row.id !== wanted.Id) throw nonexistentItem();
  return row;
}

/** The same by ARN, in any account: who may is for the checks to say. */
export async function findByArn<T extends EntityRow>(
  call: Pick<CheckCall, 'change' | 'scope'>,
  table: Table<T>,
  kind: Kind,
  arn: string,
): Promise<T> {
  const parts = parseArn(arn);
  if (!parts || parts.region !== call.scope.region) throw invalidParameter('RESOURCE_ARN', arn, reasons.arn);
  const { account, region, scope, name, id } = parts;
  const row =
    parts.kind === kind ? await call.change.get(table, entityPartition(account, region, scope), name) : undefined;
  if (!row || row.id !== id) throw nonexistentItem();
  return row;
}

/** @throws AwsError WAFOptimisticLockException */
export function requireLock(row: EntityRow, token: string): void {
  if (row.lockToken !== token) throw optimisticLock();
}

/**
 * The beginning of a new row. Reads all names of the kind, so that two calls cannot go past a quota together.
 * @throws AwsError WAFDuplicateItemException, WAFLimitsExceededException, WAFTagOperationException
 */
export async function newEntity<T extends EntityRow>(
  call: Call,
  table: Table<T>,
  input: {
    readonly Name: string;
    readonly Scope: Scope;
    readonly Description?: string | undefined;
    readonly Tags?: readonly Tag[] | undefined;
  },
  quota: { readonly most: number; readonly sourceType: string },
): Promise<EntityRow> {
  requireScope(call, input.Scope);
  const partition = partitionOf(call, input.Scope);
  if (await call.change.get(table, partition, input.Name)) throw duplicateItem();
  const present = await call.change.list(table, partition, { limit: quota.most });
  if (present.length >= quota.most) throw limitsExceeded(quota.sourceType);
  return {
    account: call.scope.account,
    region: call.scope.region,
    scope: input.Scope,
    name: input.Name,
    id: call.random.uuid(),
    lockToken: call.random.uuid(),
    ...(input.Description !== undefined && { description: input.Description }),
    tags: mergeTags({}, input.Tags),
  };
}

/** A row with what an update says of every kind: the description is replaced, or goes. */
export function updated<T extends EntityRow>(call: Call, row: T, description: string | undefined): T {
  const { description: _before, ...rest } = row;
  return {
    ...rest,
    lockToken: call.random.uuid(),
    ...(description !== undefined && { description }),
  } as T;
}

export function store<T extends EntityRow>(call: Call, table: Table<T>, row: T): void {
  call.change.put(table, entityPartition(row.account, row.region, row.scope), row.name, row);
}

export function remove<T extends EntityRow>(call: Call, table: Table<T>, row: T): void {
  call.change.delete(table, entityPartition(row.account, row.region, row.scope), row.name);
}

export async function isReferred(call: CheckCall, arn: string): Promise<boolean> {
  return (await call.change.list(references, arn, { limit: 1 })).length > 0;
}
