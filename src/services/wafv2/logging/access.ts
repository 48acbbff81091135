/**
 * Leave to write logs. The log delivery service needs it from the bucket or the log group; where it is missing, WAF adds
 * it in the name of whoever asked for the log, as AWS does.
 * @see AWS WAF Developer Guide, "Sending web ACL traffic logs to an Amazon Simple Storage Service bucket"
 */
import { type ActingIdentity, type Actor, AwsError, type Call } from '../../service.ts';
import { logDestinationPermission } from '../errors.ts';
import type { WebAclRow } from '../state.ts';
import { callS3, inBucketRegion } from './bucket-call.ts';
import type { Destination } from './destinations.ts';
import { s3Folder } from './paths.ts';

export const servicePrincipal = 'delivery.logs.amazonaws.com';

type Owner = Pick<WebAclRow, 'account' | 'region'>;

/** Who delivers, and on whose behalf. */
export function deliverer({ account, region }: Owner): Extract<ActingIdentity, { readonly as: 'service' }> {
  return {
    as: 'service',
    name: servicePrincipal,
    region,
    sourceAccount: account,
    sourceArn: sourceArn({ account, region }, 'waf'),
  };
}

function sourceArn({ account, region }: Owner, which: string): string {
  return `arn:aws:logs:${region}:${account}:${which}`;
}

/** @throws AwsError WAFLogDestinationPermissionIssueException */
export async function requireDeliverable(call: Call, acl: WebAclRow, destination: Destination): Promise<void> {
  try {
    if (destination.kind === 'logs') await requireGroup(call, destination.group);
    if (await mayDeliver(call.actor, acl, destination)) return;
    await (destination.kind === 's3' ? openBucket(call, acl, destination) : openLogGroup(call, acl, destination));
    if (await mayDeliver(call.actor, acl, destination)) return;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
  }
  throw logDestinationPermission();
}

/** Asks without doing it. @throws AwsError where the destination is not there */
async function mayDeliver(actor: Actor, acl: WebAclRow, destination: Destination): Promise<boolean> {
  try {
    if (destination.kind === 's3') {
      await callS3(actor, deliverer(acl), 'GetBucketAcl', { Bucket: destination.bucket });
      const file = {
        Bucket: destination.bucket,
        Key: `${s3Folder(acl, destination.prefix)}probe`,
        ACL: 'bucket-owner-full-control',
      };
      await inBucketRegion(deliverer(acl), (there) => actor.authorize(there, 's3', 'PutObject', file));
    } else {
      const stream = { logGroupName: destination.group, logStreamName: 'probe' };
      await actor.authorize(deliverer(acl), 'logs', 'CreateLogStream', stream);
      await actor.authorize(deliverer(acl), 'logs', 'PutLogEvents', { ...stream, logEvents: [] });
    }
    return true;
  } catch (error) {
    if (error instanceof AwsError && (error.code === 'AccessDenied' || error.code === 'AccessDeniedException')) {
      return false;
    }
    throw error;
  }
}

const via = 'wafv2.amazonaws.com';

async function openBucket(
  call: Call,
  acl: WebAclRow,
  { bucket, prefix }: Extract<Destination, { kind: 's3' }>,
): Promise<void> {
  const identity = { as: 'caller', call, via } as const;
  const before = await callS3(call.actor, identity, 'GetBucketPolicy', { Bucket: bucket })
    .then((answer) => JSON.parse((answer as { Policy?: string }).Policy ?? '{}') as { Statement?: object | object[] })
    .catch((error) => {
      if (error instanceof AwsError && error.code === 'NoSuchBucketPolicy') return {};
      throw error;
    });
  const present = 'Statement' in before ? [before.Statement ?? []].flat() : [];
  const condition = {
    StringEquals: { 'aws:SourceAccount': [acl.account] },
    ArnLike: { 'aws:SourceArn': [sourceArn(acl, '*')] },
  };
  const arn = `arn:aws:s3:::${bucket}`;
  const added = [
    {
      Sid: `AWSLogDeliveryWrite${acl.account}${acl.region.replaceAll('-', '')}`,
      Effect: 'Allow',
      Principal: { Service: servicePrincipal },
      Action: 's3:PutObject',
      Resource: `${arn}/${s3Folder(acl, prefix).split('WAFLogs/')[0]}*`,
      Condition: {
        ...condition,
        StringEquals: { ...condition.StringEquals, 's3:x-amz-acl': 'bucket-owner-full-control' },
      },
    },
    {
      Sid: `AWSLogDeliveryAclCheck${acl.account}${acl.region.replaceAll('-', '')}`,
      Effect: 'Allow',
      Principal: { Service: servicePrincipal },
      Action: 's3:GetBucketAcl',
      Resource: arn,
      Condition: condition,
    },
  ];
  const sids = new Set(added.map(({ Sid }) => Sid));
  const others = present.filter((one) => !sids.has((one as { Sid?: string }).Sid ?? ''));
  const policy = { Version: '2012-10-17', ...before, Statement: [...others, ...added] };
  await callS3(call.actor, identity, 'PutBucketPolicy', { Bucket: bucket, Policy: JSON.stringify(policy) });
}

/** The caller must see the group: AWS asks for `logs:DescribeLogGroups` too. */
async function requireGroup(call: Call, group: string): Promise<void> {
  const input = { logGroupNamePrefix: group };
  const answer = await call.actor.call({ as: 'caller', call, via }, 'logs', 'DescribeLogGroups', input);
  const { logGroups = [] } = answer as { logGroups?: { logGroupName?: string }[] };
  if (!logGroups.some(({ logGroupName }) => logGroupName === group)) throw logDestinationPermission();
}

/** Its name is AWS's own. */
const logsPolicyName = 'AWSWAF-LOGS';

async function openLogGroup(
  call: Call,
  acl: WebAclRow,
  { account, region, group }: Extract<Destination, { kind: 'logs' }>,
): Promise<void> {
  const identity = { as: 'caller', call, via } as const;
  const { resourcePolicies = [] } = (await call.actor.call(identity, 'logs', 'DescribeResourcePolicies', {})) as {
    resourcePolicies?: { policyName?: string; policyDocument?: string }[];
  };
  const before = resourcePolicies.find(({ policyName }) => policyName === logsPolicyName)?.policyDocument;
  const present =
    before === undefined ? [] : [(JSON.parse(before) as { Statement?: object | object[] }).Statement ?? []].flat();
  const resource = `arn:aws:logs:${region}:${account}:log-group:${group}:log-stream:*`;
  const added = {
    Effect: 'Allow',
    Principal: { Service: servicePrincipal },
    Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    Resource: resource,
    Condition: {
      StringEquals: { 'aws:SourceAccount': acl.account },
      ArnLike: { 'aws:SourceArn': sourceArn(acl, '*') },
    },
  };
  const others = present.filter((one) => (one as { Resource?: string }).Resource !== resource);
  await call.actor.call(identity, 'logs', 'PutResourcePolicy', {
    policyName: logsPolicyName,
    policyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [...others, added] }),
  });
}
