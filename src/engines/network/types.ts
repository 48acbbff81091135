/** A network as the engine sees it: who is where, and which rules speak of whom. Addresses and CIDRs are text, as the API has them. */

/** IANA protocol number; `-1` is every protocol. */
type ProtocolNumber = number;

/** Ports for TCP and UDP; type and code for ICMP, where -1 is any. Ignored for other protocols. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** Whom a security group's rule speaks of. */
export type Peer =
  | { readonly kind: 'cidr'; readonly cidr: string }
  | { readonly kind: 'group'; readonly id: string }
  | { readonly kind: 'prefix-list'; readonly id: string };

/** One rule of a security group: rules only allow. */
export interface GroupRule {
  /** `sgr-…` */
  readonly id: string;
  readonly direction: 'ingress' | 'egress';
  readonly protocol: ProtocolNumber;
  readonly ports: PortRange;
  readonly peer: Peer;
}

export interface SecurityGroup {
  /** `sg-…` */
  readonly id: string;
  readonly rules: readonly GroupRule[];
}

/** One line of a network ACL: the first line that matches decides. */
export interface AclEntry {
  readonly number: number;
  readonly direction: 'ingress' | 'egress';
  readonly allows: boolean;
  readonly protocol: ProtocolNumber;
  readonly ports: PortRange;
  readonly cidr: string;
}

export interface NetworkAcl {
  /** `acl-…` */
  readonly id: string;
  readonly entries: readonly AclEntry[];
}

/** A network interface of a protected host. */
export interface Interface {
  /** `eni-…` */
  readonly id: string;
  readonly addresses: readonly string[];
  readonly groups: readonly string[];
  readonly subnet: string;
  readonly vpc?: string;
  /** The network ACL of its subnet. */
  readonly acl: string;
  /** The device of the edge node behind which the host lies; without one it is not enforced by packets. */
  readonly device?: string;
  /** Whether packets from it must carry its own address. */
  readonly checksSource: boolean;
}

export interface Network {
  readonly interfaces: readonly Interface[];
  readonly groups: ReadonlyMap<string, SecurityGroup>;
  readonly acls: ReadonlyMap<string, NetworkAcl>;
  /** Prefix list id → its CIDRs. */
  readonly prefixLists: ReadonlyMap<string, readonly string[]>;
}

/** What can be known of a packet that opens a flow. */
export interface Packet {
  readonly protocol: ProtocolNumber;
  readonly source: string;
  readonly destination: string;
  /** TCP and UDP. */
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** ICMP. */
  readonly icmpType?: number;
  readonly icmpCode?: number;
}
