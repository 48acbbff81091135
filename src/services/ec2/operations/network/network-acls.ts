/** CreateNetworkAcl, DeleteNetworkAcl, DescribeNetworkAcls, ReplaceNetworkAclAssociation. */
import type {
  CreateNetworkAclRequest,
  CreateNetworkAclResult,
  DeleteNetworkAclRequest,
  DescribeNetworkAclsRequest,
  DescribeNetworkAclsResult,
  NetworkAcl,
  ReplaceNetworkAclAssociationRequest,
  ReplaceNetworkAclAssociationResult,
} from '@aws-sdk/client-ec2';
import { shownEntry } from '../../network/acl-entries.ts';
import { on, onAll } from '../../network/checks.ts';
import { changing, reading } from '../../network/declare.ts';
import { describe } from '../../network/describe.ts';
import { refused } from '../../network/errors.ts';
import { findAcl, findVpc } from '../../network/find.ts';
import { newId } from '../../network/ids.ts';
import { readAll } from '../../network/rows.ts';
import { type NetworkAclRow, networkAcls, partitionOf } from '../../network/state.ts';
import { givenTags, putTags, shownTags, type Tags, taggingChecks } from '../../network/tags.ts';

export const CreateNetworkAcl = changing<CreateNetworkAclRequest, CreateNetworkAclResult>({
  async checks(input, call) {
    const { values, checks } = taggingChecks(call, input.TagSpecifications, 'network-acl');
    return [await on(call, 'network-acl', undefined, values), await on(call, 'vpc', input.VpcId), ...checks];
  },
  async handle(input, call) {
    const { change, scope, random } = call;
    const vpc = await findVpc(call, input.VpcId);
    const tags = givenTags(input.TagSpecifications, 'network-acl');
    const row: NetworkAclRow = {
      id: newId(random, 'acl'),
      vpc: vpc.id,
      isDefault: false,
      entries: [],
      associations: [],
    };
    change.put(networkAcls, partitionOf(scope), row.id, row);
    putTags(change, scope, 'network-acl', row.id, tags);
    return { NetworkAcl: shown(row, tags, scope.account) };
  },
});

export const DeleteNetworkAcl = changing<DeleteNetworkAclRequest, object>({
  checks: async (input, call) => [await on(call, 'network-acl', input.NetworkAclId)],
  async handle(input, call) {
    const acl = await findAcl(call, input.NetworkAclId);
    if (acl.isDefault) throw refused('InvalidParameterValue', `cannot delete default network ACL ${acl.id}`);
    if (acl.associations.length > 0) {
      throw refused('DependencyViolation', `The networkAcl '${acl.id}' has dependencies and cannot be deleted.`);
    }
    call.change.delete(networkAcls, partitionOf(call.scope), acl.id);
    putTags(call.change, call.scope, 'network-acl', acl.id, {});
    return {};
  },
});

export const DescribeNetworkAcls = reading<DescribeNetworkAclsRequest, DescribeNetworkAclsResult>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const entries =
      (value: (entry: NetworkAclRow['entries'][number]) => string | number | undefined) => (row: NetworkAclRow) =>
        row.entries.flatMap((entry) => value(entry) ?? []).map(String);
    const { rows, next } = await describe<NetworkAclRow>(
      call,
      { ...input, ids: input.NetworkAclIds },
      {
        table: networkAcls,
        kind: 'network-acl',
        facts: {
          'network-acl-id': ({ id }) => id,
          'vpc-id': ({ vpc }) => vpc,
          default: ({ isDefault }) => isDefault,
          'owner-id': () => call.scope.account,
          'association.association-id': ({ associations }) => associations.map(({ id }) => id),
          'association.network-acl-id': ({ id }) => id,
          'association.subnet-id': ({ associations }) => associations.map(({ subnet }) => subnet),
          'entry.cidr': entries(({ cidr4 }) => cidr4),
          'entry.ipv6-cidr': entries(({ cidr6 }) => cidr6),
          'entry.egress': entries(({ isEgress }) => String(isEgress)),
          'entry.protocol': entries(({ protocol }) => protocol),
          'entry.rule-action': entries(({ action }) => action),
          'entry.rule-number': entries(({ number }) => number),
          'entry.port-range.from': entries(({ from }) => from),
          'entry.port-range.to': entries(({ to }) => to),
          'entry.icmp.type': entries(({ icmpType }) => icmpType),
          'entry.icmp.code': entries(({ icmpCode }) => icmpCode),
        },
      },
    );
    return { NetworkAcls: rows.map((row) => shown(row, row.tags, call.scope.account)), ...next };
  },
});

export const ReplaceNetworkAclAssociation = changing<
  ReplaceNetworkAclAssociationRequest,
  ReplaceNetworkAclAssociationResult
>({
  async checks(input, call) {
    const all = await readAll(call.change, networkAcls, call.scope);
    const subnet = all.flatMap((acl) => acl.associations).find(({ id }) => id === input.AssociationId)?.subnet;
    return [await on(call, 'network-acl', input.NetworkAclId), await on(call, 'subnet', subnet ?? '*')];
  },
  async handle(input, call) {
    const { change, scope, random } = call;
    const target = await findAcl(call, input.NetworkAclId);
    const all = await readAll(change, networkAcls, scope);
    const from = all.find(({ associations }) => associations.some(({ id }) => id === input.AssociationId));
    const subnet = from?.associations.find(({ id }) => id === input.AssociationId)?.subnet;
    if (!from || subnet === undefined) {
      throw refused('InvalidAssociationID.NotFound', `The association ID '${input.AssociationId}' does not exist`);
    }
    if (from.vpc !== target.vpc) {
      throw refused(
        'InvalidParameterValue',
        `networkAcl ${target.id} and subnet ${subnet} belong to different networks`,
      );
    }
    const partition = partitionOf(scope);
    const id = newId(random, 'aclassoc');
    const left = from.associations.filter((one) => one.id !== input.AssociationId);
    if (from.id !== target.id) change.put(networkAcls, partition, from.id, { ...from, associations: left });
    const associations = [...(from.id === target.id ? left : target.associations), { id, subnet }];
    change.put(networkAcls, partition, target.id, { ...target, associations });
    return { NewAssociationId: id };
  },
});

function shown(row: NetworkAclRow, tags: Tags, account: string): NetworkAcl {
  const entries = [...row.entries].sort((a, b) => Number(a.isEgress) - Number(b.isEgress) || a.number - b.number);
  // The last line of each direction is there by nature.
  const last = [true, false].map((Egress) => ({
    CidrBlock: '0.0.0.0/0',
    Egress,
    Protocol: '-1',
    RuleAction: 'deny' as const,
    RuleNumber: 32_767,
  }));
  return {
    NetworkAclId: row.id,
    VpcId: row.vpc,
    IsDefault: row.isDefault,
    OwnerId: account,
    Entries: [...entries.map(shownEntry), ...last],
    Associations: row.associations.map(({ id, subnet }) => ({
      NetworkAclAssociationId: id,
      NetworkAclId: row.id,
      SubnetId: subnet,
    })),
    Tags: shownTags(tags),
  };
}
