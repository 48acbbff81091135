/** What other rooms read of CloudFront: distributions by ARN and domain name, and who uses a certificate or web ACL. */
import type { Reader } from '../../store/store.ts';
import { type DistributionRow, distributions, domains, uses } from './state.ts';

/** In any account; undefined for what is no ARN of a distribution that there is. */
export async function distributionByArn(reader: Reader, arn: string): Promise<DistributionRow | undefined> {
  const [, account, id] = /^arn:aws:cloudfront::(\d{12}):distribution\/([A-Z0-9]{1,32})$/.exec(arn) ?? [];
  return account === undefined || id === undefined ? undefined : reader.get(distributions, account, id);
}

/** Every distribution of the instance. */
export async function allDistributions(reader: Reader): Promise<DistributionRow[]> {
  const rows: DistributionRow[] = [];
  for (const { value } of await reader.list(domains, '')) {
    const row = await reader.get(distributions, value.account, value.id);
    if (row) rows.push(row);
  }
  return rows;
}

/** @param name `d111111abcdef8.cloudfront.net` */
export async function isDistributionDomain(reader: Reader, name: string): Promise<boolean> {
  return (await reader.get(domains, '', name)) !== undefined;
}

/** ARNs of the distributions that use a certificate or a web ACL. */
export async function distributionsUsing(reader: Reader, arn: string): Promise<string[]> {
  return (await reader.list(uses, arn)).map(({ id }) => id);
}
