/** Finding distributions of the account of a call, in the version that the caller knows. */
import type { CheckCall } from '../service.ts';
import { changedMeanwhile, missingVersion, noDistribution } from './errors.ts';
import { type DistributionRow, distributions } from './state.ts';

/** @throws AwsError NoSuchDistribution */
export async function findDistribution(
  { change, scope }: Pick<CheckCall, 'change' | 'scope'>,
  id: string,
  missing = noDistribution,
): Promise<DistributionRow> {
  const row = await change.get(distributions, scope.account, id);
  if (!row) throw missing();
  return row;
}

/** @throws AwsError InvalidIfMatchVersion, PreconditionFailed */
export function requireVersion(row: DistributionRow, version: string | undefined): void {
  if (version === undefined || version === '') throw missingVersion();
  if (version !== row.etag) throw changedMeanwhile();
}
