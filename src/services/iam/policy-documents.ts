/** The document that a managed policy's ARN stands for now: its default version. */
import type { Reader } from '../../store/store.ts';
import { parseArn } from './arns.ts';
import { policies, rowId } from './state.ts';

/** Looks an AWS managed policy up by its ARN. */
export type AwsManagedPolicies = (arn: string) => Promise<{ readonly document: string } | undefined>;

/** @returns undefined when no policy has this very ARN, path included, or the account is another one */
export async function defaultDocument(
  reader: Reader,
  account: string,
  arn: string,
  awsManaged: AwsManagedPolicies,
): Promise<string | undefined> {
  const parsed = parseArn(arn);
  if (parsed?.kind !== 'policy') return undefined;
  if (parsed.account === 'aws') return (await awsManaged(arn))?.document;
  if (parsed.account !== account) return undefined;
  const row = await reader.get(policies, account, rowId(parsed.name));
  if (!row || row.name !== parsed.name || row.path !== parsed.path) return undefined;
  return row.versions.find((version) => version.id === row.defaultVersion)?.document;
}
