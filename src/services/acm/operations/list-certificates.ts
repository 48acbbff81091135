/** ListCertificates, by status, key, use and origin. */
import type { ListCertificatesRequest, ListCertificatesResponse } from '@aws-sdk/client-acm';
import { operation } from '../../service.ts';
import { validation } from '../errors.ts';
import { accountCheck } from '../find.ts';
import { pageOf } from '../pages.ts';
import type { AcmPorts } from '../ports.ts';
import { purposeNames, shownSummary, statusOf, usageNames } from '../shapes.ts';
import { type CertificateRow, certificateArn, certificates, regional } from '../state.ts';

/** "Default filtering returns only RSA_1024 and RSA_2048 certificates that have at least one domain." */
const defaultKeyTypes = ['RSA_1024', 'RSA_2048'];

export const ListCertificates = operation<ListCertificatesRequest, ListCertificatesResponse, AcmPorts>({
  checks: (_input, call) => [accountCheck(call, 'ListCertificates')],
  async handle(input, call, ports) {
    if ((input.SortBy === undefined) !== (input.SortOrder === undefined)) {
      throw validation('SortBy and SortOrder must be specified together.');
    }
    const all = (await call.change.list(certificates, regional(call.scope))).map(({ value }) => value);
    const rows = all.filter((row) => isWanted(row, input, call.now));
    const direction = input.SortOrder === 'ASCENDING' ? 1 : -1;
    if (input.SortBy !== undefined) {
      rows.sort((a, b) => direction * (a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)));
    }
    const { items, rest } = pageOf(call, input, rows, ({ id }) => id);
    const shown = items.map(async (row) =>
      shownSummary(row, await ports.users(call.change, certificateArn(row)), call.now),
    );
    return { CertificateSummaryList: await Promise.all(shown), ...rest };
  },
});

function isWanted(row: CertificateRow, input: ListCertificatesRequest, now: number): boolean {
  const { CertificateStatuses: statuses, CertificateKeyPairOrigins: origins, Includes: filters = {} } = input;
  const { keyTypes, keyUsage, extendedKeyUsage, exportOption, managedBy } = filters;
  const origin = row.type === 'IMPORTED' ? 'CUSTOMER_PROVIDED' : 'AWS_MANAGED';
  const any = <T>(wanted: readonly T[] | undefined, has: readonly T[]): boolean =>
    !wanted?.length || wanted.some((one) => has.includes(one));
  return (
    any(statuses, [statusOf(row, now)]) &&
    any(origins, [origin]) &&
    (keyTypes?.length ? keyTypes : defaultKeyTypes).includes(row.keyAlgorithm) &&
    any(keyUsage, usageNames(row)) &&
    any(extendedKeyUsage, purposeNames(row)) &&
    (exportOption === undefined || row.options.export === exportOption) &&
    managedBy === undefined &&
    row.names.length > 0
  );
}
