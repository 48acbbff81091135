/** DescribeSecurityGroupReferences and DescribeStaleSecurityGroups: rules across peered VPCs, of which there are none here. */
import type {
  DescribeSecurityGroupReferencesRequest,
  DescribeSecurityGroupReferencesResult,
  DescribeStaleSecurityGroupsRequest,
  DescribeStaleSecurityGroupsResult,
  StaleIpPermission,
} from '@aws-sdk/client-ec2';
import { onAll, onEach } from '../../network/checks.ts';
import { reading } from '../../network/declare.ts';
import { findGroup, findVpc } from '../../network/find.ts';
import { shownPermissions } from '../../network/permissions.ts';
import { readAll } from '../../network/rows.ts';
import { type SecurityGroupRuleRow, securityGroupRules, securityGroups } from '../../network/state.ts';

/** The groups of other VPCs that name these. */
export const DescribeSecurityGroupReferences = reading<
  DescribeSecurityGroupReferencesRequest,
  DescribeSecurityGroupReferencesResult
>({
  checks: (input, call) => onEach(call, 'security-group', input.GroupId ?? []),
  async handle(input, call) {
    const named = await Promise.all((input.GroupId ?? []).map((id) => findGroup(call, id)));
    const groups = new Map((await readAll(call.change, securityGroups, call.scope)).map((group) => [group.id, group]));
    const rules = await readAll(call.change, securityGroupRules, call.scope);
    return {
      SecurityGroupReferenceSet: named.flatMap(({ id, vpc }) =>
        rules
          .filter((rule) => rule.peer === id && groups.get(rule.group)?.vpc !== vpc)
          .map((rule) => ({ GroupId: id, ReferencingVpcId: groups.get(rule.group)?.vpc })),
      ),
    };
  },
});

/** Groups with rules that name groups which are not there any more. */
export const DescribeStaleSecurityGroups = reading<
  DescribeStaleSecurityGroupsRequest,
  DescribeStaleSecurityGroupsResult
>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const vpc = await findVpc(call, input.VpcId);
    const groups = await readAll(call.change, securityGroups, call.scope);
    const rules = (await readAll(call.change, securityGroupRules, call.scope)).filter(
      ({ peer, peerAccount }) =>
        peer !== undefined && peerAccount === call.scope.account && !groups.some(({ id }) => id === peer),
    );
    const stale = groups.filter((group) => group.vpc === vpc.id && rules.some((rule) => rule.group === group.id));
    return {
      StaleSecurityGroupSet: stale.map((group) => {
        const own = rules.filter((rule) => rule.group === group.id);
        return {
          GroupId: group.id,
          GroupName: group.name,
          Description: group.description,
          VpcId: group.vpc,
          StaleIpPermissions: staleOf(own.filter(({ isEgress }) => !isEgress)),
          StaleIpPermissionsEgress: staleOf(own.filter(({ isEgress }) => isEgress)),
        };
      }),
    };
  },
});

/** Such rules name nothing but groups. */
function staleOf(rules: readonly SecurityGroupRuleRow[]): StaleIpPermission[] {
  return shownPermissions(rules).map(({ IpProtocol, FromPort, ToPort, UserIdGroupPairs }) => ({
    IpProtocol,
    FromPort,
    ToPort,
    UserIdGroupPairs,
  }));
}
