/** CreatePolicyVersion, DeletePolicyVersion, SetDefaultPolicyVersion, GetPolicyVersion and ListPolicyVersions. */
import type {
  CreatePolicyVersionRequest,
  CreatePolicyVersionResponse,
  DeletePolicyVersionRequest,
  GetPolicyVersionRequest,
  GetPolicyVersionResponse,
  ListPolicyVersionsRequest,
  ListPolicyVersionsResponse,
  SetDefaultPolicyVersionRequest,
} from '@aws-sdk/client-iam';
import { awsManagedPolicyDocument } from '../../../models/managed-policies.ts';
import type { Reader } from '../../../store/store.ts';
import { AwsError, operation } from '../../service.ts';
import { deleteConflict, noSuchEntity } from '../errors.ts';
import { policyCheck, policyNamed, policyRow } from '../managed-policies.ts';
import { pageOf } from '../pages.ts';
import { checkedManagedPolicy } from '../policy-validation.ts';
import type { IamPorts } from '../ports.ts';
import { shownVersion } from '../shown-policies.ts';
import { type PolicyVersionRow, policies, rowId } from '../state.ts';

export const createPolicyVersion = operation<CreatePolicyVersionRequest, CreatePolicyVersionResponse, IamPorts>({
  checks: async (input, call) => [await policyCheck(call, 'iam:CreatePolicyVersion', input.PolicyArn)],
  async handle(input, call, ports) {
    const { account } = call.scope;
    const row = await policyRow(call.change, account, input.PolicyArn);
    checkedManagedPolicy(input.PolicyDocument, ports.quotas);
    const limit = ports.quotas.versionsPerPolicy;
    if (row.versions.length >= limit) {
      throw new AwsError(
        'LimitExceeded',
        `A managed policy can have up to ${limit} versions. Before you create a new version, you must delete an existing version.`,
        { status: 409 },
      );
    }
    const version = { id: `v${row.nextVersion}`, document: input.PolicyDocument, createdAt: call.now };
    const isDefault = input.SetAsDefault === true;
    call.change.put(policies, account, rowId(row.name), {
      ...row,
      versions: [...row.versions, version],
      nextVersion: row.nextVersion + 1,
      updatedAt: call.now,
      ...(isDefault && { defaultVersion: version.id }),
    });
    return { PolicyVersion: shownVersion(version, isDefault, false) };
  },
});

export const deletePolicyVersion = operation<DeletePolicyVersionRequest, object, IamPorts>({
  checks: async (input, call) => [await policyCheck(call, 'iam:DeletePolicyVersion', input.PolicyArn)],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await policyRow(call.change, account, input.PolicyArn);
    if (row.defaultVersion === input.VersionId) {
      throw deleteConflict('Cannot delete the default version of a policy.');
    }
    const versions = row.versions.filter((version) => version.id !== input.VersionId);
    if (versions.length === row.versions.length) throw noSuchVersion(input.PolicyArn, input.VersionId);
    call.change.put(policies, account, rowId(row.name), { ...row, versions, updatedAt: call.now });
    return {};
  },
});

export const setDefaultPolicyVersion = operation<SetDefaultPolicyVersionRequest, object, IamPorts>({
  checks: async (input, call) => [await policyCheck(call, 'iam:SetDefaultPolicyVersion', input.PolicyArn)],
  async handle(input, call) {
    const { account } = call.scope;
    const row = await policyRow(call.change, account, input.PolicyArn);
    if (!row.versions.some((version) => version.id === input.VersionId)) {
      throw noSuchVersion(input.PolicyArn, input.VersionId);
    }
    call.change.put(policies, account, rowId(row.name), {
      ...row,
      defaultVersion: input.VersionId,
      updatedAt: call.now,
    });
    return {};
  },
});

export const getPolicyVersion = operation<GetPolicyVersionRequest, GetPolicyVersionResponse, IamPorts>({
  checks: async (input, call) => [await policyCheck(call, 'iam:GetPolicyVersion', input.PolicyArn)],
  async handle(input, call) {
    const { versions, defaultVersion } = await versionsOf(call.change, call.scope.account, input.PolicyArn);
    const version = versions.find((candidate) => candidate.id === input.VersionId);
    if (!version) throw noSuchVersion(input.PolicyArn, input.VersionId);
    return { PolicyVersion: shownVersion(version, version.id === defaultVersion, true) };
  },
});

/** Newest first, as AWS lists them. */
export const listPolicyVersions = operation<ListPolicyVersionsRequest, ListPolicyVersionsResponse, IamPorts>({
  checks: async (input, call) => [await policyCheck(call, 'iam:ListPolicyVersions', input.PolicyArn)],
  async handle(input, call) {
    const { versions, defaultVersion } = await versionsOf(call.change, call.scope.account, input.PolicyArn);
    const numbered = versions.map((version) => ({ version, place: 1e9 - Number(version.id.slice(1)) }));
    const { items, rest } = pageOf(call, input, numbered, ({ place }) => String(place).padStart(10, '0'));
    return {
      Versions: items.map(({ version }) => shownVersion(version, version.id === defaultVersion, false)),
      ...rest,
    };
  },
});

/** Of AWS's own policies only the version in force is kept. */
async function versionsOf(
  reader: Reader,
  account: string,
  arn: string,
): Promise<{ readonly versions: readonly PolicyVersionRow[]; readonly defaultVersion: string }> {
  const policy = await policyNamed(reader, account, arn);
  if (!policy.awsManaged) return policyRow(reader, account, arn);
  const document = awsManagedPolicyDocument(arn) ?? '';
  const version = { id: policy.defaultVersion, document, createdAt: policy.updatedAt };
  return { versions: [version], defaultVersion: version.id };
}

function noSuchVersion(arn: string, version: string): Error {
  return noSuchEntity(`Policy ${arn} version ${version} does not exist or is not attachable.`);
}
