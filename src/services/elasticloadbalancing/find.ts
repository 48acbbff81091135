/** Finding what calls name by ARN: only in the account and the region of the call. */
import type { Reader } from '../../store/store.ts';
import type { CheckCall, Scope } from '../service.ts';
import { type ParsedArn, parseArn, type ResourceKind } from './arns.ts';
import {
  listenerNotFound,
  loadBalancerNotFound,
  ruleNotFound,
  targetGroupNotFound,
  trustStoreNotFound,
  validation,
} from './errors.ts';
import {
  type ListenerRow,
  type LoadBalancerRow,
  listeners,
  loadBalancers,
  type RuleRow,
  regional,
  rules,
  type TargetGroupRow,
  type TrustStoreRow,
  targetGroups,
  trustStores,
} from './state.ts';

type Asking = Pick<CheckCall, 'change' | 'scope'>;

/** AWS says which kind it wanted: `'x' is not a valid load balancer ARN`. */
const kinds: Readonly<Record<ResourceKind, string>> = {
  loadbalancer: 'load balancer',
  listener: 'listener',
  'listener-rule': 'listener rule',
  targetgroup: 'target group',
  truststore: 'trust store',
};

/** @throws AwsError ValidationError for what is no ARN of this kind */
export function requireArn(arn: string, kind: ResourceKind): ParsedArn {
  const parsed = parseArn(arn);
  if (parsed?.kind !== kind) throw validation(`'${arn}' is not a valid ${kinds[kind]} ARN`);
  return parsed;
}

const isHere = (parsed: ParsedArn, scope: Scope): boolean =>
  parsed.account === scope.account && parsed.region === scope.region;

/** In any account and region, for readers of other services. */
export async function loadBalancerAt(reader: Reader, parsed: ParsedArn): Promise<LoadBalancerRow | undefined> {
  const row = await reader.get(loadBalancers, regional(parsed), parsed.name);
  return row?.id === parsed.id && parsed.path.startsWith(row.type === 'application' ? 'app/' : 'net/')
    ? row
    : undefined;
}

export async function targetGroupAt(reader: Reader, parsed: ParsedArn): Promise<TargetGroupRow | undefined> {
  const row = await reader.get(targetGroups, regional(parsed), parsed.name);
  return row?.id === parsed.id ? row : undefined;
}

export async function trustStoreAt(reader: Reader, parsed: ParsedArn): Promise<TrustStoreRow | undefined> {
  const row = await reader.get(trustStores, regional(parsed), parsed.name);
  return row?.id === parsed.id ? row : undefined;
}

/** @throws AwsError LoadBalancerNotFound, ValidationError */
export async function findLoadBalancer({ change, scope }: Asking, arn: string): Promise<LoadBalancerRow> {
  const parsed = requireArn(arn, 'loadbalancer');
  const row = isHere(parsed, scope) ? await loadBalancerAt(change, parsed) : undefined;
  if (!row) throw loadBalancerNotFound();
  return row;
}

/** @throws AwsError ListenerNotFound, ValidationError */
export async function findListener({ change, scope }: Asking, arn: string): Promise<ListenerRow> {
  const parsed = requireArn(arn, 'listener');
  const row = isHere(parsed, scope) ? await change.get(listeners, regional(parsed), parsed.path) : undefined;
  if (!row) throw listenerNotFound();
  return row;
}

/** @throws AwsError RuleNotFound, ValidationError */
export async function findRule({ change, scope }: Asking, arn: string): Promise<RuleRow> {
  const parsed = requireArn(arn, 'listener-rule');
  const row = isHere(parsed, scope) ? await change.get(rules, regional(parsed), parsed.path) : undefined;
  if (!row) throw ruleNotFound();
  return row;
}

/** @throws AwsError TargetGroupNotFound, ValidationError */
export async function findTargetGroup({ change, scope }: Asking, arn: string): Promise<TargetGroupRow> {
  const parsed = requireArn(arn, 'targetgroup');
  const row = isHere(parsed, scope) ? await targetGroupAt(change, parsed) : undefined;
  if (!row) throw targetGroupNotFound();
  return row;
}

/** @throws AwsError TrustStoreNotFound, ValidationError */
export async function findTrustStore({ change, scope }: Asking, arn: string): Promise<TrustStoreRow> {
  const parsed = requireArn(arn, 'truststore');
  const row = isHere(parsed, scope) ? await trustStoreAt(change, parsed) : undefined;
  if (!row) throw trustStoreNotFound();
  return row;
}
