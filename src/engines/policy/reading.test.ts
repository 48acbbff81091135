/** What else a policy tells: size, context keys, principals, and what a linter finds. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like placeholders
import { describe, expect, test } from 'vitest';
import { contextKeys, type KnownActions, lint, parsePolicy, policySize, principalsOf } from './index.ts';

const known: KnownActions = (service) => {
  const names = {
    s3: ['GetObject', 'GetObjectAcl', 'ListBucket', 'ListAllMyBuckets', 'PutObject'],
    iam: ['CreateUser', 'CreateRole'],
  }[service];
  return names && new Map(names.map((name) => [name.toLowerCase(), name]));
};

const parse = (statement: object, version = '2012-10-17', kind: 'identity' | 'resource' = 'identity') =>
  parsePolicy(JSON.stringify({ Version: version, Statement: statement }), kind);

const allow = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };

test('white space outside strings does not count', () => {
  expect(policySize('{ "a" :\t[1,\r\n2] }')).toBe('{"a":[1,2]}'.length);
  expect(policySize('{"a b":"c \\" d"}')).toBe('{"a b":"c \\" d"}'.length);
});

test('context keys come from conditions and variables, once each', () => {
  const document = parse({
    ...allow,
    Resource: ['arn:aws:s3:::shop/${aws:username}/${*}', "arn:aws:s3:::shop/${aws:PrincipalTag/team, 'x'}"],
    Condition: {
      StringLike: { 's3:prefix': ['${aws:userid}/*', '${AWS:USERNAME}'] },
      IpAddress: { 'aws:SourceIp': '${aws:notHere}' },
    },
  });
  expect(contextKeys(document)).toEqual([
    'aws:username',
    'aws:PrincipalTag/team',
    's3:prefix',
    'aws:userid',
    'aws:SourceIp',
  ]);
});

test('under the old version there are no variables', () => {
  expect(contextKeys(parse({ ...allow, Resource: 'arn:aws:s3:::${aws:username}' }, '2008-10-17'))).toEqual([]);
});

test('principals are listed once, with what kind they are', () => {
  const names = { AWS: ['111122223333', 'arn:aws:iam::111122223333:user/rudy'], Service: 'ec2.amazonaws.com' };
  const document = parse(
    [
      { ...allow, Principal: names },
      { ...allow, Effect: 'Deny', NotPrincipal: names },
    ],
    '2012-10-17',
    'resource',
  );
  expect(principalsOf(document)).toEqual([
    { kind: 'account', account: '111122223333' },
    { kind: 'user', arn: 'arn:aws:iam::111122223333:user/rudy', account: '111122223333' },
    { kind: 'service', name: 'ec2.amazonaws.com' },
  ]);
});

describe('the linter', () => {
  const codes = (statement: object, version?: string) =>
    lint(parse(statement, version), known).map((one) => [one.code, one.value]);
  const suggestion = (action: string) => lint(parse({ ...allow, Action: action }), known)[0]?.suggestion;

  test('finds nothing in a sound policy', () => {
    expect(codes({ ...allow, Action: ['S3:getobject', 's3:Get*', '*', 'iam:*'] })).toEqual([]);
  });

  test('knows the nearest action', () => {
    expect(suggestion('s3:ListObject')).toBe('s3:ListBucket');
    expect(suggestion('s3:ListObjectsV2')).toBe('s3:ListBucket');
    expect(suggestion('s3:GetObjct')).toBe('s3:GetObject');
    expect(suggestion('iam:CreateUsers')).toBe('iam:CreateUser');
    expect(suggestion('s3:Zzzzzzzzzzzzzzz')).toBeUndefined();
  });

  test('finds names that nothing has', () => {
    expect(codes({ ...allow, Action: ['s33:GetObject', 's3:Fetch*', 's3:GetObjectz'] })).toEqual([
      ['unknown-service', 's33:GetObject'],
      ['unknown-action', 's3:Fetch*'],
      ['unknown-action', 's3:GetObjectz'],
    ]);
  });

  test('finds values that mean less than they seem to', () => {
    const Condition = {
      StringEquals: { 'aws:username': 'r*' },
      IpAddress: { 'aws:SourceIp': '10.0.0.0/40' },
      Bool: { 'aws:SecureTransport': 'yes' },
      NumericLessThan: { 's3:max-keys': '10' },
    };
    expect(codes({ ...allow, Condition })).toEqual([
      ['wildcard-taken-literally', 'r*'],
      ['value-never-matches', '10.0.0.0/40'],
      ['value-never-matches', 'yes'],
    ]);
  });

  test('finds variables under the old version, and Allow with NotAction', () => {
    const statement = { Effect: 'Allow', NotAction: 'iam:*', Resource: 'arn:aws:s3:::shop/${aws:username}' };
    expect(codes(statement, '2008-10-17').map(([code]) => code)).toEqual([
      'allow-not-action',
      'variable-taken-literally',
    ]);
  });
});
