/** Authorize and Revoke, both ways, and DescribeSecurityGroupRules. */
import type {
  AuthorizeSecurityGroupEgressRequest,
  AuthorizeSecurityGroupEgressResult,
  AuthorizeSecurityGroupIngressRequest,
  AuthorizeSecurityGroupIngressResult,
  DescribeSecurityGroupRulesRequest,
  DescribeSecurityGroupRulesResult,
  IpPermission,
  RevokeSecurityGroupEgressRequest,
  RevokeSecurityGroupEgressResult,
  RevokeSecurityGroupIngressRequest,
  RevokeSecurityGroupIngressResult,
} from '@aws-sdk/client-ec2';
import type { Call, Check, CheckCall } from '../../../service.ts';
import { ec2Arn } from '../../arns.ts';
import { on, onAll } from '../../network/checks.ts';
import { changing, reading } from '../../network/declare.ts';
import { describe } from '../../network/describe.ts';
import { refused } from '../../network/errors.ts';
import { addRules, namedGroup, removeRules } from '../../network/group-rules.ts';
import { type SimplePermission, shownRule, simplePermission } from '../../network/permissions.ts';
import { readAll } from '../../network/rows.ts';
import {
  type SecurityGroupRow,
  type SecurityGroupRuleRow,
  securityGroupRules,
  securityGroups,
} from '../../network/state.ts';
import { givenTags, taggingChecks, tagsOf } from '../../network/tags.ts';

interface Named extends SimplePermission {
  readonly GroupId?: string | undefined;
  readonly GroupName?: string | undefined;
  readonly IpPermissions?: readonly IpPermission[] | undefined;
  readonly SourceSecurityGroupName?: string | undefined;
  readonly SourceSecurityGroupOwnerId?: string | undefined;
}

async function groupCheck(call: CheckCall, input: Named): Promise<Check> {
  const groups = await readAll(call.change, securityGroups, call.scope);
  return on(call, 'security-group', input.GroupId ?? groups.find(({ name }) => name === input.GroupName)?.id ?? '*');
}

/** IpPermissions, or the parameters of before them. */
function permissionsOf(input: Named): readonly IpPermission[] {
  const { SourceSecurityGroupName: name, SourceSecurityGroupOwnerId: owner } = input;
  const groups: IpPermission[] =
    name === undefined
      ? []
      : [
          {
            IpProtocol: input.IpProtocol ?? '-1',
            FromPort: input.FromPort,
            ToPort: input.ToPort,
            UserIdGroupPairs: [{ GroupName: name, UserId: owner }],
          },
        ];
  return [...(input.IpPermissions ?? []), ...(name === undefined ? simplePermission(input) : groups)];
}

async function shownRules(call: Call, rules: readonly SecurityGroupRuleRow[]) {
  return Promise.all(
    rules.map(async (rule) =>
      shownRule(
        rule,
        call.scope.account,
        await tagsOf(call.change, call.scope, rule.id),
        ec2Arn(call, 'security-group-rule', rule.id),
      ),
    ),
  );
}

function authorizing(isEgress: boolean) {
  type Input = AuthorizeSecurityGroupIngressRequest & AuthorizeSecurityGroupEgressRequest;
  return changing<Input, AuthorizeSecurityGroupIngressResult & AuthorizeSecurityGroupEgressResult>({
    async checks(input, call) {
      const { checks } = taggingChecks(call, input.TagSpecifications, 'security-group-rule');
      return [await groupCheck(call, input), ...checks];
    },
    async handle(input, call) {
      const group: SecurityGroupRow = await namedGroup(call, input);
      const tags = givenTags(input.TagSpecifications, 'security-group-rule');
      const made = await addRules(call, group, isEgress, permissionsOf(input), tags);
      return { Return: true, SecurityGroupRules: await shownRules(call, made) };
    },
  });
}

function revoking(isEgress: boolean) {
  type Input = RevokeSecurityGroupIngressRequest & RevokeSecurityGroupEgressRequest;
  return changing<Input, RevokeSecurityGroupIngressResult & RevokeSecurityGroupEgressResult>({
    checks: async (input, call) => [await groupCheck(call, input)],
    async handle(input, call) {
      const group = await namedGroup(call, input);
      const permissions = permissionsOf(input);
      const { gone, unknown } = await removeRules(call, group, isEgress, {
        permissions,
        ids: input.SecurityGroupRuleIds ?? [],
      });
      if (gone.length === 0) {
        throw refused('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.');
      }
      return {
        Return: true,
        UnknownIpPermissions: [...unknown],
        RevokedSecurityGroupRules: gone.map((rule) => ({
          SecurityGroupRuleId: rule.id,
          GroupId: rule.group,
          IsEgress: rule.isEgress,
          IpProtocol: rule.protocol,
          FromPort: rule.from ?? -1,
          ToPort: rule.to ?? -1,
          CidrIpv4: rule.cidr4,
          CidrIpv6: rule.cidr6,
          PrefixListId: rule.prefixList,
          ReferencedGroupId: rule.peer,
          Description: rule.description,
        })),
      };
    },
  });
}

export const AuthorizeSecurityGroupIngress = authorizing(false);
export const AuthorizeSecurityGroupEgress = authorizing(true);
export const RevokeSecurityGroupIngress = revoking(false);
export const RevokeSecurityGroupEgress = revoking(true);

export const DescribeSecurityGroupRules = reading<DescribeSecurityGroupRulesRequest, DescribeSecurityGroupRulesResult>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const { rows, next } = await describe<SecurityGroupRuleRow>(
      call,
      { ...input, ids: input.SecurityGroupRuleIds },
      {
        table: securityGroupRules,
        kind: 'security-group-rule',
        facts: { 'group-id': ({ group }) => group, 'security-group-rule-id': ({ id }) => id },
      },
    );
    return { SecurityGroupRules: await shownRules(call, rows), ...next };
  },
});
