/** The part of the configuration's schema about hosts: machines behind this node that stand in EC2 as instances. */
import { isIPv4 } from 'node:net';
import type { Shape } from './schema.ts';

export interface InstanceConfig {
  /** `i-…`, 17 hexadecimal digits; derived from account and name by default. */
  readonly id?: string;
  readonly name: string;
  readonly account: string;
  readonly region?: string;
  /** The default subnet of the first zone by default. */
  readonly subnet?: string;
  readonly privateIp: string;
  /** Ids, or names in the subnet's VPC; the default group by default. */
  readonly securityGroups?: readonly string[];
  /** The device of this node behind which the host lies: its packets are then filtered here. */
  readonly device?: string;
  readonly type?: string;
}

/** How packets to registered hosts are treated. */
export interface PacketsConfig {
  /** Load the packet filter for hosts that name a device; true by default. */
  readonly enforce?: boolean;
  /** Network namespace in which the node forwards; its own by default. */
  readonly namespace?: string;
  /** Name of the nftables table. */
  readonly table?: string;
}

function text(about: string, pattern: RegExp, explanation: string): Shape {
  return { type: 'text', about, problem: (value) => (pattern.test(value) ? undefined : `must be ${explanation}`) };
}

export const instances: Shape = {
  type: 'list',
  about: 'Hosts behind this node, which stand in EC2 as instances',
  of: {
    type: 'object',
    about: 'A host',
    required: ['name', 'account', 'privateIp'],
    members: {
      id: text('Its id', /^i-[0-9a-f]{17}$/, 'i- and 17 hexadecimal digits'),
      name: text('Its name, which becomes its tag Name', /^[\w.-]{1,64}$/, '1 to 64 letters and digits'),
      account: text('Account id', /^[0-9]{12}$/, '12 digits in quotes'),
      region: text('Its region; the home region by default', /^[a-z]{2}(?:-[a-z]{2,10}){1,3}-[0-9]{1,2}$/, 'a region'),
      subnet: text('Its subnet', /^subnet-[0-9a-f]{17}$/, 'the id of a subnet'),
      privateIp: {
        type: 'text',
        about: 'Its address',
        problem: (value) => (isIPv4(value) ? undefined : 'must be an IPv4 address'),
      },
      securityGroups: {
        type: 'list',
        about: 'Its security groups: ids, or names in its VPC',
        of: text('Security group', /^.{1,255}$/s, 'an id or a name'),
      },
      device: text('Network device of this node that leads to it', /^[\w.@-]{1,15}$/, 'the name of a device'),
      type: text('Instance type to show (default t3.micro)', /^[a-z0-9.-]{1,32}$/, 'a type such as t3.micro'),
    },
  },
};

export const packets: Shape = {
  type: 'object',
  about: 'The packet filter before registered hosts',
  members: {
    enforce: { type: 'flag', about: 'Load it for hosts that name a device (default true)' },
    namespace: text(
      'Network namespace in which this node forwards packets',
      /^[\w.-]{1,64}$/,
      'the name of a namespace',
    ),
    table: text('Name of its nftables table (default bailey)', /^[a-z_][a-z0-9_]{0,30}$/, 'letters, digits and _'),
  },
};
