/** What Elastic Load Balancing keeps: load balancers, listeners, rules, target groups, targets and trust stores. */
import type { Action, RuleCondition, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type BlobRef, table } from '../../store/store.ts';

export type Tags = Readonly<Record<string, string>>;
export type LoadBalancerType = 'application' | 'network';
/** Only what was set: what is not here has AWS's default (`attributes/*.ts` give the complete list). */
export type Attributes = Readonly<Record<string, string>>;

export interface LoadBalancerRow {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly type: LoadBalancerType;
  readonly scheme: 'internet-facing' | 'internal';
  /** `NAME-1234567890.REGION.elb.amazonaws.com`, with `internal-` before it for internal ones; lower case. */
  readonly dnsName: string;
  readonly vpcId: string;
  /** One subnet for each zone, in the order of the zones' names. */
  readonly zones: readonly LoadBalancerZone[];
  readonly securityGroups: readonly string[];
  readonly ipAddressType: 'ipv4' | 'dualstack' | 'dualstack-without-public-ipv4';
  /** Network load balancers with security groups: `on` by default. */
  readonly enforceOnPrivateLink?: 'on' | 'off';
  readonly attributes: Attributes;
  readonly tags: Tags;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly capacity?: CapacityReservation;
}

export interface LoadBalancerZone {
  readonly zone: string;
  readonly subnetId: string;
  /** Of the subnet: network load balancers can be given their own address in it. */
  readonly privateAddress?: string;
}

interface CapacityReservation {
  /** Absent after a reset. */
  readonly units?: number;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
  /** How often it was decreased on this day, as `2026-11-27`. */
  readonly decreases: { readonly day: string; readonly count: number };
}

/** Partition `account/region`, id = the name. */
export const loadBalancers = table<LoadBalancerRow>('elasticloadbalancing.load-balancer');

/** Every load balancer of the instance by its DNS name: partition '', id = `dnsName`. */
export const loadBalancersByDns = table<Pick<LoadBalancerRow, 'account' | 'region' | 'name'>>(
  'elasticloadbalancing.dns-name',
);

export type ListenerProtocol = 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP';

export interface ListenerRow {
  readonly account: string;
  readonly region: string;
  /** `app/NAME/LBID/LISTENERID`: what follows `listener/` in the ARN. */
  readonly path: string;
  readonly protocol: ListenerProtocol;
  readonly port: number;
  /** HTTPS and TLS: the name of a policy of `ssl-policies.ts`. */
  readonly sslPolicy?: string;
  /** HTTPS and TLS. ARN of an ACM certificate or of an IAM server certificate. */
  readonly certificate?: string;
  /** Further certificates, chosen by SNI; the default one is not among them. ARNs. */
  readonly certificates: readonly string[];
  /** TLS. */
  readonly alpnPolicy?: string;
  readonly mutualAuthentication?: MutualAuthentication;
  /** What follows `listener-rule/` in the ARN of the rule that acts when no other does. */
  readonly defaultRule: string;
  readonly attributes: Attributes;
  readonly tags: Tags;
  readonly createdAt: number;
}

export interface MutualAuthentication {
  readonly mode: 'off' | 'passthrough' | 'verify';
  readonly trustStoreArn?: string;
  readonly ignoreClientCertificateExpiry?: boolean;
  readonly advertiseTrustStoreCaNames?: 'on' | 'off';
}

/** Partition `account/region`, id = `path`: those of one load balancer begin with `app/NAME/LBID/`. */
export const listeners = table<ListenerRow>('elasticloadbalancing.listener');

export interface RuleRow {
  readonly account: string;
  readonly region: string;
  /** `app/NAME/LBID/LISTENERID/RULEID`: what follows `listener-rule/` in the ARN. */
  readonly path: string;
  /** 1 to 50,000; the default rule has none, and acts last. */
  readonly priority?: number;
  /** All must hold. In the form in which they are shown: checked, and completed with AWS's defaults. */
  readonly conditions: readonly RuleCondition[];
  /** In the order in which they are performed; with client secrets, which are never shown. */
  readonly actions: readonly Action[];
  readonly transforms: readonly RuleTransform[];
  readonly tags: Tags;
}

/** Partition `account/region`, id = `path`: those of one listener begin with its path and a slash. */
export const rules = table<RuleRow>('elasticloadbalancing.rule');

/** What signs users in at the edge: the same for all load balancers of the instance, as AWS's are for a region's. */
export interface AuthenticationKeyRow {
  /** UUID: the `kid` of the tokens that it signs. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Base64 of 32 bytes: seals sessions, which lie with the clients. */
  readonly sessionKey: string;
  /** PKCS #8, PEM, of P-256: signs what targets are told of users. */
  readonly privateKey: string;
  /** PEM: anybody may have it. */
  readonly publicKey: string;
}

/** Partition '', id = `id`. */
export const authenticationKeys = table<AuthenticationKeyRow>('elasticloadbalancing.authentication-key');

export type TargetGroupProtocol = 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP';

export interface HealthCheck {
  readonly enabled: boolean;
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP';
  /** A number, or `traffic-port`. */
  readonly port: string;
  /** HTTP and HTTPS. */
  readonly path?: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** HTTP and HTTPS, with codes of gRPC for that version: `200`, `200,202`, `200-299`. */
  readonly matcher?:
    | { readonly HttpCode: string; readonly GrpcCode?: never }
    | { readonly GrpcCode: string; readonly HttpCode?: never };
}

export interface TargetGroupRow {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly targetType: 'instance' | 'ip' | 'alb';
  readonly protocol: TargetGroupProtocol;
  /** HTTP and HTTPS. */
  readonly protocolVersion?: 'HTTP1' | 'HTTP2' | 'GRPC';
  readonly port: number;
  readonly vpcId: string;
  readonly ipAddressType: 'ipv4' | 'ipv6';
  readonly healthCheck: HealthCheck;
  readonly attributes: Attributes;
  readonly tags: Tags;
  readonly createdAt: number;
}

/** Partition `account/region`, id = the name. */
export const targetGroups = table<TargetGroupRow>('elasticloadbalancing.target-group');

/** Rules that send to a target group. Partition `targetGroupPartition`, id = the rule's `path`. */
export const targetGroupUses = table<Record<string, never>>('elasticloadbalancing.target-group-use');

export interface TargetRow {
  /** An instance id, an IP address, or the ARN of an application load balancer. */
  readonly id: string;
  readonly port: number;
  /** As registered: `all` for addresses outside of the VPC. */
  readonly zone?: string;
  /** Epoch milliseconds: slow start counts from here. */
  readonly registeredAt: number;
  /** Gets no new requests, and is gone (the row too) when the time is over. Epoch milliseconds. */
  readonly draining?: { readonly from: number; readonly until: number };
}

/** Partition `targetGroupPartition`, id = `targetId`. */
export const targets = table<TargetRow>('elasticloadbalancing.target');

/** Targets that drain, in the order of their ends. Partition '', id = `dueId`. */
export const dueTargets = table<DueTarget>('elasticloadbalancing.due-target');

interface DueTarget {
  readonly partition: string;
  readonly target: string;
}

export interface TrustStoreRow {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** PEM certificates of authorities. */
  readonly bundle: BlobRef;
  readonly certificates: number;
  /** The id of the next revocation file. */
  readonly nextRevocationId: number;
  readonly tags: Tags;
  readonly createdAt: number;
}

/** Partition `account/region`, id = the name. */
export const trustStores = table<TrustStoreRow>('elasticloadbalancing.trust-store');

export interface RevocationRow {
  readonly id: number;
  readonly type: 'CRL';
  readonly entries: number;
  /** PEM, `X509 CRL`. */
  readonly content: BlobRef;
}

/** Partition `trustStorePartition`, id = `revocationKey`. */
export const revocations = table<RevocationRow>('elasticloadbalancing.revocation');

/** Listeners that verify by a trust store. Partition `trustStorePartition`, id = the listener's `path`. */
export const trustStoreUses = table<Record<string, never>>('elasticloadbalancing.trust-store-use');

/** Listeners that use a certificate. Partition = the certificate's ARN, id = the listener's ARN. */
export const certificateUses = table<Record<string, never>>('elasticloadbalancing.certificate-use');

export const regional = ({ account, region }: { readonly account: string; readonly region: string }): string =>
  `${account}/${region}`;

type Named = Pick<TargetGroupRow, 'account' | 'region' | 'name' | 'id'>;
export const targetGroupPartition = (group: Named): string => `${regional(group)}/${group.name}/${group.id}`;
export const trustStorePartition = (store: Named): string => `${regional(store)}/${store.name}/${store.id}`;
export const targetId = ({ id, port }: Pick<TargetRow, 'id' | 'port'>): string => `${id}|${port}`;
export const revocationKey = (id: number): string => String(id).padStart(12, '0');
/** @param at epoch milliseconds */
export const dueId = (at: number, partition: string, target: string): string =>
  `${String(at).padStart(15, '0')}/${partition}/${target}`;
