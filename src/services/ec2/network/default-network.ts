/**
 * The network that every account finds in every region: a default VPC with a subnet in each zone. Its ids follow from
 * account and region, so that it is there before anything has been written.
 * @see Amazon VPC User Guide, "Default VPC components"
 */
import { createHash } from 'node:crypto';
import type { Scope } from '../../service.ts';
import type {
  DhcpOptionsRow,
  InternetGatewayRow,
  NetworkAclRow,
  RouteTableRow,
  SecurityGroupRow,
  SecurityGroupRuleRow,
  SubnetRow,
  VpcRow,
} from './state.ts';
import { positionOf, type Zone, zonesWith } from './zones.ts';

export interface DefaultNetwork {
  readonly vpc: VpcRow;
  readonly subnets: readonly SubnetRow[];
  readonly group: SecurityGroupRow;
  readonly rules: readonly SecurityGroupRuleRow[];
  readonly acl: NetworkAclRow;
  readonly routes: RouteTableRow;
  readonly gateway: InternetGatewayRow;
  readonly dhcp: DhcpOptionsRow;
}

const known = new Map<string, DefaultNetwork>();

/** @param zones the region's usual ones where nothing else is configured */
export function defaultNetwork(scope: Scope, zones: readonly Zone[] = zonesWith(scope.region)): DefaultNetwork {
  const key = `${scope.account}/${zones.map(({ name }) => name).join(' ')}`;
  const made = known.get(key) ?? compute(scope, zones);
  known.set(key, made);
  return made;
}

function compute(scope: Scope, zones: readonly Zone[]): DefaultNetwork {
  const id = (prefix: string, part: string): string => {
    const digest = createHash('sha256').update(`${scope.account}/${scope.region}/${part}`).digest('hex');
    return `${prefix}-${digest.slice(0, 17)}`;
  };
  const dhcp = { id: id('dopt', 'dhcp'), values: dhcpValues(scope.region) };
  const vpc: VpcRow = {
    id: id('vpc', 'vpc'),
    blocks: [{ cidr: '172.31.0.0/16', association: id('vpc-cidr-assoc', 'block') }],
    isDefault: true,
    tenancy: 'default',
    dhcpOptions: dhcp.id,
    dnsSupport: true,
    dnsHostnames: true,
    addressMetrics: false,
  };
  const subnets = zones.map(({ name }) =>
    newSubnet({
      id: id('subnet', `subnet ${name}`),
      vpc: vpc.id,
      cidr: `172.31.${positionOf(name) * 16}.0/20`,
      zone: name,
      isDefault: true,
      mapsPublicIp: true,
    }),
  );
  const group = defaultGroup(id('sg', 'group'), vpc.id);
  const gateway = { id: id('igw', 'gateway'), vpc: vpc.id };
  return {
    vpc,
    subnets,
    group,
    rules: defaultRules(group.id, scope.account, id('sgr', 'ingress'), id('sgr', 'egress')),
    acl: defaultAcl(
      id('acl', 'acl'),
      vpc.id,
      subnets.map((subnet) => ({ id: id('aclassoc', subnet.id), subnet: subnet.id })),
    ),
    routes: {
      id: id('rtb', 'routes'),
      vpc: vpc.id,
      routes: [
        { destination: '172.31.0.0/16', target: 'local', origin: 'CreateRouteTable' },
        { destination: '0.0.0.0/0', target: gateway.id, origin: 'CreateRoute' },
      ],
      associations: [{ id: id('rtbassoc', 'main'), isMain: true }],
    },
    gateway,
    dhcp,
  };
}

function dhcpValues(region: string): DhcpOptionsRow['values'] {
  return {
    'domain-name': [region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`],
    'domain-name-servers': ['AmazonProvidedDNS'],
  };
}

export function newSubnet(
  given: Pick<SubnetRow, 'id' | 'vpc' | 'cidr' | 'zone' | 'isDefault' | 'mapsPublicIp'>,
): SubnetRow {
  return {
    ...given,
    mapsCustomerOwnedIp: false,
    assignsIpv6: false,
    dns64: false,
    hostnameType: 'ip-name',
    hostnameARecord: false,
    hostnameAaaaRecord: false,
  };
}

export const defaultGroup = (id: string, vpc: string): SecurityGroupRow => ({
  id,
  vpc,
  name: 'default',
  description: 'default VPC security group',
});

/** Members may reach each other, and everything outside. */
export function defaultRules(
  group: string,
  account: string,
  ingress: string,
  egress: string,
): readonly SecurityGroupRuleRow[] {
  return [
    { id: ingress, group, isEgress: false, protocol: '-1', peer: group, peerAccount: account },
    { id: egress, group, isEgress: true, protocol: '-1', cidr4: '0.0.0.0/0' },
  ];
}

/** Lets everything through, both ways. */
export function defaultAcl(id: string, vpc: string, associations: NetworkAclRow['associations']): NetworkAclRow {
  const line = (isEgress: boolean) =>
    ({ number: 100, isEgress, protocol: '-1', action: 'allow', cidr4: '0.0.0.0/0' }) as const;
  return { id, vpc, isDefault: true, entries: [line(false), line(true)], associations };
}
