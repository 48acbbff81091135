/** Which resources a call touched: what its record lists, and by which names a lookup finds it. */
import type { TouchedResource } from '../events/api-call.ts';
import { quote } from './json-text.ts';
import type { RecordFacts } from './record.ts';

/** Input members that name a resource, per service. */
const byMember: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  iam: {
    UserName: 'AWS::IAM::User',
    GroupName: 'AWS::IAM::Group',
    RoleName: 'AWS::IAM::Role',
    PolicyArn: 'AWS::IAM::Policy',
    PolicyName: 'AWS::IAM::Policy',
    InstanceProfileName: 'AWS::IAM::InstanceProfile',
    AccessKeyId: 'AWS::IAM::AccessKey',
  },
  sts: { RoleArn: 'AWS::IAM::Role', AccessKeyId: 'AWS::IAM::AccessKey' },
  s3: { Bucket: 'AWS::S3::Bucket' },
  cloudtrail: {
    TrailName: 'AWS::CloudTrail::Trail',
    Name: 'AWS::CloudTrail::Trail',
    ResourceId: 'AWS::CloudTrail::Trail',
  },
  ec2: {
    ImageId: 'AWS::EC2::Ami',
    SubnetId: 'AWS::EC2::Subnet',
    KeyName: 'AWS::EC2::KeyPair',
    InstanceIds: 'AWS::EC2::Instance',
  },
};

const none: readonly never[] = [];
/** A record names no more than this many resources. */
const most = 100;

/** The resources that LookupEvents shows and searches. */
export function touchedResources(facts: RecordFacts): readonly TouchedResource[] {
  const members = byMember[facts.service];
  const noted = facts.resources;
  if (!noted?.length && (!facts.input || !members)) return none;
  const found: TouchedResource[] = [];
  const add = (type: string, name: string): void => {
    const known = found.length > 0 && found.some((resource) => resource.name === name && resource.type === type);
    if (found.length < most && !known) found.push({ type, name });
  };
  const input = (facts.input ?? {}) as Readonly<Record<string, unknown>>;
  for (const member in members) {
    const value = input[member];
    if (value === undefined) continue;
    const type = members[member] as string;
    if (typeof value === 'string') add(type, value);
    else if (Array.isArray(value)) for (const name of value) if (typeof name === 'string') add(type, name);
  }
  if (noted) for (const resource of noted) add(resource.type, resource.ARN);
  return found;
}

/**
 * The `resources` of the record, as JSON: what the handler noted; for S3 the object and the bucket. '' for none. Data
 * events about several objects, or none in particular, name where their keys begin: lists, DeleteObjects, HeadBucket.
 */
export function resourcesJson(facts: RecordFacts): string {
  const noted = facts.resources;
  if (noted && noted.length > 0) return JSON.stringify(noted.slice(0, most));
  if (facts.service !== 's3' || !facts.input) return '';
  const { Bucket, Key, Prefix } = facts.input as { Bucket?: unknown; Key?: unknown; Prefix?: unknown };
  if (typeof Bucket !== 'string') return '';
  const owner = facts.owner ? `"accountId":${quote(facts.owner)},` : '';
  const bucket = `{${owner}"type":"AWS::S3::Bucket","ARN":${quote(`arn:aws:s3:::${Bucket}`)}}`;
  if (typeof Key !== 'string') {
    if (facts.data !== true) return `[${bucket}]`;
    const prefix = `arn:aws:s3:::${Bucket}/${typeof Prefix === 'string' ? Prefix : ''}`;
    return `[{"type":"AWS::S3::Object","ARNPrefix":${quote(prefix)}},${bucket}]`;
  }
  return `[{"type":"AWS::S3::Object","ARN":${quote(`arn:aws:s3:::${Bucket}/${Key}`)}},${bucket}]`;
}
