/** Managed policies of both kinds, the account's own and AWS's, found by ARN. */
import {
  type AwsManagedPolicy,
  awsManagedPolicies,
  awsManagedPolicy,
  awsManagedPolicyDocument,
} from '../../models/managed-policies.ts';
import type { Reader } from '../../store/store.ts';
import { AwsError, type Check, type CheckCall, type ConditionValues } from '../service.ts';
import { entityArn, type ParsedArn, parseArn } from './arns.ts';
import { invalidInput, noSuchPolicy } from './errors.ts';
import type { AwsManagedPolicies } from './policy-documents.ts';
import { type AttachmentRow, attachments, type PolicyRow, policies, rowId, type Tags } from './state.ts';

/** A managed policy without its documents. */
export interface ManagedPolicy {
  readonly arn: string;
  readonly name: string;
  readonly path: string;
  /** `ANPA…` */
  readonly id: string;
  readonly description?: string;
  readonly defaultVersion: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly tags: Tags;
  readonly awsManaged: boolean;
}

/** Implements the port `awsManaged` with the table of policies that comes with Bailey. */
export const awsManaged: AwsManagedPolicies = async (arn) => {
  const document = awsManagedPolicyDocument(arn);
  return document === undefined ? undefined : { document };
};

export function ownPolicy(account: string, row: PolicyRow): ManagedPolicy {
  const { name, path, id, defaultVersion, createdAt, updatedAt, tags, description } = row;
  const arn = entityArn('policy', account, path, name);
  const policy = { arn, name, path, id, defaultVersion, createdAt, updatedAt, tags, awsManaged: false };
  return description === undefined ? policy : { ...policy, description };
}

function awsPolicy(policy: AwsManagedPolicy): ManagedPolicy {
  const { arn, name, path, id, versionId: defaultVersion, createdAt, updatedAt } = policy;
  return { arn, name, path, id, defaultVersion, createdAt, updatedAt, tags: {}, awsManaged: true };
}

export function allAwsPolicies(): ManagedPolicy[] {
  return awsManagedPolicies().map(awsPolicy);
}

/**
 * @returns undefined when no policy has this very ARN, path included, or it belongs to another account
 * @throws InvalidInput for what is not the ARN of a policy
 */
export async function findPolicy(reader: Reader, account: string, arn: string): Promise<ManagedPolicy | undefined> {
  const parsed = policyArn(arn);
  if (parsed.account === 'aws') {
    const policy = awsManagedPolicy(arn);
    return policy && awsPolicy(policy);
  }
  const row = await ownRow(reader, account, parsed);
  return row && ownPolicy(account, row);
}

/** @throws NoSuchEntity, InvalidInput */
export async function policyNamed(reader: Reader, account: string, arn: string): Promise<ManagedPolicy> {
  const policy = await findPolicy(reader, account, arn);
  if (!policy) throw noSuchPolicy(arn);
  return policy;
}

/**
 * The row of a policy that is to be changed.
 * @throws NoSuchEntity, InvalidInput, and AccessDenied for the policies that AWS manages
 */
export async function policyRow(reader: Reader, account: string, arn: string): Promise<PolicyRow> {
  const parsed = policyArn(arn);
  if (parsed.account === 'aws') {
    throw new AwsError('AccessDenied', `Policy ${arn} is managed by AWS and cannot be changed.`, { status: 403 });
  }
  const row = await ownRow(reader, account, parsed);
  if (!row) throw noSuchPolicy(arn);
  return row;
}

/** An action on a managed policy; AWS's own count as the caller's, so that an identity policy alone decides. */
export async function policyCheck(
  call: CheckCall,
  action: string,
  arn: string,
  context?: ConditionValues,
): Promise<Check> {
  const parsed = policyArn(arn);
  const { account } = call.scope;
  const policy = await findPolicy(call.change, account, arn);
  const tags = policy?.tags ?? {};
  return {
    action,
    resource: { arn, account: parsed.account === 'aws' ? account : parsed.account, tags },
    ...(context && { context }),
  };
}

/** The attachments of a policy in an account, for permissions or as a boundary. */
export async function attachmentsOfPolicy(
  reader: Reader,
  account: string,
  arn: string,
  use?: AttachmentRow['use'],
): Promise<readonly AttachmentRow[]> {
  const prefix = use === undefined ? `${arn}|` : `${arn}|${use}|`;
  const rows = await reader.list(attachments, account, { prefix });
  return rows.map((row) => row.value);
}

async function ownRow(reader: Reader, account: string, parsed: ParsedArn): Promise<PolicyRow | undefined> {
  if (parsed.account !== account) return undefined;
  const row = await reader.get(policies, account, rowId(parsed.name));
  return row && row.name === parsed.name && row.path === parsed.path ? row : undefined;
}

function policyArn(arn: string): ParsedArn {
  const parsed = parseArn(arn);
  if (parsed?.kind !== 'policy') throw invalidInput(`ARN ${arn} is not valid.`);
  return parsed;
}
