/** What every VPC has from its beginning, and how the API shows a VPC. */
import type { Vpc } from '@aws-sdk/client-ec2';
import type { Call, Scope } from '../../service.ts';
import { defaultAcl, defaultGroup, defaultRules } from './default-network.ts';
import { newId } from './ids.ts';
import {
  networkAcls,
  partitionOf,
  type RouteTableRow,
  routeTables,
  securityGroupRules,
  securityGroups,
  type VpcRow,
} from './state.ts';
import { shownTags, type Tags } from './tags.ts';

/** Its default security group, network ACL and main route table. */
export function defaultsOfVpc(
  call: Call,
  vpc: VpcRow,
  default_: { readonly gateway?: string; readonly subnets?: readonly string[] } = {},
): void {
  const { change, random, scope } = call;
  const partition = partitionOf(scope);
  const group = defaultGroup(newId(random, 'sg'), vpc.id);
  change.put(securityGroups, partition, group.id, group);
  for (const rule of defaultRules(group.id, scope.account, newId(random, 'sgr'), newId(random, 'sgr'))) {
    change.put(securityGroupRules, partition, `${group.id}/${rule.id}`, rule);
  }
  const associations = (default_.subnets ?? []).map((subnet) => ({ id: newId(random, 'aclassoc'), subnet }));
  const acl = defaultAcl(newId(random, 'acl'), vpc.id, associations);
  change.put(networkAcls, partition, acl.id, acl);
  const { gateway } = default_;
  const table: RouteTableRow = {
    id: newId(random, 'rtb'),
    vpc: vpc.id,
    routes: [
      { destination: vpc.blocks[0]?.cidr ?? '', target: 'local', origin: 'CreateRouteTable' },
      ...(gateway === undefined ? [] : [{ destination: '0.0.0.0/0', target: gateway, origin: 'CreateRoute' } as const]),
    ],
    associations: [{ id: newId(random, 'rtbassoc'), isMain: true }],
  };
  change.put(routeTables, partition, table.id, table);
}

export function shownVpc(row: VpcRow, tags: Tags, { account }: Scope): Vpc {
  return {
    VpcId: row.id,
    CidrBlock: row.blocks[0]?.cidr,
    CidrBlockAssociationSet: row.blocks.map(({ cidr, association }) => ({
      AssociationId: association,
      CidrBlock: cidr,
      CidrBlockState: { State: 'associated' },
    })),
    DhcpOptionsId: row.dhcpOptions,
    InstanceTenancy: row.tenancy as 'default',
    Ipv6CidrBlockAssociationSet: [],
    IsDefault: row.isDefault,
    OwnerId: account,
    State: 'available',
    Tags: shownTags(tags),
  };
}
