/** ModifySecurityGroupRules, and the descriptions of rules. */
import type {
  IpPermission,
  ModifySecurityGroupRulesRequest,
  ModifySecurityGroupRulesResult,
  SecurityGroupRuleDescription,
  UpdateSecurityGroupRuleDescriptionsEgressRequest,
  UpdateSecurityGroupRuleDescriptionsEgressResult,
} from '@aws-sdk/client-ec2';
import type { Call } from '../../../service.ts';
import { on } from '../../network/checks.ts';
import { changing } from '../../network/declare.ts';
import { combination, missingParameter, notFound, refused } from '../../network/errors.ts';
import { namedGroup, resolved, rulesOfGroup } from '../../network/group-rules.ts';
import { ruleKey, rulesOf } from '../../network/permissions.ts';
import { readAll } from '../../network/rows.ts';
import { partitionOf, type SecurityGroupRuleRow, securityGroupRules, securityGroups } from '../../network/state.ts';

export const ModifySecurityGroupRules = changing<ModifySecurityGroupRulesRequest, ModifySecurityGroupRulesResult>({
  async checks(input, call) {
    const ids = (input.SecurityGroupRules ?? []).map(({ SecurityGroupRuleId: id }) => id);
    return [
      await on(call, 'security-group', input.GroupId),
      ...(await Promise.all(ids.map((id) => on(call, 'security-group-rule', id)))),
    ];
  },
  async handle(input, call) {
    const group = await namedGroup(call, input);
    const present = await rulesOfGroup(call, group.id);
    const after = new Map(present.map((rule) => [rule.id, rule]));
    for (const { SecurityGroupRuleId: id = '', SecurityGroupRule: wanted } of input.SecurityGroupRules ?? []) {
      const rule = present.find((one) => one.id === id);
      if (!rule) throw notFound('security-group-rule', id);
      if (!wanted) throw missingParameter('securityGroupRule');
      const { CidrIpv4, CidrIpv6, PrefixListId, ReferencedGroupId, Description } = wanted;
      const permission: IpPermission = {
        IpProtocol: wanted.IpProtocol ?? rule.protocol,
        FromPort: wanted.FromPort ?? rule.from,
        ToPort: wanted.ToPort ?? rule.to,
        IpRanges: CidrIpv4 === undefined ? [] : [{ CidrIp: CidrIpv4, Description }],
        Ipv6Ranges: CidrIpv6 === undefined ? [] : [{ CidrIpv6, Description }],
        PrefixListIds: PrefixListId === undefined ? [] : [{ PrefixListId, Description }],
        UserIdGroupPairs: ReferencedGroupId === undefined ? [] : [{ GroupId: ReferencedGroupId, Description }],
      };
      const [only, ...more] = rulesOf([permission], call.scope.account);
      if (!only || more.length > 0) {
        throw combination('Exactly one of CidrIpv4, CidrIpv6, PrefixListId and ReferencedGroupId must be given.');
      }
      after.set(id, { ...(await resolved(call, only)), id, group: group.id, isEgress: rule.isEgress });
    }
    if (new Set([...after.values()].map(ruleKey)).size < after.size) {
      throw refused('InvalidPermission.Duplicate', 'the specified rule already exists');
    }
    for (const [id, rule] of after) {
      if (rule !== present.find((one) => one.id === id)) put(call, rule);
    }
    return { Return: true };
  },
});

function put({ change, scope }: Call, rule: SecurityGroupRuleRow): void {
  change.put(securityGroupRules, partitionOf(scope), `${rule.group}/${rule.id}`, rule);
}

function describing(isEgress: boolean) {
  return changing<UpdateSecurityGroupRuleDescriptionsEgressRequest, UpdateSecurityGroupRuleDescriptionsEgressResult>({
    async checks(input, call) {
      const groups = await readAll(call.change, securityGroups, call.scope);
      return [
        await on(
          call,
          'security-group',
          input.GroupId ?? groups.find(({ name }) => name === input.GroupName)?.id ?? '*',
        ),
      ];
    },
    async handle(input, call) {
      const group = await namedGroup(call, input);
      const present = (await rulesOfGroup(call, group.id)).filter((rule) => rule.isEgress === isEgress);
      for (const wanted of await wantedDescriptions(call, present, input)) put(call, wanted);
      return { Return: true };
    },
  });
}

async function wantedDescriptions(
  call: Call,
  present: readonly SecurityGroupRuleRow[],
  input: UpdateSecurityGroupRuleDescriptionsEgressRequest,
): Promise<SecurityGroupRuleRow[]> {
  const byId = (input.SecurityGroupRuleDescriptions ?? []).map((one: SecurityGroupRuleDescription) => {
    const rule = present.find(({ id }) => id === one.SecurityGroupRuleId);
    if (!rule) throw notFound('security-group-rule', one.SecurityGroupRuleId ?? '');
    return described(rule, one.Description);
  });
  const asked = await Promise.all(
    rulesOf(input.IpPermissions ?? [], call.scope.account).map((rule) => resolved(call, rule)),
  );
  const byRule = asked.map((wanted) => {
    const rule = present.find(
      (one) => ruleKey({ ...one, isEgress: false }) === ruleKey({ ...wanted, isEgress: false }),
    );
    if (!rule) throw refused('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
    return described(rule, wanted.description);
  });
  if (byId.length + byRule.length === 0) throw missingParameter('ipPermissions');
  return [...byId, ...byRule];
}

function described(
  { description: _before, ...rule }: SecurityGroupRuleRow,
  description: string | undefined,
): SecurityGroupRuleRow {
  return description === undefined || description === '' ? rule : { ...rule, description };
}

export const UpdateSecurityGroupRuleDescriptionsIngress = describing(false);
export const UpdateSecurityGroupRuleDescriptionsEgress = describing(true);
