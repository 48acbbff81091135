/**
 * The whole configuration of an edge node at one moment: what the control plane sends, and the edge swaps in as one.
 * Everything is resolved: the edge asks nobody. Conditions, actions, transforms and attributes have the form that the
 * Elastic Load Balancing API gives them.
 */
import type { Action, RuleCondition, RuleTransform } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AclEntry } from '../engines/network/index.ts';
import type { Threat } from '../engines/traffic/index.ts';
import type { WebAclBundle } from '../engines/waf/bundle.ts';
import type { AddressList } from '../engines/waf/managed/facts.ts';

export interface Snapshot {
  /** Grows with every change; an edge never goes back, except to another control plane's. */
  readonly version: number;
  /** Of the control plane's data: another one starts anew. */
  readonly instanceId: string;
  readonly node: NodeSettings;
  readonly loadBalancers: readonly LoadBalancerSettings[];
  readonly targetGroups: readonly TargetGroupSettings[];
  readonly trustStores: readonly TrustStoreSettings[];
  readonly certificates: readonly CertificateSettings[];
  readonly webAcls: readonly WebAclSettings[];
  readonly distributions: readonly DistributionSettings[];
  readonly zones: readonly DnsZoneSettings[];
  /** What certificate authorities may ask over HTTP now. */
  readonly challenges?: readonly ChallengeSettings[];
  /** Oldest first. Without them nobody is signed in. */
  readonly authenticationKeys?: readonly AuthenticationKeySettings[];
}

/** Networks by line, for managed rule groups that go by lists. */
export type AddressListTexts = { readonly [kind in AddressList]?: string };

export interface PlaceFiles {
  readonly countries?: string;
  readonly systems?: string;
}

/** What holds for the whole node, whoever owns the traffic. */
export interface NodeSettings {
  /** Where listeners bind; 127.0.0.1 unless configured. */
  readonly bindAddress: string;
  /** Peers that may speak for others by PROXY protocol; empty trusts nobody. */
  readonly trustedProxies: readonly string[];
  /** Folder for bodies that are too large for memory; their files have no name. */
  readonly spillFolder: string;
  /** Signs the cookies of sticky sessions; the same on all nodes. Base64 of 32 bytes. */
  readonly cookieKey: string;
  /** PEM: who vouches for HTTPS targets beside the authorities that the machine knows. */
  readonly targetAuthorities?: string;
  /** Files of this machine in MaxMind's format; countries are known without. */
  readonly placeFiles?: PlaceFiles;
  readonly addressLists?: AddressListTexts;
  /** File of this machine, in the form of `edge/inspection/stolen-credentials.ts`. */
  readonly stolenCredentials?: string;
  /** Another where one of these files is another, although its name is the same. */
  readonly filesVersion?: string;
  readonly limits: EdgeLimits;
  /** Where names are answered, by UDP and TCP. */
  readonly dns?: { readonly host: string; readonly port: number };
}

/** Limits with the defaults of `defaultLimits`. Sizes in bytes, times in milliseconds. */
export interface EdgeLimits {
  readonly headBytes: number;
  readonly headerCount: number;
  /** From the connection's first moment, or the first byte of a later request, to the end of the head. */
  readonly headMs: number;
  /** Bytes per second that a body must bring after its first `bodyGraceMs`, measured over `paceMs`. */
  readonly bodyBytesPerSecond: number;
  readonly bodyGraceMs: number;
  readonly paceMs: number;
  readonly bodyBytes: number;
  /** A body larger than this goes to the disk. */
  readonly bodyMemoryBytes: number;
  /** All bodies in memory together; beyond it they go to the disk earlier. */
  readonly memoryBytes: number;
  /** All bodies on the disk together; beyond it requests are answered 503. */
  readonly spillBytes: number;
  /** Open connections of this process; near it the slowest are cut. */
  readonly connections: number;
  /** Open connections of one address (IPv6: one /64); beyond it its slowest are cut. */
  readonly connectionsPerSource: number;
  /** Flows of UDP in this process; beyond it those that were silent longest make room. */
  readonly flows: number;
  /** Flows of one address (IPv6: one /64); beyond it those of its own make room. */
  readonly flowsPerSource: number;
  /** After this much silence on both sides a flow is over. */
  readonly flowIdleMs: number;
  /** That one address (IPv6: one /64) may send in a second. */
  readonly datagramsPerSource: number;
  /** Bytes that one address is answered in a second: senders of datagrams may be forged. */
  readonly answeredPerSource: number;
  /** Bytes of one answer that wait for a slow client before its target is made to wait. */
  readonly answerMemoryBytes: number;
  /** Bytes per second that a client must take of an answer that waits for it. */
  readonly answerBytesPerSecond: number;
  readonly upstreamConnectMs: number;
  readonly connectionsPerTarget: number;
}

export type AttributeMap = Readonly<Record<string, string>>;

export interface LoadBalancerSettings {
  readonly arn: string;
  readonly name: string;
  /** The host of requests that name none. */
  readonly dnsName: string;
  readonly account: string;
  readonly region: string;
  readonly type: 'application' | 'network';
  /** Its availability zones; undefined: whatever zone a node is in, it carries it. */
  readonly zones?: readonly string[];
  readonly scheme: 'internet-facing' | 'internal';
  /** As in DescribeLoadBalancerAttributes: `idle_timeout.timeout_seconds`, `routing.http.desync_mitigation_mode` … */
  readonly attributes: AttributeMap;
  /** ARN of the associated web ACL. */
  readonly webAcl?: string;
  /** What comes for it is sampled, for those who look for attacks. */
  readonly isWatched?: boolean;
  /** An attack goes on: what tells its requests, for the managed group that acts on floods. */
  readonly threat?: Threat;
  /** Some flow log watches its network interfaces. */
  readonly isFlowLogged?: boolean;
  /** What its security groups allow in; undefined: no group is attached, and everything may come (network type only). */
  readonly ingress?: readonly IngressRule[];
  /** What they allow out (application type only): untracked connections are answered by these alone. */
  readonly egress?: readonly EgressRule[];
  /** The border of its subnet; undefined: everything crosses it. */
  readonly border?: Border;
  readonly listeners: readonly ListenerSettings[];
}

export interface Border {
  /** Lines of the network ACL. */
  readonly entries: readonly AclEntry[];
  /** Addresses inside the subnet, whose packets cross no border. */
  readonly neighbours: readonly string[];
}

/** One rule of a security group with its peer resolved to addresses. */
export interface EgressRule {
  readonly groupId: string;
  readonly ruleId: string;
  /** IANA number; -1 is every protocol. */
  readonly protocol: number;
  readonly fromPort: number;
  readonly toPort: number;
  readonly cidrs: readonly string[];
}

interface IngressRule extends EgressRule {
  /** Connections that it lets in end when it goes (`engines/network/tracking.ts`). */
  readonly isUntracked?: boolean;
}

export interface ListenerSettings {
  readonly arn: string;
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP';
  readonly port: number;
  /** What clients may speak; versions before 1.2 are not spoken even so. */
  readonly tlsPolicy?: TlsPolicySettings;
  readonly alpnPolicy?: readonly string[];
  /** ARNs; the first is the default certificate. */
  readonly certificates: readonly string[];
  readonly mutualAuthentication?: {
    readonly mode: 'off' | 'passthrough' | 'verify';
    readonly trustStoreArn?: string;
    readonly ignoreClientCertificateExpiry?: boolean;
    readonly advertiseTrustStoreCaNames?: boolean;
  };
  readonly attributes: AttributeMap;
  readonly defaultActions: readonly Action[];
  /** Without the default rule. */
  readonly rules: readonly RuleSettings[];
}

export interface TlsPolicySettings {
  /** `TLSv1.3`, `TLSv1.2` … */
  readonly protocols: readonly string[];
  /** OpenSSL's names, in the order of preference. */
  readonly ciphers: readonly string[];
}

export interface RuleSettings {
  readonly arn: string;
  readonly priority: number;
  readonly conditions: readonly RuleCondition[];
  readonly actions: readonly Action[];
  readonly transforms?: readonly RuleTransform[];
}

export interface CertificateSettings {
  readonly arn: string;
  /** PEM: the leaf and its chain. */
  readonly chain: string;
  /** PEM. Never leaves the memory of the edge process. */
  readonly privateKey: string;
}

/** What signs users in; the same on all nodes. Never leaves the memory of the edge process. */
export interface AuthenticationKeySettings {
  /** `kid` of what it signs. */
  readonly id: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Seals sessions. Base64 of 32 bytes. */
  readonly sessionKey: string;
  /** PEM, P-256: signs what targets are told of users. */
  readonly privateKey: string;
}

export interface TrustStoreSettings {
  readonly arn: string;
  /** PEM certificates, one after another. */
  readonly caBundle: string;
  /** PEM certificate revocation lists. */
  readonly revocations: readonly string[];
}

export interface TargetGroupSettings {
  readonly arn: string;
  readonly name: string;
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP';
  readonly protocolVersion: 'HTTP1' | 'HTTP2' | 'GRPC';
  readonly port: number;
  /** As in DescribeTargetGroupAttributes. */
  readonly attributes: AttributeMap;
  readonly healthCheck: HealthCheckSettings;
  readonly targets: readonly TargetSettings[];
}

export interface HealthCheckSettings {
  readonly enabled: boolean;
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP';
  /** `traffic-port`, or a number. */
  readonly port: string;
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** `200`, `200,202`, `200-299`; of gRPC for groups of that version */
  readonly matcher: string;
}

export interface TargetSettings {
  /** As registered: an instance's id, an address, or a load balancer's ARN. */
  readonly id: string;
  /** Where it is reached; undefined where nothing is known to answer for the id. */
  readonly address?: string;
  /** ARN of an application load balancer of this snapshot: the node itself is where it is reached. */
  readonly loadBalancer?: string;
  readonly port: number;
  readonly zone?: string;
  /** Epoch milliseconds: deregistered then, and draining. */
  readonly deregisteredAt?: number;
  readonly registeredAt: number;
}

/** A web ACL with everything that it refers to but AWS's managed groups, which the edge knows by itself. */
export interface WebAclSettings {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly scope: 'REGIONAL' | 'CLOUDFRONT';
  /** Two settings with the same revision are the same, references included. */
  readonly revision: string;
  readonly definition: WebAclBundle;
  /** Seals the tokens of CAPTCHA and Challenge; the same on all nodes. Base64 of 32 bytes. */
  readonly tokenKey: string;
  /** Body bytes that are inspected: 8 KB for load balancers, up to 64 KB for distributions. */
  readonly inspectedBodyBytes: number;
  /** Then every request is reported, for the log. */
  readonly isLogged: boolean;
}

/** A distribution: named by Host, in front of one origin per path pattern. */
export interface DistributionSettings {
  readonly arn: string;
  readonly id: string;
  readonly account: string;
  readonly enabled: boolean;
  /** Its own domain name and its aliases; `*.` stands for one label or more. */
  readonly hosts: readonly string[];
  readonly port: number;
  readonly securePort?: number;
  /** ARN; a distribution without one is not served by TLS. */
  readonly certificate?: string;
  /** ARN of what the first of the hosts, its own name, shows beside another certificate. */
  readonly standardCertificate?: string;
  readonly defaultRootObject: string;
  readonly webAcl?: string;
  readonly origins: readonly OriginSettings[];
  /** In order; the last has the pattern `*`. */
  readonly behaviors: readonly BehaviorSettings[];
  /** What comes for it is sampled, for those who look for attacks. */
  readonly isWatched?: boolean;
  readonly threat?: Threat;
  /** What was kept of these paths is to be asked for anew: the newest first, and no more than `mostInvalidations`. */
  readonly invalidations?: readonly InvalidationSettings[];
}

export interface InvalidationSettings {
  readonly id: string;
  /** `/images/*`: a star at the end stands for whatever follows. */
  readonly paths: readonly string[];
}

/** An edge that has missed more of them forgets all that it has kept of the distribution. */
export const mostInvalidations = 50;

export interface OriginSettings {
  readonly id: string;
  readonly domainName: string;
  /** ARN of the load balancer of this instance that it is. */
  readonly loadBalancer?: string;
  /** Where the name leads if it is a load balancer or bucket of this instance. */
  readonly address?: string;
  readonly port: number;
  readonly protocol: 'http' | 'https';
  /** Put before the path: '' or `/prefix`. */
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly readMs: number;
}

export interface BehaviorSettings {
  readonly pathPattern: string;
  readonly originId: string;
  /** For requests that came by TLS, where origins are spoken to as viewers speak. */
  readonly secureOriginId?: string;
  readonly viewerProtocol: 'allow-all' | 'https-only' | 'redirect-to-https';
  readonly methods: readonly string[];
  readonly cachedMethods: readonly string[];
  readonly minimumSeconds: number;
  readonly defaultSeconds: number;
  readonly maximumSeconds: number;
  /** What of the request the origin sees beside the path, and by what answers are kept apart. */
  readonly queryStrings: Selection;
  readonly cookies: Selection;
  readonly headerNames: Selection;
  /** What the origin sees beyond that, and answers are not kept apart by. */
  readonly forwarded?: Pick<BehaviorSettings, 'queryStrings' | 'cookies' | 'headerNames'>;
  /** Viewers' codings are told to the origin, and keep answers apart. */
  readonly compress: boolean;
  /** What is kept is compressed for those who take it, where the origin has not done so. */
  readonly compresses?: boolean;
}

export type Selection = { readonly kind: 'none' } | { readonly kind: 'all' } | NamedSelection;

interface NamedSelection {
  readonly kind: 'only' | 'except';
  readonly names: readonly string[];
}

/** A question about a name, and what answers it wherever the account takes requests. */
export interface ChallengeSettings {
  readonly account: string;
  /** Lower case. */
  readonly host: string;
  readonly token: string;
  readonly answer: string;
}

export interface DnsZoneSettings {
  readonly id: string;
  /** `example.com.` */
  readonly name: string;
  readonly records: readonly DnsRecordSettings[];
}

export interface DnsRecordSettings {
  readonly name: string;
  readonly type: string;
  readonly ttl: number;
  /** As the Route 53 API has them; of aliases what they lead to. */
  readonly values: readonly string[];
  readonly weight?: number;
  readonly failover?: 'PRIMARY' | 'SECONDARY';
  /** Undefined where nothing is checked. */
  readonly isHealthy?: boolean;
}

export const defaultLimits: EdgeLimits = {
  headBytes: 64 * 1024,
  headerCount: 200,
  headMs: 10_000,
  bodyBytesPerSecond: 240,
  bodyGraceMs: 20_000,
  paceMs: 5_000,
  bodyBytes: 1024 * 1024 * 1024,
  bodyMemoryBytes: 128 * 1024,
  memoryBytes: 64 * 1024 * 1024,
  spillBytes: 4 * 1024 * 1024 * 1024,
  connections: 20_000,
  connectionsPerSource: 10_000,
  flows: 8_192,
  flowsPerSource: 1_024,
  flowIdleMs: 120_000,
  datagramsPerSource: 10_000,
  answeredPerSource: 8 * 1024 * 1024,
  answerMemoryBytes: 1024 * 1024,
  answerBytesPerSecond: 1024,
  upstreamConnectMs: 10_000,
  connectionsPerTarget: 256,
};
