/** Load balancers, target groups and trust stores as the edge takes them, from what Elastic Load Balancing keeps. */

import type {
  ListenerSettings,
  LoadBalancerSettings,
  TargetGroupSettings,
  TrustStoreSettings,
} from '../../edge/snapshot.ts';
import { interfacesOf } from '../../services/ec2/network/load-balancer-interfaces.ts';
import { readAll } from '../../services/ec2/network/rows.ts';
import { flowLogs, networkInterfaces } from '../../services/ec2/network/state.ts';
import {
  listenerArn,
  loadBalancerArn,
  loadBalancerPath,
  ruleArn,
  targetGroupArn,
  trustStoreArn,
} from '../../services/elasticloadbalancing/arns.ts';
import { listenerAttributes } from '../../services/elasticloadbalancing/attributes/listener.ts';
import { loadBalancerAttributes } from '../../services/elasticloadbalancing/attributes/load-balancer.ts';
import { targetGroupAttributes } from '../../services/elasticloadbalancing/attributes/target-group.ts';
import { allLoadBalancers } from '../../services/elasticloadbalancing/reading.ts';
import { loadBalancersUsing } from '../../services/elasticloadbalancing/rules/uses.ts';
import { sslPolicy } from '../../services/elasticloadbalancing/ssl-policies.ts';
import {
  type ListenerRow,
  type LoadBalancerRow,
  listeners,
  regional,
  revocations,
  rules,
  type TargetGroupRow,
  type TargetRow,
  targetGroupPartition,
  targetGroups,
  targets,
  trustStorePartition,
  trustStores,
} from '../../services/elasticloadbalancing/state.ts';
import { isZoneEnabled } from '../../services/elasticloadbalancing/target-health.ts';
import type { Blobs, Reader } from '../../store/store.ts';
import type { LoadBalancing } from './compose.ts';
import { borderOf, type IngressReader, rulesOf } from './ingress.ts';

export interface LoadBalancingParts {
  readonly reader: Reader;
  readonly blobs: Pick<Blobs, 'read'>;
  /** Where an instance is reached. */
  readonly addressOf: (scope: { account: string; region: string }, instance: string) => Promise<string | undefined>;
  readonly ingress: IngressReader;
}

export async function loadBalancing(parts: LoadBalancingParts): Promise<LoadBalancing> {
  const rows = await allLoadBalancers(parts.reader);
  // The oldest has the port where two want the same.
  rows.sort((a, b) => a.createdAt - b.createdAt);
  const loadBalancers = await Promise.all(rows.map((row) => loadBalancer(parts, row)));
  const regions = new Map(rows.map((row) => [regional(row), row]));
  const byPath = new Map(rows.map((row) => [`${regional(row)} ${loadBalancerPath(row)}`, row]));
  const groups: TargetGroupSettings[] = [];
  const stores: TrustStoreSettings[] = [];
  for (const partition of regions.keys()) {
    for (const { value } of await parts.reader.list(targetGroups, partition)) {
      // What no rule forwards to gets neither requests nor health checks.
      const [path] = await loadBalancersUsing(parts.reader, value);
      const user = byPath.get(`${partition} ${path}`);
      if (user) groups.push(await targetGroup(parts, value, user));
    }
    stores.push(...(await storesOf(parts, partition)));
  }
  return { loadBalancers, targetGroups: groups, trustStores: stores };
}

async function loadBalancer(parts: LoadBalancingParts, row: LoadBalancerRow): Promise<LoadBalancerSettings> {
  const { reader } = parts;
  const own = await reader.list(listeners, regional(row), { prefix: `${loadBalancerPath(row)}/` });
  const all = await Promise.all(own.map(({ value }) => listener(reader, value)));
  const { name, dnsName, account, region, type, scheme, securityGroups } = row;
  const isFlowLogged = await isLogged(reader, row);
  // Its connections are those of the interface in its first zone.
  const [zone] = row.zones;
  const border = zone && (await borderOf(parts.ingress, row, zone.subnetId));
  const isOpen = type === 'network' && securityGroups.length === 0;
  return {
    arn: loadBalancerArn(row),
    name,
    dnsName,
    account,
    region,
    type,
    zones: row.zones.map((one) => one.zone),
    scheme,
    attributes: loadBalancerAttributes(row),
    ...(isFlowLogged && { isFlowLogged }),
    ...(border && { border }),
    ...(!isOpen && (await rulesOf(parts.ingress, row, securityGroups, type))),
    listeners: all.sort((a, b) => a.port - b.port),
  };
}

/** By its VPC, or what of it lies in one of its subnets. */
async function isLogged(reader: Reader, row: LoadBalancerRow): Promise<boolean> {
  const scope = { account: row.account, region: row.region };
  const logs = await readAll(reader, flowLogs, scope);
  if (logs.length === 0) return false;
  const own = interfacesOf(await readAll(reader, networkInterfaces, scope), loadBalancerPath(row));
  const watched = new Set(own.flatMap(({ id, subnet, vpc }) => [id, subnet, vpc]));
  return logs.some(({ resource }) => watched.has(resource));
}

async function listener(reader: Reader, row: ListenerRow): Promise<ListenerSettings> {
  const own = (await reader.list(rules, regional(row), { prefix: `${row.path}/` })).map(({ value }) => value);
  const fallback = own.find(({ path }) => path === row.defaultRule);
  const { mutualAuthentication: client } = row;
  return {
    arn: listenerArn(row),
    protocol: row.protocol,
    port: row.port,
    ...(row.sslPolicy !== undefined && tlsPolicyOf(row.sslPolicy)),
    ...(row.alpnPolicy !== undefined && { alpnPolicy: [row.alpnPolicy] }),
    certificates: row.certificate === undefined ? [] : [row.certificate, ...row.certificates],
    ...(client && {
      mutualAuthentication: {
        mode: client.mode,
        ...(client.trustStoreArn !== undefined && { trustStoreArn: client.trustStoreArn }),
        ignoreClientCertificateExpiry: client.ignoreClientCertificateExpiry === true,
        advertiseTrustStoreCaNames: client.advertiseTrustStoreCaNames === 'on',
      },
    }),
    attributes: listenerAttributes(row),
    defaultActions: fallback?.actions ?? [],
    rules: own.flatMap((rule) =>
      rule.priority === undefined
        ? []
        : {
            arn: ruleArn(rule),
            priority: rule.priority,
            conditions: rule.conditions,
            actions: rule.actions,
            transforms: rule.transforms,
          },
    ),
  };
}

function tlsPolicyOf(name: string): Pick<ListenerSettings, 'tlsPolicy'> {
  const policy = sslPolicy(name);
  if (!policy) return {};
  const ciphers = (policy.Ciphers ?? []).flatMap(({ Name }) => Name ?? []);
  return { tlsPolicy: { protocols: policy.SslProtocols ?? [], ciphers } };
}

async function targetGroup(
  parts: LoadBalancingParts,
  row: TargetGroupRow,
  user: LoadBalancerRow,
): Promise<TargetGroupSettings> {
  const all = await parts.reader.list(targets, targetGroupPartition(row));
  const own = all.filter(({ value }) => isZoneEnabled(user, row, value.zone));
  const { healthCheck: check } = row;
  const { matcher } = check;
  return {
    arn: targetGroupArn(row),
    name: row.name,
    protocol: row.protocol,
    protocolVersion: row.protocolVersion ?? 'HTTP1',
    port: row.port,
    attributes: targetGroupAttributes(row),
    healthCheck: {
      enabled: check.enabled,
      protocol: check.protocol,
      port: check.port,
      path: check.path ?? '/',
      intervalSeconds: check.intervalSeconds,
      timeoutSeconds: check.timeoutSeconds,
      healthyThreshold: check.healthyThreshold,
      unhealthyThreshold: check.unhealthyThreshold,
      matcher: matcher?.GrpcCode ?? matcher?.HttpCode ?? '200',
    },
    targets: await Promise.all(own.map(({ value }) => target(parts, row, value))),
  };
}

async function target(parts: LoadBalancingParts, group: TargetGroupRow, row: TargetRow) {
  const isChained = group.targetType === 'alb';
  const address = group.targetType === 'ip' ? row.id : isChained ? undefined : await parts.addressOf(group, row.id);
  return {
    id: row.id,
    port: row.port,
    registeredAt: row.registeredAt,
    ...(isChained && { loadBalancer: row.id }),
    ...(address !== undefined && { address }),
    ...(row.zone !== undefined && { zone: row.zone }),
    ...(row.draining && { deregisteredAt: row.draining.from }),
  };
}

async function storesOf({ reader, blobs }: LoadBalancingParts, partition: string): Promise<TrustStoreSettings[]> {
  const found: TrustStoreSettings[] = [];
  for (const { value: row } of await reader.list(trustStores, partition)) {
    const lists = await reader.list(revocations, trustStorePartition(row));
    found.push({
      arn: trustStoreArn(row),
      caBundle: (await whole(blobs.read(row.bundle))).toString(),
      revocations: await Promise.all(lists.map(async ({ value }) => asPem(await whole(blobs.read(value.content))))),
    });
  }
  return found;
}

async function whole(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function asPem(content: Buffer): string {
  const text = content.toString('latin1');
  if (text.includes('-----BEGIN')) return text;
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN X509 CRL-----\n${lines.join('\n')}\n-----END X509 CRL-----\n`;
}
