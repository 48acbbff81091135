/** The smallest input that an operation's model accepts: required members only, each with a plausible value. */
import type { Constraint } from '../../src/wire/constraint.ts';
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

/** Texts of the usual shapes, for members whose pattern or least length a plain word does not meet. */
const shapes: readonly string[] = [
  'name',
  '11111111-1111-4111-8111-111111111111',
  'us-west-2',
  '111122223333',
  'arn:aws:route53:::healthcheck/11111111-1111-4111-8111-111111111111',
  'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/none/0123456789abcdef',
];

/**
 * @param given values by member that the caller knows better, at the top; optional members among them are set, too,
 * and `undefined` leaves a required one out
 */
export function minimalInput(shape: Shape, given: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const member of shape.members) {
    if (member.name in given) input[member.name] = given[member.name];
    else if (member.required) input[member.name] = plausible(member, 0);
  }
  return input;
}

/** @param constraint what holds for the value: of elements, what the list's own constraint says of them */
function plausible(member: Member, depth: number, constraint = member.constraint): unknown {
  const known = byName[member.name];
  const { shape } = member;
  if (known !== undefined && Array.isArray(known) === (shape.type === 'list')) {
    if (typeof known !== 'string' || fits(known, constraint)) return known;
  }
  switch (shape.type) {
    case 'string':
      return text(member.name, constraint);
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
      return depth > 4 ? [] : [element(shape.element, depth + 1, constraint?.element)];
    case 'map':
      if (!constraint?.min) return {};
      return { [text('key', constraint.key)]: plausible(shape.value, depth + 1, constraint.value) };
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

function text(name: string, constraint: Constraint | undefined): string {
  if (constraint?.enum?.[0] !== undefined) return constraint.enum[0];
  const padded = 'name'.padEnd(constraint?.min ?? 0, 'x');
  // Where the model says no more than "some characters", the name tells what is meant.
  const best = /arn$/i.test(name) && (constraint?.min ?? 0) >= 20 ? shapes.at(-1) : undefined;
  return [best, padded, ...shapes].find((one) => one !== undefined && fits(one, constraint)) ?? padded;
}

function fits(value: string, constraint: Constraint | undefined): boolean {
  if (!constraint) return true;
  const { min = 0, max = Number.POSITIVE_INFINITY } = constraint;
  if (constraint.enum) return constraint.enum.includes(value);
  return value.length >= min && value.length <= max && (!constraint.pattern || constraint.matches(value));
}

/** Tags of which no member is required: an empty one leaves no trace in a query. */
function element(member: Member, depth: number, constraint: Constraint | undefined): unknown {
  const value = plausible(member, depth, constraint);
  const isEmptyTag =
    member.shape.type === 'structure' &&
    member.shape.members.map(({ name }) => name).join() === 'Key,Value' &&
    Object.keys(value as object).length === 0;
  return isEmptyTag ? { Key: 'none' } : value;
}
