/** Having a certificate signed, the first time and again, and the rows that go with it. */
import type { Change } from '../../store/store.ts';
import type { CheckCall } from '../service.ts';
import { contentOf } from './certificate-content.ts';
import { limitExceeded } from './errors.ts';
import type { AcmPorts, Issued } from './ports.ts';
import {
  type CertificateRow,
  certificates,
  dueId,
  dueRenewals,
  orders,
  pathOf,
  pending,
  privateKeys,
  regional,
} from './state.ts';

/** "Certificates issued through ACM are valid for 198 days." */
const validDays = 198;
/** "ACM begins the renewal process up to 60 days prior to expiration." */
const renewalLeadMs = 60 * 86_400_000;

/** Signs, and writes what came of it. Rejects if the authority cannot sign now. */
export async function issueInto(
  change: Change,
  row: CertificateRow,
  ports: Pick<AcmPorts, 'issue'>,
  now: number,
): Promise<CertificateRow> {
  const { names, keyAlgorithm } = row;
  return putIssued(change, row, await ports.issue({ names, keyAlgorithm, now, days: validDays }), now);
}

export function putIssued(change: Change, row: CertificateRow, made: Issued, now: number): CertificateRow {
  const content = contentOf(made.body, made.chain);
  const issued: CertificateRow = { ...row, status: 'ISSUED', issuedAt: row.issuedAt ?? now, content };
  forget(change, row);
  change.put(certificates, regional(row), row.id, issued);
  change.put(privateKeys, regional(row), row.id, { pem: made.privateKey });
  change.put(dueRenewals, '', dueId(renewalAt(issued), issued), {});
  return issued;
}

/** Two thirds of its life, for certificates that are shorter than the lead. */
export function renewalAt({ content }: CertificateRow): number {
  if (!content) return 0;
  const { notBefore, notAfter } = content;
  return Math.max(notAfter - renewalLeadMs, notBefore + ((notAfter - notBefore) * 2) / 3);
}

/** "ACM certificates: 2,500" (quotas of AWS Certificate Manager), issued and imported ones each. */
const mostCertificates = 2500;

/** @throws AwsError LimitExceededException */
export async function requireRoom({ change, scope }: CheckCall, type: CertificateRow['type']): Promise<void> {
  const all = await change.list(certificates, regional(scope));
  if (all.filter(({ value }) => value.type === type).length >= mostCertificates) {
    throw limitExceeded(`You have reached your limit of ${mostCertificates} certificates.`);
  }
}

/** What is still to be done with a certificate: nothing any more. */
export function forget(change: Change, row: CertificateRow): void {
  change.delete(orders, '', pathOf(row));
  change.delete(pending, '', pathOf(row));
  if (row.content) change.delete(dueRenewals, '', dueId(renewalAt(row), row));
}
