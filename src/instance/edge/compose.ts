/** Composes the snapshot of the edge from what services keep: each part by a function that its service's room hands in. */
import type {
  AuthenticationKeySettings,
  CertificateSettings,
  ChallengeSettings,
  DistributionSettings,
  DnsZoneSettings,
  LoadBalancerSettings,
  Snapshot,
  TargetGroupSettings,
  TrustStoreSettings,
  WebAclSettings,
} from '../../edge/snapshot.ts';
import type { Threat } from '../../engines/traffic/index.ts';
import type { WebACLDefinition } from '../../engines/waf/types.ts';

/** Every function answers what is in the store now. */
export interface EdgeSources {
  loadBalancers(): Promise<LoadBalancing>;
  /** @param more ARNs of web ACLs that distributions name */
  webAcls(more: readonly string[]): Promise<WebAcls>;
  certificates(arns: readonly string[]): Promise<readonly CertificateSettings[]>;
  distributions(): Promise<readonly DistributionSettings[]>;
  zones(): Promise<readonly DnsZoneSettings[]>;
  challenges(): Promise<readonly ChallengeSettings[]>;
  authenticationKeys(): Promise<readonly AuthenticationKeySettings[]>;
  /** ARNs of resources whose traffic is watched for attacks. */
  watched(): Promise<ReadonlySet<string>>;
  /** Attacks that go on, by ARN of the resource. */
  threats(): ReadonlyMap<string, Threat>;
}

export interface LoadBalancing {
  /** Without their web ACLs. */
  readonly loadBalancers: readonly LoadBalancerSettings[];
  readonly targetGroups: readonly TargetGroupSettings[];
  readonly trustStores: readonly TrustStoreSettings[];
}

interface WebAcls {
  readonly webAcls: readonly WebAclSettings[];
  /** ARN of a load balancer → ARN of its web ACL. */
  readonly byResource: ReadonlyMap<string, string>;
}

/** What services say, without what the node itself is. */
export type Composed = Omit<Snapshot, 'version' | 'instanceId' | 'node'>;

export async function compose(sources: EdgeSources): Promise<Composed> {
  const [balancing, served, zones, watched, challenges] = await Promise.all([
    sources.loadBalancers(),
    sources.distributions(),
    sources.zones(),
    sources.watched(),
    sources.challenges(),
  ]);
  const named = served.flatMap(({ webAcl }) => webAcl ?? []);
  const { webAcls, byResource } = await sources.webAcls(named);
  const followed = new Set(webAcls.filter(({ definition }) => followsFloods(definition.webAcl)).map(({ arn }) => arn));
  const threats = sources.threats();
  const looked = (resource: string, webAcl: string | undefined) => {
    const isFollowed = webAcl !== undefined && followed.has(webAcl);
    const threat = isFollowed ? threats.get(resource) : undefined;
    return { ...((isFollowed || watched.has(resource)) && { isWatched: true }), ...(threat && { threat }) };
  };
  const distributions = served.map((one) => ({ ...one, ...looked(one.arn, one.webAcl) }));
  const loadBalancers = balancing.loadBalancers.map((one) => {
    const webAcl = byResource.get(one.arn);
    return { ...one, ...(webAcl !== undefined && { webAcl }), ...looked(one.arn, webAcl) };
  });
  const arns = new Set([
    ...loadBalancers.flatMap(({ listeners }) => listeners.flatMap((listener) => listener.certificates)),
    ...distributions.flatMap(({ certificate, standardCertificate }) =>
      [certificate ?? [], standardCertificate ?? []].flat(),
    ),
  ]);
  const certificates = await sources.certificates([...arns]);
  const { targetGroups, trustStores } = balancing;
  const parts = { loadBalancers, targetGroups, trustStores, certificates, webAcls, distributions, zones, challenges };
  // Secrets go to nodes only where something is done with them.
  if (!loadBalancers.some(signsUsersIn)) return parts;
  return { ...parts, authenticationKeys: await sources.authenticationKeys() };
}

export function signsUsersIn({ listeners }: LoadBalancerSettings): boolean {
  const actions = listeners.flatMap((one) => [...one.defaultActions, ...one.rules.flatMap((rule) => rule.actions)]);
  return actions.some(({ Type }) => Type === 'authenticate-oidc');
}

/** Its managed group acts on floods, and so somebody must tell what is one. */
function followsFloods({ Rules = [] }: WebACLDefinition): boolean {
  return Rules.some(({ Statement: { ManagedRuleGroupStatement: group } }) => {
    return group?.VendorName === 'AWS' && group.Name === 'AWSManagedRulesAntiDDoSRuleSet';
  });
}

/** Whether there is anything to carry traffic for: before that, no process is started. */
export function isNeeded({ loadBalancers, distributions, zones }: Composed): boolean {
  return loadBalancers.some(({ listeners }) => listeners.length > 0) || distributions.length > 0 || zones.length > 0;
}
