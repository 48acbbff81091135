/** Binds the services to each other: every port of every service, in one place. */

import { account } from '../services/account/index.ts';
import type { Mailbox } from '../services/account/ports.ts';
import { accounts } from '../services/account/state.ts';
import { acm } from '../services/acm/index.ts';
import type { PublicAuthority } from '../services/acm/ports.ts';
import { Attempts } from '../services/bailey/attempts.ts';
import { bailey } from '../services/bailey/index.ts';
import type { BaileyPorts, SignInPorts } from '../services/bailey/ports.ts';
import { cloudfront } from '../services/cloudfront/index.ts';
import { distributionsUsing } from '../services/cloudfront/reading.ts';
import { cloudtrail } from '../services/cloudtrail/index.ts';
import { cloudwatch } from '../services/cloudwatch/index.ts';
import { ec2 } from '../services/ec2/index.ts';
import type { InstanceProfiles } from '../services/ec2/ports.ts';
import { elasticloadbalancing } from '../services/elasticloadbalancing/index.ts';
import type { Edge } from '../services/elasticloadbalancing/ports.ts';
import { listenersUsing, useOfNetwork } from '../services/elasticloadbalancing/reading.ts';
import { entityArn } from '../services/iam/arns.ts';
import { createDirectory } from '../services/iam/directory.ts';
import { iamPorts } from '../services/iam/iam-ports.ts';
import { iam } from '../services/iam/index.ts';
import { awsManaged } from '../services/iam/managed-policies.ts';
import { identitiesForSts } from '../services/iam/roles-port.ts';
import { instanceProfiles, roles, rowId } from '../services/iam/state.ts';
import { kms } from '../services/kms/index.ts';
import type { HsmClusters, KmsPorts, XksTransport } from '../services/kms/ports.ts';
import { type KmsSettingsInput, kmsSettings } from '../services/kms/settings.ts';
import { logs } from '../services/logs/index.ts';
import { organizations } from '../services/organizations/index.ts';
import { route53 } from '../services/route53/index.ts';
import type { Route53Ports } from '../services/route53/ports.ts';
import { createS3 } from '../services/s3/index.ts';
import type { Actor, Random, Sealer, Service } from '../services/service.ts';
import { shield } from '../services/shield/index.ts';
import { sts } from '../services/sts/index.ts';
import { forgetSessions, openSession } from '../services/sts/session.ts';
import { supportplans } from '../services/supportplans/index.ts';
import { wafv2 } from '../services/wafv2/index.ts';
import { type Quotas, quotasWith } from '../services/wafv2/quotas.ts';
import type { KnownFacts } from '../services/wafv2/replay/facts.ts';
import { Traffic } from '../services/wafv2/traffic/traffic.ts';
import type { Reader, Store } from '../store/store.ts';
import type { HttpResponse } from '../wire/types.ts';
import { approvalLinks, approvalsPath, issueBy, usersOf } from './acm-ports.ts';
import { objectKeys } from './at-rest.ts';
import { cloudfrontPorts } from './cloudfront-ports.ts';
import { RememberedNames } from './dns/ownership.ts';
import { route53Ports } from './dns/ports.ts';
import { cnameOf } from './dns/proofs.ts';
import { reachableAt } from './edge/addresses.ts';
import { type CarryingNode, type NodeAddresses, nodeAddresses } from './edge/nodes.ts';
import { networks, objects, serverCertificates, silentEdge } from './elb-ports.ts';
import { fileLinks, filesPath } from './file-links.ts';
import type { Places } from './places.ts';
import { publicKey, publicKeysPath } from './public-keys.ts';
import { shieldPorts } from './shield/ports.ts';
import { codesForSts, signInPorts } from './sign-in-ports.ts';
import type { OwnAuthority } from './transport/own-authority.ts';
import { firewallOf, protectedResources } from './waf-ports.ts';

/** EC2 asks which role a launch hands out. */
function instanceProfilesOf(store: Store): InstanceProfiles {
  return {
    async find(account, { name, arn }) {
      const wanted = name ?? arn?.slice(arn.lastIndexOf('/') + 1);
      const row = wanted === undefined ? undefined : await store.get(instanceProfiles, account, rowId(wanted));
      if (!row) return undefined;
      const own = entityArn('instance-profile', account, row.path, row.name);
      if (arn !== undefined && arn !== own) return undefined;
      const role = row.role === undefined ? undefined : await store.get(roles, account, row.role);
      return { arn: own, roleArn: role && entityArn('role', account, role.path, role.name) };
    },
  };
}

/** Listeners and distributions that show a certificate. */
const certificateUsers = async (reader: Reader, arn: string): Promise<string[]> => [
  ...(await listenersUsing(reader, arn)),
  ...(await distributionsUsing(reader, arn)),
];

const loopback: CarryingNode = { place: undefined, addresses: reachableAt('127.0.0.1'), isHealthy: true };

export interface ServiceParts {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly random: Random;
  readonly vault: KmsPorts['vault'];
  readonly xks: XksTransport;
  readonly clusters: HsmClusters;
  readonly mailbox: Mailbox;
  /** All that there may be something in. */
  readonly regions: readonly string[];
  readonly places: Pick<Places, 'regions' | 'regionsNotEnabled'>;
  readonly kms?: KmsSettingsInput | undefined;
  readonly waf?: Partial<Quotas> | undefined;
  readonly deliverySeconds: number;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** For what services do beside calls. */
  readonly actor: () => Actor;
  /** What the checks of Route 53 have found. */
  readonly healthChecks?: Route53Ports['health'];
  /** Where the edge carries traffic; at 127.0.0.1 by default. */
  readonly nodes?: NodeAddresses;
  /** This instance's certificate authority, opened when it is first needed. */
  readonly authority: () => Promise<OwnAuthority>;
  /** Signs for public names, if the operator has named one. */
  readonly publicAuthority?: PublicAuthority | undefined;
  /** Where the API listens. */
  readonly endpoint: () => string;
  /** Names under which this instance itself is reached. */
  readonly isOwnName: (name: string) => boolean;
  /** What edge nodes report; until there are any, nothing. */
  readonly edge?: Edge;
  /** What the operator's lists hold. */
  readonly wafFacts?: KnownFacts;
  /** Resolves when every edge node has been sent what the store holds. */
  readonly deployed?: () => Promise<void>;
  readonly bailey: Omit<BaileyPorts, 'signIn' | 'firewall'>;
  /** Counts a sign-in that was refused. */
  readonly signInRefused: SignInPorts['refused'];
}

export function bindServices(parts: ServiceParts) {
  const { store, sealer } = parts;
  const directory = createDirectory(store, {
    awsManaged,
    openSession: (token, accessKeyId, now) => openSession(sealer, token, accessKeyId, now),
  });
  const ports = iamPorts({ store, directory, awsManaged, certificateUsers });
  const attempts = new Attempts();
  const identities = { ...identitiesForSts(awsManaged), codes: codesForSts(attempts) };
  const signIn = signInPorts(store, identities, attempts, parts.signInRefused);
  const principals = {
    uniqueId: (arn: string) => directory.resolvePrincipal(arn),
    arn: (id: string) => directory.describePrincipal(id),
    accountExists: async (id: string) => (await store.get(accounts, '', id)) !== undefined,
    accounts: async () => (await store.list(accounts, '')).map((row) => row.id),
  };
  const wafTraffic = new Traffic();
  const wafQuotas = quotasWith(parts.waf);
  const files = fileLinks(sealer, store.blobs);
  const names = new RememberedNames(store);
  const approvals = approvalLinks(sealer, store, parts.endpoint);
  const services: readonly Service[] = [
    iam(ports),
    sts(identities),
    createS3({ blobs: store.blobs, principals, keys: objectKeys(parts) }),
    kms({
      vault: parts.vault,
      xks: parts.xks,
      clusters: parts.clusters,
      principals,
      store,
      regions: parts.regions,
      enabledRegions: [...parts.places.regions],
      settings: kmsSettings(parts.kms),
    }),
    cloudtrail({ store, regions: parts.regions, deliverySeconds: parts.deliverySeconds }),
    ec2({
      instanceProfiles: instanceProfilesOf(store),
      loadBalancers: { use: useOfNetwork },
      regions: [...parts.places.regions],
      regionsNotEnabled: [...parts.places.regionsNotEnabled],
    }),
    account({ mailbox: parts.mailbox, store }),
    organizations(),
    logs({ store }),
    shield(shieldPorts(store, parts.now, parts.actor)),
    route53(
      route53Ports({
        health: parts.healthChecks ?? (() => undefined),
        isOwnName: parts.isOwnName,
        store,
        nodes: parts.nodes ?? nodeAddresses(() => [loopback]),
      }),
    ),
    cloudwatch({ store, accounts: principals.accounts, regions: parts.regions }),
    supportplans(),
    cloudfront(cloudfrontPorts(parts.deployed ?? (async () => undefined))),
    wafv2({
      principals,
      resources: protectedResources,
      traffic: wafTraffic,
      store,
      deliverySeconds: parts.deliverySeconds,
      quotas: wafQuotas,
    }),
    acm({
      issue: (request) => issueBy(parts.authority, request),
      publicAuthority: parts.publicAuthority,
      isOwnName: parts.isOwnName,
      cname: async (name) => cnameOf(store, await names.read(), name),
      mail: (to, subject, text) => parts.mailbox.send(to, subject, text),
      approvalLink: approvals.link,
      users: usersOf,
      store,
    }),
    elasticloadbalancing({
      networks,
      objects,
      certificates: serverCertificates,
      edge: parts.edge ?? silentEdge,
      blobs: store.blobs,
      store,
      downloads: files,
    }),
    bailey({
      ...parts.bailey,
      signIn,
      firewall: firewallOf({ traffic: wafTraffic, quotas: wafQuotas, facts: parts.wafFacts ?? {} }),
    }),
  ];
  return {
    directory,
    principals,
    /** What links that were given away lead to; undefined for paths that are none. */
    async links(method: string, path: string, now: number): Promise<HttpResponse | undefined> {
      if (path.startsWith(filesPath)) return method === 'GET' ? files.read(path, now) : undefined;
      if (path.startsWith(publicKeysPath)) return method === 'GET' ? publicKey(store, path) : undefined;
      return path.startsWith(approvalsPath) ? approvals.answer(method, path) : undefined;
    },
    /** Takes what edge nodes report of inspected requests. */
    wafTraffic,
    services: new Map(services.map((service) => [service.name, service])),
    /** After the store was cleared. */
    forget(): void {
      directory.forget();
      forgetSessions(sealer);
      ports.forget();
      signIn.attempts.forget();
      wafTraffic.clear();
      names.forget();
    },
  };
}

export type BoundServices = ReturnType<typeof bindServices>;
