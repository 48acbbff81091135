/** What EC2 keeps of networks. Partition: `account/region`; tags of every kind of resource lie in one table, by resource id. */
import { type Table, table } from '../../../store/store.ts';
import type { Scope } from '../../service.ts';

export interface VpcRow {
  readonly id: string;
  /** The first is the primary one. */
  readonly blocks: readonly { readonly cidr: string; readonly association: string }[];
  readonly isDefault: boolean;
  readonly tenancy: string;
  readonly dhcpOptions: string;
  readonly dnsSupport: boolean;
  readonly dnsHostnames: boolean;
  readonly addressMetrics: boolean;
}

export interface SubnetRow {
  readonly id: string;
  readonly vpc: string;
  readonly cidr: string;
  readonly zone: string;
  /** The default subnet of its zone. */
  readonly isDefault: boolean;
  readonly mapsPublicIp: boolean;
  readonly mapsCustomerOwnedIp: boolean;
  readonly assignsIpv6: boolean;
  readonly dns64: boolean;
  readonly hostnameType: string;
  readonly hostnameARecord: boolean;
  readonly hostnameAaaaRecord: boolean;
}

export interface SecurityGroupRow {
  readonly id: string;
  readonly vpc: string;
  readonly name: string;
  readonly description: string;
}

/** Exactly one of the four peers is there. */
export interface SecurityGroupRuleRow {
  readonly id: string;
  readonly group: string;
  readonly isEgress: boolean;
  /** `tcp`, `udp`, `icmp`, `icmpv6`, a number, or `-1`. */
  readonly protocol: string;
  /** Absent for protocols without ports. */
  readonly from?: number;
  readonly to?: number;
  readonly cidr4?: string;
  readonly cidr6?: string;
  readonly prefixList?: string;
  readonly peer?: string;
  /** The account of `peer`. */
  readonly peerAccount?: string;
  readonly description?: string;
}

export interface NetworkAclRow {
  readonly id: string;
  readonly vpc: string;
  readonly isDefault: boolean;
  readonly entries: readonly AclEntryRow[];
  readonly associations: readonly { readonly id: string; readonly subnet: string }[];
}

export interface AclEntryRow {
  readonly number: number;
  readonly isEgress: boolean;
  readonly protocol: string;
  readonly action: 'allow' | 'deny';
  readonly cidr4?: string;
  readonly cidr6?: string;
  readonly from?: number;
  readonly to?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
}

export interface RouteTableRow {
  readonly id: string;
  readonly vpc: string;
  readonly routes: readonly RouteRow[];
  /** `subnet` is absent for the main table of the VPC. */
  readonly associations: readonly { readonly id: string; readonly subnet?: string; readonly isMain: boolean }[];
}

export interface RouteRow {
  readonly destination: string;
  /** `local`, or the id of a gateway, an interface, an instance. */
  readonly target: string;
  readonly origin: 'CreateRouteTable' | 'CreateRoute';
}

export interface InternetGatewayRow {
  readonly id: string;
  readonly vpc?: string;
}

export interface DhcpOptionsRow {
  readonly id: string;
  readonly values: Readonly<Record<string, readonly string[]>>;
}

export interface NetworkInterfaceRow {
  readonly id: string;
  readonly subnet: string;
  readonly vpc: string;
  readonly zone: string;
  readonly description: string;
  /** The first is the primary one. */
  readonly addresses: readonly string[];
  readonly groups: readonly string[];
  readonly mac: string;
  readonly checksSource: boolean;
  readonly type: string;
  readonly requesterId?: string;
  readonly attachment?: {
    readonly id: string;
    readonly instance: string;
    readonly deviceIndex: number;
    readonly attachedAt: number;
    readonly deleteOnTermination: boolean;
  };
  /** The device of the edge node that leads to the host. */
  readonly device?: string;
}

export interface PrefixListRow {
  readonly id: string;
  readonly name: string;
  readonly family: 'IPv4' | 'IPv6';
  readonly maxEntries: number;
  readonly version: number;
  /** By version: the last one is the current one. */
  readonly versions: readonly (readonly { readonly cidr: string; readonly description?: string }[])[];
}

export interface FlowLogRow {
  readonly id: string;
  readonly resource: string;
  readonly traffic: 'ACCEPT' | 'REJECT' | 'ALL';
  readonly destinationType: 'cloud-watch-logs' | 's3';
  /** An ARN. */
  readonly destination: string;
  readonly logGroup?: string;
  readonly role?: string;
  readonly format: string;
  readonly aggregationSeconds: 60 | 600;
  readonly createdAt: number;
}

export interface VpcEndpointRow {
  readonly id: string;
  readonly vpc: string;
  readonly service: string;
  readonly type: 'Gateway' | 'Interface';
  readonly policy: string;
  readonly routeTables: readonly string[];
  readonly subnets: readonly string[];
  readonly groups: readonly string[];
  readonly interfaces: readonly string[];
  readonly privateDns: boolean;
  readonly createdAt: number;
}

/** A host that the operator has registered. */
export interface InstanceRow {
  readonly id: string;
  readonly type: string;
  readonly image: string;
  readonly zone: string;
  readonly vpc: string;
  readonly subnet: string;
  readonly interface: string;
  readonly launchedAt: number;
}

export interface TagsRow {
  /** As in ARNs: `security-group`. */
  readonly type: string;
  readonly tags: Readonly<Record<string, string>>;
}

export const vpcs: Table<VpcRow> = table('ec2.vpc');
export const subnets: Table<SubnetRow> = table('ec2.subnet');
export const securityGroups: Table<SecurityGroupRow> = table('ec2.security-group');
/** Id: `sg-…/sgr-…`. */
export const securityGroupRules: Table<SecurityGroupRuleRow> = table('ec2.security-group-rule');
export const networkAcls: Table<NetworkAclRow> = table('ec2.network-acl');
export const routeTables: Table<RouteTableRow> = table('ec2.route-table');
export const internetGateways: Table<InternetGatewayRow> = table('ec2.internet-gateway');
export const dhcpOptions: Table<DhcpOptionsRow> = table('ec2.dhcp-options');
export const networkInterfaces: Table<NetworkInterfaceRow> = table('ec2.network-interface');
export const prefixLists: Table<PrefixListRow> = table('ec2.prefix-list');
export const flowLogs: Table<FlowLogRow> = table('ec2.flow-log');
export const vpcEndpoints: Table<VpcEndpointRow> = table('ec2.vpc-endpoint');
export const instances: Table<InstanceRow> = table('ec2.instance');
export const resourceTags: Table<TagsRow> = table('ec2.tags');
/** Whether the default network of a region has been written down; until then it is computed. */
export const written: Table<{ readonly at: number }> = table('ec2.default-network');

export const partitionOf = ({ account, region }: Scope): string => `${account}/${region}`;
