/** ARNs of WAF's resources, made and taken apart. */
import type { EntityRow, Kind, Scope } from './state.ts';

export interface ArnParts {
  readonly region: string;
  readonly account: string;
  readonly scope: Scope;
  readonly kind: Kind;
  readonly name: string;
  readonly id: string;
}

type Named = Pick<EntityRow, 'account' | 'region' | 'scope' | 'name' | 'id'>;

/** `arn:aws:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID`; `global` for CloudFront. */
export function arnOf(kind: Kind, { account, region, scope, name, id }: Named): string {
  return `arn:aws:wafv2:${region}:${account}:${scope === 'REGIONAL' ? 'regional' : 'global'}/${kind}/${name}/${id}`;
}

const kinds: ReadonlySet<string> = new Set(['webacl', 'rulegroup', 'ipset', 'regexpatternset', 'managedruleset']);

/** Undefined for what is no ARN of WAF. */
export function parseArn(arn: string): ArnParts | undefined {
  const [prefix, partition, service, region = '', account = '', resource = '', ...more] = arn.split(':');
  if (prefix !== 'arn' || partition !== 'aws' || service !== 'wafv2' || more.length > 0) return undefined;
  if (!/^\d{12}$/.test(account) || region === '') return undefined;
  const [where, kind = '', name = '', id = '', ...rest] = resource.split('/');
  if ((where !== 'regional' && where !== 'global') || rest.length > 0) return undefined;
  if (!kinds.has(kind) || name === '' || id === '') return undefined;
  return { region, account, scope: where === 'regional' ? 'REGIONAL' : 'CLOUDFRONT', kind: kind as Kind, name, id };
}

/**
 * What a web ACL or rule group puts before the names of its labels.
 * @see AWS WAF Developer Guide, "Label syntax and naming requirements"
 */
export function labelNamespace(kind: 'webacl' | 'rulegroup', { account, name }: Named): string {
  return `awswaf:${account}:${kind}:${name}:`;
}

/** Any managed rule group, as AWS authorizes its use: of the caller's own account, whoever sells it. */
export function anyManagedRuleSet(account: string, region: string, scope: Scope): string {
  return arnOf('managedruleset', { account, region, scope, name: '*', id: '*' });
}
