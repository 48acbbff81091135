/** ARNs of load balancers, listeners, rules, target groups and trust stores, made and taken apart. */
import type { ListenerRow, LoadBalancerRow, RuleRow, TargetGroupRow, TrustStoreRow } from './state.ts';

type Place = { readonly account: string; readonly region: string };

/** @param resource what follows the account: `loadbalancer/app/NAME/ID` */
export const arnOf = ({ account, region }: Place, resource: string): string =>
  `arn:aws:elasticloadbalancing:${region}:${account}:${resource}`;

/** `app` and `net` stand for the types in paths. */
export const typeCodes = { application: 'app', network: 'net' } as const;

/** `app/NAME/ID`: with a slash after it, what the paths of its listeners and rules begin with. */
export const loadBalancerPath = ({ type, name, id }: Pick<LoadBalancerRow, 'type' | 'name' | 'id'>): string =>
  `${typeCodes[type]}/${name}/${id}`;

export const loadBalancerArn = (row: LoadBalancerRow): string => arnOf(row, `loadbalancer/${loadBalancerPath(row)}`);
export const listenerArn = (row: Pick<ListenerRow, 'account' | 'region' | 'path'>): string =>
  arnOf(row, `listener/${row.path}`);
export const ruleArn = (row: Pick<RuleRow, 'account' | 'region' | 'path'>): string =>
  arnOf(row, `listener-rule/${row.path}`);
export const targetGroupArn = (row: Pick<TargetGroupRow, 'account' | 'region' | 'name' | 'id'>): string =>
  arnOf(row, `targetgroup/${row.name}/${row.id}`);
export const trustStoreArn = (row: Pick<TrustStoreRow, 'account' | 'region' | 'name' | 'id'>): string =>
  arnOf(row, `truststore/${row.name}/${row.id}`);

/** `app/NAME/LBID` of the path of a listener or a rule. */
export const loadBalancerOf = (path: string): string => path.split('/').slice(0, 3).join('/');
/** `app/NAME/LBID/LISTENERID` of the path of a rule. */
export const listenerOf = (path: string): string => path.split('/').slice(0, 4).join('/');
export const loadBalancerArnOf = (row: Place & { readonly path: string }): string =>
  arnOf(row, `loadbalancer/${loadBalancerOf(row.path)}`);

export type ResourceKind = 'loadbalancer' | 'listener' | 'listener-rule' | 'targetgroup' | 'truststore';

export interface ParsedArn extends Place {
  readonly kind: ResourceKind;
  /** What follows the kind: `app/NAME/ID/…`, or `NAME/ID`. */
  readonly path: string;
  readonly name: string;
  readonly id: string;
}

const shapes: Readonly<Record<ResourceKind, RegExp>> = {
  loadbalancer: /^(?:app|net)\/([A-Za-z0-9-]{1,32})\/([0-9a-f]{16})$/,
  listener: /^(?:app|net)\/([A-Za-z0-9-]{1,32})\/([0-9a-f]{16})\/[0-9a-f]{16}$/,
  'listener-rule': /^(?:app|net)\/([A-Za-z0-9-]{1,32})\/([0-9a-f]{16})\/[0-9a-f]{16}\/[0-9a-f]{16}$/,
  targetgroup: /^([A-Za-z0-9-]{1,32})\/([0-9a-f]{16})$/,
  truststore: /^([A-Za-z0-9-]{1,32})\/([0-9a-f]{16})$/,
};

const isKind = (text: string): text is ResourceKind => Object.hasOwn(shapes, text);

/** Undefined for what is no ARN of this service. `name` and `id` are the load balancer's for listeners and rules. */
export function parseArn(arn: string): ParsedArn | undefined {
  const found = /^arn:aws:elasticloadbalancing:([a-z0-9-]+):(\d{12}):([a-z-]+)\/(.+)$/.exec(arn);
  if (!found) return undefined;
  const [, region = '', account = '', kind = '', path = ''] = found;
  if (!isKind(kind)) return undefined;
  const parts = shapes[kind].exec(path);
  return parts ? { region, account, kind, path, name: parts[1] ?? '', id: parts[2] ?? '' } : undefined;
}
