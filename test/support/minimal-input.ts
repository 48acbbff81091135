/** The smallest input that an operation's model accepts: required members only, each with a plausible value. */
import type { Member, Shape } from '../../src/wire/index.ts';

const document = '{"Version":"2012-10-17","Statement":[]}';

/** Values for members whose patterns no plain text meets. */
const byName: Readonly<Record<string, unknown>> = {
  PolicyArn: 'arn:aws:iam::111122223333:policy/none',
  PermissionsBoundary: 'arn:aws:iam::111122223333:policy/none',
  RoleArn: 'arn:aws:iam::111122223333:role/none',
  PolicySourceArn: 'arn:aws:iam::111122223333:user/none',
  TargetPrincipal: 'arn:aws:iam::111122223333:root',
  ResourceId: 'arn:aws:cloudtrail:us-east-1:111122223333:trail/none',
  ResourceIdList: ['arn:aws:cloudtrail:us-east-1:111122223333:trail/none'],
  PolicyDocument: document,
  AssumeRolePolicyDocument: document,
  Policy: document,
  PolicyInputList: [document],
  ActionNames: ['iam:GetUser'],
  AccessKeyId: 'AKIAABCDEFGHIJKLMNOP',
  VersionId: 'v1',
  Status: 'Active',
  Bucket: 'nobodys-bucket',
  CopySource: 'nobodys-bucket/key',
  AWSServiceName: 'autoscaling.amazonaws.com',
  DeletionTaskId:
    'task/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling/0a1b2c3d-0000-0000-0000-000000000000',
  EncodedMessage: 'none',
  PrimaryEmail: 'nobody@coffee.example',
  Otp: 'AAAAAA',
  AccountId: '111122223333',
  AccountAlias: 'nobodys-alias',
  AlternateContactType: 'BILLING',
  EmailAddress: 'nobody@coffee.example',
  PhoneNumber: '+1 555 0100',
  CountryCode: 'US',
  SupportLevel: 'BUSINESS',
  Resource: 'arn:aws:cloudfront::111122223333:distribution/none',
  ResourceARN: 'arn:aws:shield::111122223333:protection/00000000-0000-4000-8000-000000000000',
  ResourceArn: 'arn:aws:elasticloadbalancing:us-east-1:111122223333:truststore/none/0123456789abcdef',
  Trail: 'none-trail',
  TrailName: 'none-trail',
  S3BucketName: 'nobodys-bucket',
  TagKeys: ['team'],
  PartNumber: 1,
  UploadId: 'none',
  Body: 'x',
  AuthenticationCode1: '123456',
  AuthenticationCode2: '654321',
  Password: 'Correct-horse-9',
  NewPassword: 'Correct-horse-9',
  OldPassword: 'Correct-horse-8',
  RoleSessionName: 'session',
  HealthCheckArn: 'arn:aws:route53:::healthcheck/00000000-0000-4000-8000-000000000000',
  CertificateArn: 'arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-4000-8000-000000000000',
  DomainName: 'shop.example.com',
  Domain: 'shop.example.com',
  ValidationDomain: 'example.com',
  Passphrase: new Uint8Array([120, 120, 120, 120]),
  // Structures without required members: an empty one leaves no trace in a query.
  Certificates: [{ CertificateArn: 'arn:aws:iam::111122223333:server-certificate/none' }],
  Conditions: [{ Field: 'path-pattern', Values: ['/'] }],
  Attributes: [{ Key: 'none', Value: 'none' }],
  RulePriorities: [
    {
      RuleArn:
        'arn:aws:elasticloadbalancing:us-east-1:111122223333:listener-rule/app/x/0123456789abcdef/0123456789abcdef/0123456789abcdef',
      Priority: 1,
    },
  ],
  TaskPolicyArn: { arn: 'arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials' },
};

export function minimalInput(shape: Shape): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const member of shape.members) if (member.required) input[member.name] = plausible(member, 0);
  return input;
}

function plausible(member: Member, depth: number): unknown {
  const known = byName[member.name];
  const { shape, constraint } = member;
  if (known !== undefined && Array.isArray(known) === (shape.type === 'list')) return known;
  switch (shape.type) {
    case 'string':
      return constraint?.enum?.[0] ?? 'name'.padEnd(constraint?.min ?? 0, 'x');
    case 'number':
    case 'bigInteger':
    case 'bigDecimal':
      return constraint?.min ?? 1;
    case 'boolean':
      return true;
    case 'blob':
      return new Uint8Array([120]);
    case 'timestamp':
      return new Date(0);
    case 'list':
      return depth > 4 ? [] : [element(shape.element, depth + 1)];
    case 'map':
      return constraint?.min ? { name: 'name' } : {};
    case 'structure': {
      const value: Record<string, unknown> = {};
      for (const inner of shape.members)
        if (inner.required && depth < 5) value[inner.name] = plausible(inner, depth + 1);
      return value;
    }
    case 'union': {
      const first = shape.members[0];
      return first ? { [first.name]: plausible(first, depth + 1) } : {};
    }
    case 'document':
      return {};
  }
}

/** Tags of which no member is required: an empty one leaves no trace in a query. */
function element(member: Member, depth: number): unknown {
  const value = plausible(member, depth);
  const isEmptyTag =
    member.shape.type === 'structure' &&
    member.shape.members.map(({ name }) => name).join() === 'Key,Value' &&
    Object.keys(value as object).length === 0;
  return isEmptyTag ? { Key: 'none' } : value;
}
