/** The workload as IAM policies, decided through the full chain: seven policy types, context on demand. */
import { combine, compile } from '../../src/engines/policy/index.ts';
import type {
  AuthorizationRequest,
  Layers,
  PolicyKind,
  PolicySet,
  ResourceSide,
} from '../../src/engines/policy/types.ts';
import { type Ask, account, type Spec } from './workload.ts';

function statement(spec: Spec): object {
  const inside = `arn:aws:${spec.service}:::${spec.bucket}`;
  switch (spec.kind) {
    case 'prefix':
      return { Effect: 'Allow', Action: `${spec.service}:Get*`, Resource: `${inside}/*` };
    case 'address':
      return {
        Effect: 'Allow',
        Action: `${spec.service}:Put*`,
        Resource: `${inside}/*`,
        Condition: { IpAddress: { 'aws:SourceIp': spec.block } },
      };
    case 'mfa':
      return {
        Effect: 'Allow',
        Action: `${spec.service}:Delete*`,
        Resource: `${inside}/*`,
        Condition: {
          Bool: { 'aws:MultiFactorAuthPresent': 'true' },
          StringEquals: { 'aws:PrincipalTag/team': spec.team },
        },
      };
    case 'owner':
      return {
        Effect: 'Deny',
        Action: `${spec.service}:*`,
        Resource: `${inside}/secret/*`,
        Condition: { StringNotEquals: { 'aws:ResourceTag/owner': spec.team } },
      };
    case 'region':
      return {
        Effect: 'Allow',
        Action: `${spec.service}:List*`,
        Resource: '*',
        Condition: { StringLike: { 'aws:RequestedRegion': 'eu-*' } },
      };
  }
}

const document = (statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
const one = (kind: PolicyKind, ...statements: object[]): PolicySet =>
  combine([compile(document(statements), kind, { id: kind }, { awsManaged: true })]);

const allowAll = { Effect: 'Allow', Action: '*', Resource: '*' };
const somewhereElse = {
  Effect: 'Deny',
  Action: ['organizations:LeaveOrganization', 'cloudtrail:Stop*'],
  Resource: '*',
};

/** Managed policies hold about thirty statements each, as AWS's size limit has it. */
function identity(of: readonly Spec[]): PolicySet {
  const policies = [];
  for (let from = 0; from < of.length; from += 30) {
    policies.push(compile(document(of.slice(from, from + 30).map(statement)), 'identity', { id: `policy ${from}` }));
  }
  return combine(policies);
}

/** Everything but the identity policies allows, so that peers which know no layers must come to the same decisions. */
export function requests(of: readonly Spec[], asked: readonly Ask[]): AuthorizationRequest[] {
  const forAll = { ...allowAll, Principal: '*' };
  const layers: Layers = {
    identity: identity(of),
    boundary: one('boundary', allowAll, { Effect: 'Deny', Action: 'iam:*User*', Resource: '*' }),
    session: one('session', allowAll),
    scps: [one('scp', allowAll), one('scp', allowAll, somewhereElse), one('scp', allowAll)],
    rcps: [one('rcp', forAll), one('rcp', forAll)],
    endpoint: one('endpoint', forAll),
  };
  const resourceSide: ResourceSide = {
    kind: 'resource',
    policy: one('resource', {
      Effect: 'Deny',
      Principal: '*',
      Action: '*',
      Resource: '*',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    }),
  };
  return asked.map((ask) => ({
    principal: { kind: 'user', account, arn: `arn:aws:iam::${account}:user/rudy`, id: 'AIDARUDY', name: 'rudy' },
    action: ask.action,
    resource: { arn: ask.arn, account },
    context: { get: (key) => ask.values.get(key) },
    layers,
    resourceSide,
  }));
}
