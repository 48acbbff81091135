/** Web ACLs as edge nodes need them: whole, with the sets and groups that their rules refer to. */
import { createHash } from 'node:crypto';
import type { AssociationConfig } from '@aws-sdk/client-wafv2';
import { type VendorRuleGroup, vendorGroupKey, type WebAclBundle } from '../../engines/waf/bundle.ts';
import type { FirewallManagerRuleGroup, Rule, RuleGroupDefinition, WebACLDefinition } from '../../engines/waf/types.ts';
import type { Reader, Table } from '../../store/store.ts';
import { arnOf, parseArn } from './arns.ts';
import { vendorGroupId, vendorNamespace } from './managed-groups.ts';
import {
  associations,
  type EntityRow,
  entityPartition,
  ipSets,
  type LoggingRow,
  loggingConfigurations,
  managedRuleSets,
  regexPatternSets,
  ruleGroups,
  type Scope,
  tokenKeys,
  vendorGroups,
  versionOf,
  type WebAclRow,
  webAcls,
} from './state.ts';
import { statementsOf } from './stored-rules.ts';

export interface ResolvedWebAcl {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly scope: Scope;
  /** Two with the same revision are the same. */
  readonly revision: string;
  readonly definition: WebAclBundle;
  /** Base64 of 32 bytes: seals the tokens of CAPTCHA and Challenge. */
  readonly tokenKey: string;
  readonly inspectedBodyBytes: number;
  /** Then every request of it is to be reported, for the log. */
  readonly isLogged: boolean;
}

export interface WebAclsInUse {
  readonly webAcls: readonly ResolvedWebAcl[];
  /** ARN of a load balancer → ARN of its web ACL. */
  readonly byResource: ReadonlyMap<string, string>;
}

/**
 * Everything that protects something.
 * @param more ARNs of web ACLs that distributions name
 * @param now epoch milliseconds: versions of vendors' groups expire
 */
export async function webAclsFor(reader: Reader, now: number, more: readonly string[] = []): Promise<WebAclsInUse> {
  const rows = await reader.list(associations, '');
  const byResource = new Map(rows.map(({ id, value }) => [id, value.webAclArn]));
  const arns = new Set([...byResource.values(), ...more]);
  const found = await Promise.all([...arns].map((arn) => resolveWebAcl(reader, arn, now)));
  return { webAcls: found.filter((acl) => acl !== undefined), byResource };
}

/** In any account; undefined: there is none. */
export function webAclByArn(reader: Reader, arn: string): Promise<WebAclRow | undefined> {
  return at(reader, webAcls, arn);
}

/** Undefined: there is none. */
export async function resolveWebAcl(reader: Reader, arn: string, now: number): Promise<ResolvedWebAcl | undefined> {
  const row = await webAclByArn(reader, arn);
  if (!row) return undefined;
  const { account, region, scope, name } = row;
  const definition = await bundle(reader, row, now);
  const tokenKey = (await reader.get(tokenKeys, arn, 'token-key'))?.key ?? '';
  const logging = await reader.list(loggingConfigurations, entityPartition(account, region, scope));
  const isLogged = logging.some(({ value }: { readonly value: LoggingRow }) => value.webAclArn === arn);
  const inspectedBodyBytes = bodyLimit(row);
  const content = JSON.stringify({ definition, tokenKey, inspectedBodyBytes, isLogged });
  const revision = createHash('sha256').update(content).digest('hex').slice(0, 32);
  return { arn, name, account, region, scope, revision, definition, tokenKey, inspectedBodyBytes, isLogged };
}

const sizes: Readonly<Record<string, number>> = { KB_16: 16_384, KB_32: 32_768, KB_48: 49_152, KB_64: 65_536 };

/** Load balancers hand over 8 KB, distributions 16 KB or what the web ACL asks for. */
function bodyLimit({ scope, settings }: Pick<WebAclRow, 'scope' | 'settings'>): number {
  if (scope === 'REGIONAL') return 8_192;
  const config = settings.AssociationConfig as AssociationConfig | undefined;
  return sizes[config?.RequestBody?.CLOUDFRONT?.DefaultSizeInspectionLimit ?? 'KB_16'] ?? 16_384;
}

/** A web ACL that need not be stored: for replays of one that is about to be. */
export async function bundle(reader: Reader, row: WebAclRow, now: number): Promise<WebAclBundle> {
  const webAcl: WebACLDefinition = {
    Name: row.name,
    ARN: arnOf('webacl', row),
    ...(row.settings as unknown as Pick<WebACLDefinition, 'DefaultAction' | 'VisibilityConfig'>),
    Rules: row.rules,
    ...(row.managed && {
      PreProcessFirewallManagerRuleGroups: row.managed.before.map(placed),
      PostProcessFirewallManagerRuleGroups: row.managed.after.map(placed),
    }),
  };
  const parts: Parts = { ipSets: {}, regexPatternSets: {}, ruleGroups: {}, vendorGroups: {} };
  const rules = [...(row.managed?.before ?? []), ...row.rules, ...(row.managed?.after ?? [])];
  await gather(reader, rules, row, now, parts);
  return { webAcl, ...parts };
}

function placed(rule: Rule): FirewallManagerRuleGroup {
  const { ManagedRuleGroupStatement, RuleGroupReferenceStatement } = rule.Statement;
  return {
    Name: rule.Name,
    Priority: rule.Priority,
    FirewallManagerStatement: {
      ...(ManagedRuleGroupStatement && { ManagedRuleGroupStatement }),
      ...(RuleGroupReferenceStatement && { RuleGroupReferenceStatement }),
    },
    OverrideAction: rule.OverrideAction ?? { None: {} },
    VisibilityConfig: rule.VisibilityConfig,
  };
}

type Parts = { [Key in keyof Omit<WebAclBundle, 'webAcl'>]: Record<string, WebAclBundle[Key][string]> };
type Place = Pick<WebAclRow, 'region' | 'scope'>;

/** Groups are not nested, so this goes one level deep. */
async function gather(reader: Reader, rules: readonly Rule[], place: Place, now: number, parts: Parts): Promise<void> {
  for (const rule of rules) {
    for (const statement of statementsOf(rule.Statement as Parameters<typeof statementsOf>[0])) {
      const ipSetArn = statement.IPSetReferenceStatement?.ARN;
      if (ipSetArn !== undefined) {
        const set = await at(reader, ipSets, ipSetArn);
        if (set) parts.ipSets[ipSetArn] = { Addresses: set.addresses };
      }
      const patternsArn = statement.RegexPatternSetReferenceStatement?.ARN;
      if (patternsArn !== undefined) {
        const set = await at(reader, regexPatternSets, patternsArn);
        if (set) {
          const list = set.patterns.map((RegexString) => ({ RegexString }));
          parts.regexPatternSets[patternsArn] = { RegularExpressionList: list };
        }
      }
      const groupArn = statement.RuleGroupReferenceStatement?.ARN;
      if (groupArn !== undefined && parts.ruleGroups[groupArn] === undefined) {
        const group = await at(reader, ruleGroups, groupArn);
        if (group) {
          parts.ruleGroups[groupArn] = {
            Name: group.name,
            ARN: groupArn,
            ...(group.settings as unknown as Pick<RuleGroupDefinition, 'VisibilityConfig'>),
            Rules: group.rules,
          };
          await gather(reader, group.rules, place, now, parts);
        }
      }
      const managed = statement.ManagedRuleGroupStatement;
      if (managed && managed.VendorName !== 'AWS') {
        const { VendorName: vendor = '', Name: name = '', Version: version } = managed;
        const group = await vendorGroup(reader, place, vendor, name, version, now);
        if (group) {
          parts.vendorGroups[vendorGroupKey(vendor, name, version)] = group.definition;
          await gather(reader, group.rules, place, now, parts);
        }
      }
    }
  }
}

/** A version that has expired gives way to the one that its vendor recommends. */
async function vendorGroup(
  reader: Reader,
  { region, scope }: Place,
  vendor: string,
  name: string,
  version: string | undefined,
  now: number,
): Promise<{ readonly definition: VendorRuleGroup; readonly rules: readonly Rule[] } | undefined> {
  const place = await reader.get(vendorGroups, '', vendorGroupId(region, scope, vendor, name));
  if (!place) return undefined;
  const set = await reader.get(managedRuleSets, entityPartition(place.account, place.region, scope), place.name);
  if (!set) return undefined;
  const asked = versionOf(set, version);
  const isLive = asked !== undefined && (asked.expiresAt === undefined || asked.expiresAt > now);
  const [newest = ''] = Object.keys(set.versions).slice(-1);
  const chosen = isLive ? (version ?? newest) : (set.recommended ?? newest);
  const published = versionOf(set, chosen);
  if (!published) return undefined;
  const namespace = vendorNamespace(vendor, name);
  const definition: VendorRuleGroup = {
    VendorName: vendor,
    Name: name,
    Version: chosen,
    Capacity: published.capacity,
    LabelNamespace: namespace,
    Rules: published.rules.map((rule) => ({
      Name: rule.Name,
      Action: rule.Action ?? { Count: {} },
      Labels: (rule.RuleLabels ?? []).map((label) => `${namespace}${label.Name}`),
      Statement: rule.Statement,
    })),
  };
  return { definition, rules: published.rules };
}

async function at<T extends EntityRow>(reader: Reader, table: Table<T>, arn: string): Promise<T | undefined> {
  const parts = parseArn(arn);
  if (!parts) return undefined;
  const row = await reader.get(table, entityPartition(parts.account, parts.region, parts.scope), parts.name);
  return row?.id === parts.id ? row : undefined;
}
