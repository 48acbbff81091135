/** Listeners: how they are shown, and the rows that go with them. */
import type { Certificate, Listener } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Change, Reader } from '../../store/store.ts';
import { listenerArn, loadBalancerArnOf, parseArn } from './arns.ts';
import { withoutSecret } from './rules/authentication.ts';
import { deleteRule } from './rules/uses.ts';
import {
  certificateUses,
  type ListenerRow,
  listeners,
  type RuleRow,
  regional,
  rules,
  trustStorePartition,
  trustStoreUses,
} from './state.ts';

export const isSecure = (protocol: string): boolean => protocol === 'HTTPS' || protocol === 'TLS';

export async function defaultRuleOf(reader: Reader, row: ListenerRow): Promise<RuleRow> {
  const rule = await reader.get(rules, regional(row), row.defaultRule);
  if (!rule) throw new Error('a listener is without its default rule');
  return rule;
}

/** The rules of a listener in the order in which they are tried: the default rule last. */
export async function rulesOf(
  reader: Reader,
  row: Pick<ListenerRow, 'account' | 'region' | 'path'>,
): Promise<RuleRow[]> {
  const found = await reader.list(rules, regional(row), { prefix: `${row.path}/` });
  return found
    .map(({ value }) => value)
    .sort((a, b) => (a.priority ?? Number.POSITIVE_INFINITY) - (b.priority ?? Number.POSITIVE_INFINITY));
}

export function shownListener(row: ListenerRow, defaultRule: RuleRow): Listener {
  const { mutualAuthentication: mutual } = row;
  return {
    ListenerArn: listenerArn(row),
    LoadBalancerArn: loadBalancerArnOf(row),
    Port: row.port,
    Protocol: row.protocol,
    ...(row.certificate !== undefined && { Certificates: [{ CertificateArn: row.certificate }] }),
    ...(row.sslPolicy !== undefined && { SslPolicy: row.sslPolicy }),
    DefaultActions: defaultRule.actions.map(withoutSecret),
    ...(row.alpnPolicy !== undefined && { AlpnPolicy: [row.alpnPolicy] }),
    ...(mutual && {
      MutualAuthentication: {
        Mode: mutual.mode,
        ...(mutual.mode === 'verify' && {
          TrustStoreArn: mutual.trustStoreArn,
          IgnoreClientCertificateExpiry: mutual.ignoreClientCertificateExpiry ?? false,
          TrustStoreAssociationStatus: 'active' as const,
          AdvertiseTrustStoreCaNames: mutual.advertiseTrustStoreCaNames ?? 'off',
        }),
      },
    }),
  };
}

/** The default one first. */
export function shownCertificates(row: ListenerRow): Certificate[] {
  const others = row.certificates.map((CertificateArn) => ({ CertificateArn, IsDefault: false }));
  return row.certificate === undefined ? others : [{ CertificateArn: row.certificate, IsDefault: true }, ...others];
}

/** @param before the same listener as it was */
export function putListener(change: Change, row: ListenerRow, before?: ListenerRow): void {
  change.put(listeners, regional(row), row.path, row);
  const arn = listenerArn(row);
  const certificates = certificatesOf(row);
  for (const certificate of before ? certificatesOf(before) : []) {
    if (!certificates.has(certificate)) change.delete(certificateUses, certificate, arn);
  }
  for (const certificate of certificates) change.put(certificateUses, certificate, arn, {});
  const store = storeOf(row);
  const former = before && storeOf(before);
  if (former !== undefined && former !== store) change.delete(trustStoreUses, former, row.path);
  if (store !== undefined) change.put(trustStoreUses, store, row.path, {});
}

const certificatesOf = (row: ListenerRow): Set<string> =>
  new Set([...row.certificates, ...(row.certificate === undefined ? [] : [row.certificate])]);

function storeOf({ mutualAuthentication: mutual }: ListenerRow): string | undefined {
  const parsed = mutual?.trustStoreArn === undefined ? undefined : parseArn(mutual.trustStoreArn);
  return parsed && trustStorePartition(parsed);
}

/** With its rules, and all that points to them. */
export async function deleteListener(change: Change, row: ListenerRow): Promise<void> {
  for (const rule of await rulesOf(change, row)) deleteRule(change, rule);
  change.delete(listeners, regional(row), row.path);
  for (const certificate of certificatesOf(row)) change.delete(certificateUses, certificate, listenerArn(row));
  const store = storeOf(row);
  if (store !== undefined) change.delete(trustStoreUses, store, row.path);
}
