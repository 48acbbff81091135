/** AssumeRole: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
import type { AssumeRoleRequest, AssumeRoleResponse } from '@aws-sdk/client-sts';
import type { Reader } from '../../../store/store.ts';
import {
  AwsError,
  type Caller,
  type Check,
  type Decoded,
  operation,
  type Resource,
  type Session,
} from '../../service.ts';
import { issueCredentials, wholeSeconds } from '../credentials.ts';
import { accessDenied, validationError } from '../errors.ts';
import { spendCode, tryCode } from '../mfa.ts';
import { packedSize } from '../packing.ts';
import type { Role, StsPorts } from '../ports.ts';
import { sessionPolicies } from '../session-policies.ts';
import { inheritedTags, sessionTags, tagValues } from '../session-tags.ts';

type Input = Decoded<AssumeRoleRequest>;

const defaultSeconds = 3_600;
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining */
const chainedSeconds = 3_600;

/**
 * Stands in for the trust policy of a role that does not exist, so that this denial is the one that a role which
 * trusts somebody else gives: no principal has this id.
 */
const trustsNobody = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: 'AROAAAAAAAAAAAAAAAAAA' }, Action: 'sts:AssumeRole' }],
});

export const assumeRole = operation<AssumeRoleRequest, AssumeRoleResponse, StsPorts>({
  async checks(input, call, ports) {
    if (call.caller.principal.kind === 'root') throw accessDenied('Roles may not be assumed by root accounts.');
    const target = parseRoleArn(input.RoleArn);
    const role = await findRole(call.change, ports, input.RoleArn);
    const sourceIdentity = input.SourceIdentity ?? call.caller.session?.sourceIdentity;
    const resource: Resource = {
      arn: input.RoleArn,
      account: target.account,
      ...(role && { tags: role.tags }),
      policy: {
        document: role?.trust.document ?? trustsNobody,
        id: `trust policy of ${input.RoleArn}`,
        kind: 'trust',
        ...(role && { principalIds: role.trust.principalIds }),
      },
    };
    const context = {
      'sts:RoleSessionName': input.RoleSessionName,
      ...(input.ExternalId !== undefined && { 'sts:ExternalId': input.ExternalId }),
      ...(sourceIdentity !== undefined && { 'sts:SourceIdentity': sourceIdentity }),
      ...Object.fromEntries(Object.entries(role?.tags ?? {}).map(([key, value]) => [`iam:ResourceTag/${key}`, value])),
      ...tagValues(input.Tags, input.TransitiveTagKeys),
      // The code of this very call counts for its own decision.
      ...((await tryCode(input, call, ports)) && {
        'aws:MultiFactorAuthPresent': 'true',
        'aws:MultiFactorAuthAge': '0',
      }),
    };
    const actions = ['sts:AssumeRole'];
    // Passing tags, and handing inherited ones on, needs sts:TagSession on both sides; the like holds for source identity.
    if (input.Tags?.length || Object.keys(inheritedTags(call.caller.session)).length > 0)
      actions.push('sts:TagSession');
    if (sourceIdentity !== undefined) actions.push('sts:SetSourceIdentity');
    return actions.map((action): Check => ({ action, resource, context }));
  },
  async handle(input, call, ports) {
    const role = await findRole(call.change, ports, input.RoleArn);
    if (!role) throw notAuthorized(call.caller, input.RoleArn);
    const withMfa = await spendCode(input, call, ports);
    if (input.ProvidedContexts?.length) {
      throw new AwsError('NotImplemented', 'ProvidedContexts of AssumeRole are not implemented by Bailey.', {
        status: 501,
      });
    }
    const seconds = input.DurationSeconds ?? defaultSeconds;
    const chain = chainLength(call.caller);
    if (chain > 1 && seconds > chainedSeconds) {
      throw validationError(
        'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
      );
    }
    if (seconds > role.maxSessionSeconds) {
      throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
    }
    const sourceIdentity = sourceIdentityOf(input, call.caller);
    const policies = await sessionPolicies(call.change, ports.policies, role.account, input.Policy, input.PolicyArns);
    const { tags, transitiveKeys } = sessionTags(input.Tags, input.TransitiveTagKeys, call.caller.session);
    const packed = packedSize(policies?.inline, policies?.arns ?? [], tags);
    const issuedAt = wholeSeconds(call.now);
    const session: Session = {
      kind: 'assumed-role',
      issuedAt,
      expiresAt: issuedAt + seconds * 1000,
      chain,
      // Of this call's code; that of the calling session is not handed on.
      ...(withMfa && { mfaAuthenticatedAt: issuedAt }),
      ...(Object.keys(tags).length > 0 && { tags }),
      ...(transitiveKeys.length > 0 && { transitiveTagKeys: transitiveKeys }),
      ...(sourceIdentity !== undefined && { sourceIdentity }),
      ...(policies && { policies }),
    };
    const principal = sessionPrincipal(role, input.RoleSessionName);
    call.note({ resources: [{ accountId: role.account, type: 'AWS::IAM::Role', ARN: role.arn }] });
    return {
      ...issueCredentials(call, ports, role.account, principal, session, input.MinimumSessionTokenSize),
      AssumedRoleUser: { AssumedRoleId: principal.id, Arn: principal.arn },
      ...(packed !== undefined && { PackedPolicySize: packed }),
      ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
    };
  },
});

/** A role is found by its whole ARN, path included. */
async function findRole(reader: Reader, ports: StsPorts, arn: string): Promise<Role | undefined> {
  const { account, name } = parseRoleArn(arn);
  const role = await ports.roles.find(reader, account, name);
  return role?.arn === arn ? role : undefined;
}

/** @throws ValidationError for anything that is not the ARN of a role */
function parseRoleArn(arn: string): { readonly account: string; readonly name: string } {
  const [scheme, partition, service, region, account, resource, ...rest] = arn.split(':');
  const known = scheme === 'arn' && partition === 'aws' && service === 'iam' && region === '' && rest.length === 0;
  const name = resource?.slice(resource.lastIndexOf('/') + 1);
  if (!known || !account || account.length !== 12 || !resource?.startsWith('role/') || !name) {
    throw validationError(`${arn} is invalid`);
  }
  return { account, name };
}

function sessionPrincipal(role: Role, sessionName: string) {
  return {
    kind: 'assumed-role',
    account: role.account,
    arn: `arn:aws:sts::${role.account}:assumed-role/${role.name}/${sessionName}`,
    id: `${role.id}:${sessionName}`,
    roleArn: role.arn,
    roleId: role.id,
    roleName: role.name,
    sessionName,
    serviceLinked: role.serviceLinked,
  } as const;
}

/** How many assumptions a new session has behind it, itself included. */
function chainLength(caller: Caller): number {
  return caller.session?.kind === 'assumed-role' ? (caller.session.chain ?? 1) + 1 : 1;
}

/** "You cannot change the source identity of a session that already has one": id_credentials_temp_control-access_monitor.html. */
function sourceIdentityOf(input: Input, caller: Caller): string | undefined {
  const present = caller.session?.sourceIdentity;
  if (present !== undefined && input.SourceIdentity !== undefined && input.SourceIdentity !== present) {
    throw accessDenied('The source identity of a session cannot be changed when it assumes another role.');
  }
  return present ?? input.SourceIdentity;
}

function notAuthorized(caller: Caller, arn: string): AwsError {
  const who = 'arn' in caller.principal ? caller.principal.arn : caller.principal.kind;
  return accessDenied(`User: ${who} is not authorized to perform: sts:AssumeRole on resource: ${arn}`);
}
