/** GetRateBasedStatementManagedKeys: whom a rate-based rule holds back now, at any edge node. */
import type {
  GetRateBasedStatementManagedKeysRequest,
  GetRateBasedStatementManagedKeysResponse,
} from '@aws-sdk/client-wafv2';
import { type Call, operation } from '../../service.ts';
import { arnOf } from '../arns.ts';
import { entityCheck } from '../checks.ts';
import { find, findByArn } from '../entity.ts';
import { nonexistentItem, unsupportedAggregateKey } from '../errors.ts';
import type { WafPorts } from '../ports.ts';
import { ruleGroups, type WebAclRow, webAcls } from '../state.ts';
import type { StoredRule } from '../stored-rules.ts';

type Input = GetRateBasedStatementManagedKeysRequest;

const namedBy = ({ WebACLName: Name, WebACLId: Id, Scope }: Input) =>
  ({ Name, Id, Scope }) as { readonly Name: string; readonly Id: string; readonly Scope: 'REGIONAL' | 'CLOUDFRONT' };

export const GetRateBasedStatementManagedKeys = operation<Input, GetRateBasedStatementManagedKeysResponse, WafPorts>({
  checks: async (input, call) => [
    await entityCheck(call, 'GetRateBasedStatementManagedKeys', 'webacl', namedBy(input)),
  ],
  async handle(input, call, { traffic }) {
    const acl = await find(call, webAcls, namedBy(input));
    const rule = await ruleOf(call, acl, input.RuleName, input.RuleGroupRuleName);
    const key = rule?.Statement.RateBasedStatement?.AggregateKeyType;
    if (key === undefined) throw nonexistentItem();
    if (key !== 'IP' && key !== 'FORWARDED_IP') throw unsupportedAggregateKey();
    const all = traffic.limited(arnOf('webacl', acl), input.RuleName, input.RuleGroupRuleName, call.now);
    return {
      ManagedKeysIPV4: { IPAddressVersion: 'IPV4', Addresses: blocks(all, false) },
      ManagedKeysIPV6: { IPAddressVersion: 'IPV6', Addresses: blocks(all, true) },
    };
  },
});

/** A rule of the web ACL, or one in the group that the web ACL's rule of the given name refers to. */
async function ruleOf(
  call: Call,
  acl: WebAclRow,
  name: string,
  groupRule: string | undefined,
): Promise<StoredRule | undefined> {
  if (groupRule === undefined) return acl.rules.find((rule) => rule.Name === name);
  const outer = acl.rules.find((rule) => rule.Name === groupRule);
  const arn = outer?.Statement.RuleGroupReferenceStatement?.ARN;
  if (arn === undefined) return undefined;
  return (await findByArn(call, ruleGroups, 'rulegroup', arn)).rules.find((rule) => rule.Name === name);
}

const blocks = (addresses: readonly string[], v6: boolean): string[] =>
  addresses
    .filter((address) => address.includes(':') === v6)
    .map((address) => (address.includes('/') ? address : `${address}/${v6 ? 128 : 32}`));
