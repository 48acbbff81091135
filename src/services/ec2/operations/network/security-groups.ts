/** CreateSecurityGroup, DeleteSecurityGroup, DescribeSecurityGroups, GetSecurityGroupsForVpc. */
import type {
  CreateSecurityGroupRequest,
  CreateSecurityGroupResult,
  DeleteSecurityGroupRequest,
  DeleteSecurityGroupResult,
  DescribeSecurityGroupsRequest,
  DescribeSecurityGroupsResult,
  GetSecurityGroupsForVpcRequest,
  GetSecurityGroupsForVpcResult,
} from '@aws-sdk/client-ec2';
import { ec2Arn } from '../../arns.ts';
import { on, onAll } from '../../network/checks.ts';
import { changing, reading } from '../../network/declare.ts';
import { describe } from '../../network/describe.ts';
import { dependent, invalidValue, notFound, refused } from '../../network/errors.ts';
import { findVpc } from '../../network/find.ts';
import { namedGroup, rulesOfGroup } from '../../network/group-rules.ts';
import { newId } from '../../network/ids.ts';
import { shownPermissions } from '../../network/permissions.ts';
import { readAll } from '../../network/rows.ts';
import {
  networkInterfaces,
  partitionOf,
  type SecurityGroupRow,
  type SecurityGroupRuleRow,
  securityGroupRules,
  securityGroups,
  vpcs,
} from '../../network/state.ts';
import { givenTags, putTags, shownTags, taggingChecks } from '../../network/tags.ts';

/** Amazon VPC quotas, "VPC security groups per Region". */
const MOST_GROUPS = 2500;
const characters = /^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{1,255}$/;

export const CreateSecurityGroup = changing<CreateSecurityGroupRequest, CreateSecurityGroupResult>({
  async checks(input, call) {
    const { values, checks } = taggingChecks(call, input.TagSpecifications, 'security-group');
    const vpc = input.VpcId ?? (await readAll(call.change, vpcs, call.scope)).find(({ isDefault }) => isDefault)?.id;
    return [await on(call, 'security-group', undefined, values), await on(call, 'vpc', vpc), ...checks];
  },
  async handle(input, call) {
    const { change, scope, random } = call;
    const { GroupName: name = '', Description: description = '' } = input;
    if (!characters.test(name) || name.startsWith('sg-'))
      throw invalidValue(
        name,
        'groupName',
        'Character sets beyond ASCII are not supported, and names do not begin with sg-.',
      );
    if (!characters.test(description))
      throw invalidValue(description, 'groupDescription', 'Character sets beyond ASCII are not supported.');
    const all = await readAll(change, vpcs, scope);
    const vpc = input.VpcId === undefined ? all.find(({ isDefault }) => isDefault) : await findVpc(call, input.VpcId);
    if (!vpc) throw refused('VPCIdNotSpecified', 'No default VPC for this user');
    const groups = await readAll(change, securityGroups, scope);
    if (groups.some((one) => one.vpc === vpc.id && one.name === name)) {
      throw refused('InvalidGroup.Duplicate', `The security group '${name}' already exists for VPC '${vpc.id}'`);
    }
    if (groups.length >= MOST_GROUPS)
      throw refused('SecurityGroupLimitExceeded', 'The maximum number of security groups has been reached.');
    const row = { id: newId(random, 'sg'), vpc: vpc.id, name, description };
    const tags = givenTags(input.TagSpecifications, 'security-group');
    change.put(securityGroups, partitionOf(scope), row.id, row);
    const rule: SecurityGroupRuleRow = {
      id: newId(random, 'sgr'),
      group: row.id,
      isEgress: true,
      protocol: '-1',
      cidr4: '0.0.0.0/0',
    };
    change.put(securityGroupRules, partitionOf(scope), `${row.id}/${rule.id}`, rule);
    putTags(change, scope, 'security-group', row.id, tags);
    return { GroupId: row.id, SecurityGroupArn: ec2Arn(call, 'security-group', row.id), Tags: shownTags(tags) };
  },
});

export const DeleteSecurityGroup = changing<DeleteSecurityGroupRequest, DeleteSecurityGroupResult>({
  async checks(input, call) {
    const groups = await readAll(call.change, securityGroups, call.scope);
    return [
      await on(call, 'security-group', input.GroupId ?? groups.find(({ name }) => name === input.GroupName)?.id ?? '*'),
    ];
  },
  async handle(input, call, ports) {
    const { change, scope } = call;
    const group = await namedGroup(call, input);
    if (group.name === 'default') {
      throw refused('CannotDelete', `the specified group: "${group.id}" name: "default" cannot be deleted by a user`);
    }
    const isUsed =
      (await readAll(change, networkInterfaces, scope)).some(({ groups }) => groups.includes(group.id)) ||
      (await ports.loadBalancers.use(change, scope, group.id));
    const rules = await readAll(change, securityGroupRules, scope);
    // A group may speak of itself.
    if (isUsed || rules.some((rule) => rule.peer === group.id && rule.group !== group.id)) throw dependent(group.id);
    for (const rule of await rulesOfGroup(call, group.id)) {
      change.delete(securityGroupRules, partitionOf(scope), `${group.id}/${rule.id}`);
      putTags(change, scope, 'security-group-rule', rule.id, {});
    }
    change.delete(securityGroups, partitionOf(scope), group.id);
    putTags(change, scope, 'security-group', group.id, {});
    return { Return: true, GroupId: group.id };
  },
});

type Joined = SecurityGroupRow & { readonly rules: readonly SecurityGroupRuleRow[] };

export const DescribeSecurityGroups = reading<DescribeSecurityGroupsRequest, DescribeSecurityGroupsResult>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const { change, scope } = call;
    const all = await readAll(change, securityGroups, scope);
    const names = input.GroupNames ?? [];
    for (const name of names) if (!all.some((one) => one.name === name)) throw notFound('security-group', name);
    const rules = await readAll(change, securityGroupRules, scope);
    const facts = groupFacts(scope.account, rules);
    const ids = [...(input.GroupIds ?? []), ...all.filter(({ name }) => names.includes(name)).map(({ id }) => id)];
    const { rows, next } = await describe<SecurityGroupRow>(
      call,
      { ...input, ids },
      { table: securityGroups, kind: 'security-group', facts },
    );
    return {
      SecurityGroups: rows.map((row) => {
        const own = rules.filter(({ group }) => group === row.id);
        return {
          GroupId: row.id,
          GroupName: row.name,
          Description: row.description,
          VpcId: row.vpc,
          OwnerId: scope.account,
          SecurityGroupArn: ec2Arn(call, 'security-group', row.id),
          IpPermissions: shownPermissions(own.filter(({ isEgress }) => !isEgress)),
          IpPermissionsEgress: shownPermissions(own.filter(({ isEgress }) => isEgress)),
          Tags: shownTags(row.tags),
        };
      }),
      ...next,
    };
  },
});

/** Of groups and, with the prefix `ip-permission.` or `egress.ip-permission.`, of their rules. */
function groupFacts(account: string, rules: readonly SecurityGroupRuleRow[]) {
  const ofRules = (prefix: string, isEgress: boolean) => {
    const each = (value: (rule: SecurityGroupRuleRow) => string | number | undefined) => (row: SecurityGroupRow) =>
      rules
        .filter((rule) => rule.group === row.id && rule.isEgress === isEgress)
        .map(value)
        .filter((one) => one !== undefined)
        .map(String);
    return {
      [`${prefix}cidr`]: each(({ cidr4 }) => cidr4),
      [`${prefix}ipv6-cidr`]: each(({ cidr6 }) => cidr6),
      [`${prefix}from-port`]: each(({ from }) => from),
      [`${prefix}to-port`]: each(({ to }) => to),
      [`${prefix}protocol`]: each(({ protocol }) => protocol),
      [`${prefix}group-id`]: each(({ peer }) => peer),
      [`${prefix}prefix-list-id`]: each(({ prefixList }) => prefixList),
      [`${prefix}user-id`]: each(({ peerAccount }) => peerAccount),
    };
  };
  return {
    'group-id': ({ id }: Joined | SecurityGroupRow) => id,
    'group-name': ({ name }: SecurityGroupRow) => name,
    description: (row: SecurityGroupRow) => row.description,
    'vpc-id': ({ vpc }: SecurityGroupRow) => vpc,
    'owner-id': () => account,
    ...ofRules('ip-permission.', false),
    ...ofRules('egress.ip-permission.', true),
  };
}

export const GetSecurityGroupsForVpc = reading<GetSecurityGroupsForVpcRequest, GetSecurityGroupsForVpcResult>({
  checks: async (input, call) => [await on(call, 'vpc', input.VpcId)],
  async handle(input, call) {
    const vpc = await findVpc(call, input.VpcId);
    const facts = {
      'group-id': ({ id }: SecurityGroupRow) => id,
      'group-name': ({ name }: SecurityGroupRow) => name,
      description: (row: SecurityGroupRow) => row.description,
      'owner-id': () => call.scope.account,
      'primary-vpc-id': (row: SecurityGroupRow) => row.vpc,
    };
    const { rows, next } = await describe<SecurityGroupRow>(
      call,
      { ...input, Filters: [...(input.Filters ?? []), { Name: 'primary-vpc-id', Values: [vpc.id] }] },
      { table: securityGroups, kind: 'security-group', facts },
    );
    return {
      SecurityGroupForVpcs: rows.map((row) => ({
        GroupId: row.id,
        GroupName: row.name,
        Description: row.description,
        OwnerId: call.scope.account,
        PrimaryVpcId: row.vpc,
        Tags: shownTags(row.tags),
      })),
      ...next,
    };
  },
});
