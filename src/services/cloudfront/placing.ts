/** Writes a distribution together with all that leads to it: its names, and who uses which certificate and web ACL. */
import type { Call } from '../service.ts';
import { itemsOf } from './configuration/lists.ts';
import { aliasTaken } from './errors.ts';
import { aliases, type DistributionRow, distributionArn, distributions, domains, uses } from './state.ts';

const namesOf = ({ config }: DistributionRow): string[] => itemsOf(config.Aliases).map((name) => name.toLowerCase());

const usesOf = ({ certificate, config }: DistributionRow): string[] =>
  [certificate, config.WebACLId].filter((arn): arn is string => arn !== undefined && arn !== '');

/** @throws AwsError CNAMEAlreadyExists */
export async function place(call: Call, before: DistributionRow | undefined, row: DistributionRow): Promise<void> {
  const { change } = call;
  const { account, id } = row;
  await requireFree(call, row);
  if (before) forget(call, before);
  change.put(distributions, account, id, row);
  change.put(domains, '', row.domainName, { account, id });
  for (const name of namesOf(row)) change.put(aliases, '', name, { account, id });
  for (const arn of usesOf(row)) change.put(uses, arn, distributionArn(row), { account, id });
}

export function forget({ change }: Call, row: DistributionRow): void {
  for (const name of namesOf(row)) change.delete(aliases, '', name);
  for (const arn of usesOf(row)) change.delete(uses, arn, distributionArn(row));
  change.delete(domains, '', row.domainName);
  change.delete(distributions, row.account, row.id);
}

/** A name belongs to one distribution; names of two accounts do not overlap either. */
async function requireFree({ change }: Call, row: DistributionRow): Promise<void> {
  const names = namesOf(row);
  if (names.length === 0) return;
  for (const { id: taken, value: holder } of await change.list(aliases, '')) {
    if (holder.account === row.account && holder.id === row.id) continue;
    const isTaken = holder.account === row.account ? names.includes(taken) : names.some((one) => overlap(one, taken));
    if (isTaken) throw aliasTaken();
  }
}

/** `*.example.com` and `www.example.com`. */
function overlap(one: string, other: string): boolean {
  const isBelow = (name: string, wild: string): boolean => wild.startsWith('*.') && name.endsWith(wild.slice(1));
  return one === other || isBelow(one, other) || isBelow(other, one);
}
