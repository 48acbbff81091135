/** What the grammar takes and refuses, with IAM's texts and the place of the fault. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like placeholders
import { describe, expect, test } from 'vitest';
import { parsePolicy } from './parse.ts';
import { PolicySyntaxError, type SyntaxReason } from './syntax-error.ts';
import type { PolicyKind } from './types.ts';

const allow = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };
const forRole = { Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'sts:AssumeRole' };
const forBucket = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::shop/*' };

function document(statement: object, more: object = {}): string {
  return JSON.stringify({ Version: '2012-10-17', ...more, Statement: statement });
}

function fault(text: string, kind: PolicyKind = 'identity'): PolicySyntaxError {
  try {
    parsePolicy(text, kind);
  } catch (error) {
    if (error instanceof PolicySyntaxError) return error;
    throw error;
  }
  throw new Error(`${kind} policy was taken: ${text.slice(0, 200)}`);
}

describe('a document', () => {
  test('may hold one statement or several, and strings for lists', () => {
    const one = parsePolicy(document(allow), 'identity');
    const several = parsePolicy(document([{ ...allow, Action: ['s3:GetObject'], Resource: ['*'] }]), 'identity');
    expect(one.statements.map(({ actions, resources }) => ({ actions, resources }))).toEqual(
      several.statements.map(({ actions, resources }) => ({ actions, resources })),
    );
  });

  test('without Version is of 2008-10-17', () => {
    const parsed = parsePolicy(JSON.stringify({ Statement: allow }), 'identity');
    expect([parsed.version, parsed.versionGiven]).toEqual(['2008-10-17', false]);
  });

  test('knows where its statements stand', () => {
    const text =
      '{\n  "Version": "2012-10-17",\r\n  "Statement": [\n    {"Effect":"Allow","Action":"*","Resource":"*"},\n\t{\n"Effect":"Deny","Action":"*","Resource":"*"}]}';
    const [first, second] = parsePolicy(text, 'identity').statements;
    expect([first?.start, first?.end]).toEqual([
      { line: 4, column: 5 },
      { line: 4, column: 50 },
    ]);
    expect([second?.start, second?.end]).toEqual([
      { line: 5, column: 2 },
      { line: 6, column: 44 },
    ]);
  });

  test('may hold tabs, line feeds and carriage returns between its words', () => {
    expect(() => parsePolicy(`{\t\r\n"Statement":${JSON.stringify(allow)}}`, 'identity')).not.toThrow();
  });

  test('turns numbers and truth values in conditions into text', () => {
    const text = `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":true},"NumericLessThan":{"s3:max-keys":[1.50,2]}}}}`;
    expect(parsePolicy(text, 'identity').statements[0]?.conditions.map((one) => one.values)).toEqual([
      ['true'],
      ['1.50', '2'],
    ]);
  });
});

/** Reason, text of IAM (or a part), document, kind. */
const refused: readonly (readonly [SyntaxReason, string, string, PolicyKind?])[] = [
  ['json', 'Syntax errors in policy.', ''],
  ['json', 'Syntax errors in policy.', '{'],
  ['json', 'Syntax errors in policy.', "{'Statement': []}"],
  ['json', 'Syntax errors in policy.', `${document(allow)} x`],
  ['json', 'Syntax errors in policy.', `{"Statement":${JSON.stringify(allow)},}`],
  ['json', 'Syntax errors in policy.', '{"Statement":01}'],
  ['json', 'This policy contains invalid Json', 'x', 'trust'],
  ['leading', '', ` ${document(forBucket)}`, 'resource'],
  ['duplicate-key', 'Syntax errors', '{"Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}}'],
  [
    'duplicate-key',
    'Syntax errors',
    '{"Statement":{"Effect":"Deny","\\u0045ffect":"Allow","Action":"*","Resource":"*"}}',
  ],
  ['type', 'Syntax errors', '[]'],
  ['type', 'Syntax errors', '{"Statement":"x"}'],
  ['type', 'Syntax errors', document({ ...allow, Action: [1] })],
  ['type', 'Syntax errors', document({ ...allow, Resource: [null] })],
  ['type', 'Syntax errors', document({ ...allow, Sid: 5 })],
  ['type', 'Syntax errors', document(allow, { Id: 5 })],
  ['type', 'Syntax errors', document({ ...allow, Condition: [] })],
  ['type', 'Syntax errors', document({ ...allow, Condition: { StringEquals: 'x' } })],
  ['condition-value', 'Syntax errors', document({ ...allow, Condition: { StringEquals: { 'aws:x': null } } })],
  ['condition-value', 'Syntax errors', document({ ...allow, Condition: { StringEquals: { 'aws:x': [['y']] } } })],
  ['unknown-element', 'Syntax errors', document(allow, { Statements: [] })],
  ['unknown-element', 'Syntax errors', document({ ...allow, Actions: '*' })],
  ['unknown-element', 'Syntax errors', document({ ...allow, __proto__: null, effect: 'Allow' })],
  ['unknown-element', 'Syntax errors', '{"__proto__":{},"Statement":[]}'],
  ['version', 'Syntax errors', document(allow, { Version: '2012-10-18' })],
  ['version', 'Syntax errors', document(allow, { Version: 20121017 })],
  ['statement-missing', 'Syntax errors', '{"Version":"2012-10-17"}'],
  ['statement-missing', 'Syntax errors', document([])],
  ['effect-missing', 'Syntax errors', document({ Action: '*', Resource: '*' })],
  ['effect', 'The policy failed legacy parsing', document({ ...allow, Effect: 'allow' })],
  ['effect', 'Syntax errors', document({ ...allow, Effect: 'Permit' })],
  ['action-missing', 'Policy statement must contain actions.', document({ Effect: 'Allow', Resource: '*' })],
  ['action-missing', 'Policy statement must contain actions.', document({ ...allow, Action: [] })],
  [
    'action-missing',
    'Policy statement must contain actions.',
    document({ Effect: 'Deny', NotAction: [], Resource: '*' }),
  ],
  ['action-and-not-action', 'Syntax errors', document({ ...allow, NotAction: 'iam:*' })],
  [
    'action-format',
    'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
    document({ ...allow, Action: 'GetObject' }),
  ],
  ['action-format', 'Actions/Conditions must be prefaced by a vendor', document({ ...allow, Action: '' })],
  ['action-format', 'Actions/Conditions must be prefaced by a vendor', document({ ...allow, Action: ':GetObject' })],
  ['action-format', 'Actions/Condition can contain only one colon.', document({ ...allow, Action: 's3:Get:Object' })],
  ['action-format', 'Vendor s* is not valid', document({ ...allow, Action: 's*:GetObject' })],
  ['action-format', 'Vendor a b is not valid', document({ ...allow, Action: 'a b:x' })],
  [
    'condition-key',
    'Actions/Conditions must be prefaced by a vendor',
    document({ ...allow, Condition: { StringEquals: { prefix: 'x' } } }),
  ],
  ['resource-missing', 'Policy statement must contain resources.', document({ Effect: 'Allow', Action: '*' })],
  [
    'resource-missing',
    'Policy statement must contain resources.',
    document({ Effect: 'Deny', Action: '*', NotResource: [] }),
  ],
  ['resource-and-not-resource', 'Syntax errors', document({ ...allow, NotResource: '*' })],
  ['resource-format', 'Resource shop must be in ARN format or "*".', document({ ...allow, Resource: 'shop' })],
  ['resource-format', 'Resource  must be in ARN format or "*".', document({ ...allow, Resource: '' })],
  [
    'resource-format',
    'Partition "asw" is not valid for resource "arn:asw:s3:::shop".',
    document({ ...allow, Resource: 'arn:asw:s3:::shop' }),
  ],
  [
    'resource-format',
    'Resource vendor must be fully qualified and cannot contain regexes.',
    document({ ...allow, Resource: 'arn:aws' }),
  ],
  ['resource-format', 'The policy failed legacy parsing', document({ ...allow, Resource: 'arn:aws::::' })],
  [
    'resource-format',
    'IAM resource arn:aws:iam:us-east-1:1:user/x cannot contain region information.',
    document({ ...allow, Resource: 'arn:aws:iam:us-east-1:1:user/x' }),
  ],
  [
    'resource-format',
    'IAM resource path must either be "*" or start with user/, ',
    document({ ...allow, Resource: 'arn:aws:iam::111122223333:rudy' }),
  ],
  [
    'resource-format',
    'can not contain region information.',
    document({ ...allow, Resource: 'arn:aws:s3:us-east-1::shop' }),
  ],
  ['principal-forbidden', 'Policy document should not specify a principal.', document(forBucket)],
  [
    'principal-forbidden',
    'Policy document should not specify a principal.',
    document({ ...allow, NotPrincipal: '*' }),
    'session',
  ],
  ['principal-missing', 'Missing required field Principal', document(allow), 'resource'],
  [
    'principal-missing',
    'Missing required field Principal',
    document({ Effect: 'Allow', Action: 'sts:AssumeRole' }),
    'trust',
  ],
  [
    'principal-and-not-principal',
    'Syntax errors',
    document({ ...forBucket, Effect: 'Deny', NotPrincipal: '*' }),
    'resource',
  ],
  [
    'not-principal-with-allow',
    'Syntax errors',
    document({ Effect: 'Allow', NotPrincipal: '*', Action: 's3:*', Resource: '*' }),
    'resource',
  ],
  [
    'principal-forbidden',
    'Syntax errors',
    document({ Effect: 'Deny', NotPrincipal: '*', Action: 'sts:AssumeRole' }),
    'trust',
  ],
  ['resource-forbidden', 'Has prohibited field Resource.', document({ ...forRole, Resource: '*' }), 'trust'],
  [
    'action-forbidden',
    'Trust Policy statement actions can only be sts:AssumeRole,',
    document({ ...forRole, Action: 's3:GetObject' }),
    'trust',
  ],
  [
    'action-forbidden',
    'Trust Policy statement actions can only be',
    document({ Effect: 'Allow', Principal: '*', NotAction: 'sts:AssumeRole' }),
    'trust',
  ],
  ['effect-forbidden', 'Syntax errors', document(forBucket), 'rcp'],
  [
    'principal-invalid',
    'Syntax errors',
    document({ ...forBucket, Effect: 'Deny', Principal: { AWS: '111122223333' } }),
    'rcp',
  ],
  [
    'action-forbidden',
    'Syntax errors',
    document({ Effect: 'Deny', Principal: '*', NotAction: 's3:*', Resource: '*' }),
    'rcp',
  ],
  [
    'action-format',
    'must be prefaced by a vendor',
    document({ Effect: 'Deny', Principal: '*', Action: '*', Resource: '*' }),
    'rcp',
  ],
  ['version', 'Syntax errors', JSON.stringify({ Statement: { ...forBucket, Effect: 'Deny' } }), 'rcp'],
  ['principal-forbidden', 'Policy document should not specify a principal.', document(forBucket), 'scp'],
  ['condition-operator', 'Syntax errors', document({ ...allow, Condition: { StringMatches: { 'aws:x': 'y' } } })],
  ['condition-operator', 'Syntax errors', document({ ...allow, Condition: { NullIfExists: { 'aws:x': 'true' } } })],
  ['condition-operator', 'Syntax errors', document({ ...allow, Condition: { stringequals: {} } })],
  [
    'condition-value',
    'The policy failed legacy parsing',
    document({ ...allow, Condition: { DateLessThan: { 'aws:CurrentTime': 'tomorrow' } } }),
  ],
  ['sid-format', 'Statement IDs (SID) must be alpha-numeric.', document({ ...allow, Sid: 'my statement' })],
  [
    'sid-duplicate',
    'Statement IDs (SID) in a single policy must be unique.',
    document([
      { ...allow, Sid: 'A' },
      { ...allow, Sid: 'A' },
    ]),
  ],
  ['characters', 'Syntax errors', document({ ...allow, Sid: 'é', Resource: 'arn:aws:s3:::日本' })],
  ['characters', 'Syntax errors', '{"Statement":{"Effect":"Allow","Action":"s3:\\uffff","Resource":"*"}}'],
  ['too-deep', 'Syntax errors', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['too-large', 'Syntax errors', document({ ...allow, Sid: 'A'.repeat(1_100_000) })],
];

for (const [reason, message, text, kind] of refused) {
  test(`${reason} (${kind ?? 'identity'}): ${text.slice(0, 120)}`, () => {
    const error = fault(text, kind);
    expect(error.reason).toBe(reason);
    expect(error.message).toContain(message);
  });
}

test('an error tells the line and the column', () => {
  const error = fault('{\n "Statement": {\n  "Effect": "Allow",\n  "Action": "*",\n  "Resource": "shop"}}');
  expect([error.line, error.column, error.value]).toEqual([5, 15, 'shop']);
});

test('the fault that IAM finds first is the one that is told', () => {
  const text = document([
    { ...allow, Action: 'x', Sid: 'A' },
    { ...allow, Resource: 'y', Sid: 'A' },
  ]);
  expect(fault(text).reason).toBe('sid-duplicate');
});

test('only S3 minds white space before the brace', () => {
  expect(() => parsePolicy(`\n${document(allow)}`, 'identity')).not.toThrow();
  expect(() => parsePolicy(` ${document({ ...forBucket, Resource: '*' })}`, 'key')).not.toThrow();
});

test('resource policies may hold other characters and longer Sids', () => {
  const text = document({ ...forBucket, Sid: 'Letzte Änderung: 日本', Resource: 'arn:aws:s3:::shop/日本' });
  expect(parsePolicy(text, 'resource').statements[0]?.sid).toBe('Letzte Änderung: 日本');
});

test("AWS's own resource control policy may allow", () => {
  const full = document({ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' });
  expect(() => parsePolicy(full, 'rcp', { awsManaged: true })).not.toThrow();
  expect(fault(full, 'rcp').reason).toBe('effect-forbidden');
});

const principals: readonly (readonly [boolean, object | string])[] = [
  [true, '*'],
  [true, { AWS: '*' }],
  [true, { AWS: ['111122223333', 'arn:aws:iam::111122223333:root'] }],
  [true, { AWS: 'arn:aws:iam::111122223333:user/division/rudy' }],
  [true, { AWS: 'arn:aws-cn:iam::111122223333:role/barista' }],
  [true, { AWS: 'arn:aws:sts::111122223333:assumed-role/barista/shift' }],
  [true, { AWS: 'arn:aws:sts::111122223333:federated-user/guest' }],
  [true, { AWS: 'AIDACKCEVSQ6C2EXAMPLE' }],
  [true, { AWS: 'arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1' }],
  [true, { Service: ['lambda.amazonaws.com', 'logs.eu-west-1.amazonaws.com'] }],
  [true, { Federated: 'arn:aws:iam::111122223333:saml-provider/Shop' }],
  [true, { Federated: 'cognito-identity.amazonaws.com' }],
  [true, { CanonicalUser: '79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be' }],
  [false, 'AWS'],
  [false, {}],
  [false, { AWS: [] }],
  [false, { AWS: '11112222333' }],
  [false, { AWS: '1111222233334' }],
  [false, { AWS: 'rudy' }],
  [false, { AWS: 'arn:aws:iam::111122223333:user/*' }],
  [false, { AWS: 'arn:aws:iam::111122223333:*' }],
  [false, { AWS: 'arn:aws:iam::*:root' }],
  [false, { AWS: 'arn:aws:iam::111122223333:group/baristas' }],
  [false, { AWS: 'arn:aws:iam::111122223333:user/${aws:username}' }],
  [false, { AWS: 'arn:aws:iam::111122223333:role/' }],
  [false, { AWS: 'arn:aws:sts::111122223333:assumed-role/barista' }],
  [false, { AWS: 'arn:aws:sts::111122223333:assumed-role/barista/*' }],
  [false, { Service: '*' }],
  [false, { Service: 'lambda' }],
  [false, { Service: '*.amazonaws.com' }],
  [false, { Federated: '*' }],
  [false, { Federated: 'arn:aws:iam::111122223333:user/rudy' }],
  [false, { CanonicalUser: '*' }],
  [false, { Everyone: '*' }],
  [false, { __proto__: null, aws: '*' }],
];

test.each(principals)('%s: %j as a principal', (taken, principal) => {
  const text = document({ ...forBucket, Principal: principal });
  if (taken) expect(parsePolicy(text, 'resource').statements[0]?.principals?.entries.length).toBeGreaterThan(0);
  else expect(fault(text, 'resource').reason).toBe('principal-invalid');
});

test("an invalid principal is told in IAM's words", () => {
  const error = fault(document({ ...forRole, Principal: { Service: 'nobody' } }), 'trust');
  expect(error.message).toBe('Invalid principal in policy: "SERVICE":"nobody"');
});
