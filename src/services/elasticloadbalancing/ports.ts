/** What Elastic Load Balancing asks of others: networks, certificates, objects, and what the edge nodes have seen. */
import type { BlobRef, Blobs, Change, Reader, Store } from '../../store/store.ts';
import type { Call, Scope } from '../service.ts';

export interface Subnet {
  readonly id: string;
  readonly vpcId: string;
  /** `us-east-1a` */
  readonly zone: string;
  readonly cidr: string;
  readonly ipv6Cidr?: string;
}

/** EC2's networks. All ask in one account and region, through the reader of the call. */
export interface Networks {
  subnet(reader: Reader, scope: Scope, id: string): Promise<Subnet | undefined>;
  securityGroup(
    reader: Reader,
    scope: Scope,
    id: string,
  ): Promise<{ readonly id: string; readonly vpcId: string } | undefined>;
  /** The id of the group named `default` of a VPC. */
  defaultSecurityGroup(reader: Reader, scope: Scope, vpcId: string): Promise<string | undefined>;
  /** CIDR blocks of a VPC. */
  vpc(
    reader: Reader,
    scope: Scope,
    id: string,
  ): Promise<{ readonly id: string; readonly cidrs: readonly string[] } | undefined>;
  /** Subnets of a VPC: targets by address lie in their zones. */
  subnetsOf(reader: Reader, scope: Scope, vpcId: string): Promise<readonly Subnet[]>;
  instance(reader: Reader, scope: Scope, id: string): Promise<RegisteredInstance | undefined>;
  /**
   * Makes the network interfaces of a load balancer what it is now, one in each zone; without zones it has none. Answers
   * the id of a subnet that has no address left.
   */
  place(change: Change, scope: Scope, balancer: PlacedBalancer): Promise<string | undefined>;
}

interface PlacedBalancer {
  /** `app/NAME/ID` */
  readonly path: string;
  readonly groups: readonly string[];
  readonly zones: readonly { readonly subnetId: string; readonly privateAddress?: string }[];
}

export interface RegisteredInstance {
  readonly id: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly isRunning: boolean;
}

/** A certificate of ACM or an IAM server certificate. */
interface ServerCertificate {
  readonly arn: string;
  readonly account: string;
  /** Issued, not expired at issue, not revoked: what a listener may use. */
  readonly isUsable: boolean;
}

export interface Certificates {
  find(reader: Reader, arn: string): Promise<ServerCertificate | undefined>;
}

/** An object as the caller may read it. */
export interface Objects {
  /**
   * All of an object, read with the caller's own permissions.
   * @throws AwsError what S3 answers; RangeError if it is longer than `limit` bytes
   */
  read(
    call: Call,
    object: { readonly bucket: string; readonly key: string; readonly version?: string | undefined },
    limit: number,
  ): Promise<Uint8Array>;
}

/** What the nodes of the edge have last reported; asked anew for each answer, never stored. */
export interface Edge {
  /** Undefined while no node has checked the target yet. */
  health(targetGroupArn: string, target: { readonly id: string; readonly port: number }): ReportedHealth | undefined;
  /**
   * Load balancer capacity units that the nodes carry together; one unit is 25 new connections a second
   * ("Application Load Balancer capacity units").
   */
  capacityUnits(): number;
  /** The nodes listen on this machine alone, so that addresses of the machine itself may be targets. */
  isLocal(): boolean;
  /** Why a listener does not serve (`port 80: EACCES`); undefined when it does, or when no node has said. */
  listenerFault(listenerArn: string): string | undefined;
}

export interface ReportedHealth {
  readonly state: 'initial' | 'healthy' | 'unhealthy';
  /** `Target.ResponseCodeMismatch`, `Target.Timeout`, `Target.FailedHealthChecks`, `Elb.InitialHealthChecking`, … */
  readonly reason?: string;
  /** `Health checks failed with these codes: [500]` */
  readonly description?: string;
}

/** Files that the API hands out by a link that holds for a while: whoever has it may read them. */
export interface Downloads {
  /** A URL on this instance. */
  link(call: Call, file: { readonly blob: BlobRef; readonly fileName: string }): string;
}

export interface ElbPorts {
  readonly networks: Networks;
  readonly certificates: Certificates;
  readonly objects: Objects;
  readonly edge: Edge;
  readonly blobs: Blobs;
  readonly store: Pick<Store, 'list' | 'begin' | 'commit'>;
  readonly downloads: Downloads;
}
