/** Random requests with random policies, from few names, so that things often meet. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like placeholders
import type { RequestPrincipal } from '../../src/engines/policy/types.ts';
import { operatorNames } from './conditions.ts';
import type { Dice } from './random.ts';
import type { OneOrMany, OracleContext, OraclePolicy, OracleRequest, OracleStatement } from './words.ts';

const A = '111122223333';
const B = '444455556666';

const principals: readonly RequestPrincipal[] = [
  { kind: 'root', account: A, arn: `arn:aws:iam::${A}:root`, id: A },
  { kind: 'user', account: A, arn: `arn:aws:iam::${A}:user/rudy`, id: 'AIDARUDYRUDYRUDY1', name: 'rudy' },
  { kind: 'user', account: B, arn: `arn:aws:iam::${B}:user/rudy`, id: 'AIDAOTHERRUDY0001', name: 'rudy' },
  role('barista', false),
  role('AWSServiceRoleForTea', true),
  federated('user'),
  federated('root'),
  { kind: 'service', name: 'lambda.amazonaws.com' },
  { kind: 'federated', provider: `arn:aws:iam::${A}:oidc-provider/id.example.com` },
  { kind: 'anonymous' },
];

function role(name: string, serviceLinked: boolean): RequestPrincipal {
  return {
    kind: 'assumed-role',
    account: A,
    arn: `arn:aws:sts::${A}:assumed-role/${name}/shift`,
    id: 'AROABARISTABARIS1:shift',
    roleArn: `arn:aws:iam::${A}:role/${name}`,
    roleId: 'AROABARISTABARIS1',
    roleName: name,
    sessionName: 'shift',
    serviceLinked,
  };
}

function federated(issuer: 'user' | 'root'): RequestPrincipal {
  const by =
    issuer === 'user'
      ? { kind: issuer, arn: `arn:aws:iam::${A}:user/rudy`, id: 'AIDARUDYRUDYRUDY1' }
      : { kind: issuer, arn: `arn:aws:iam::${A}:root`, id: A };
  return {
    kind: 'federated-user',
    account: A,
    arn: `arn:aws:sts::${A}:federated-user/guest`,
    id: `${A}:guest`,
    name: 'guest',
    issuer: by,
  };
}

const awsNames = [
  '*',
  A,
  B,
  `arn:aws:iam::${A}:root`,
  `arn:aws:iam::${A}:user/rudy`,
  `arn:aws:iam::${B}:user/rudy`,
  `arn:aws:iam::${A}:role/barista`,
  `arn:aws:sts::${A}:assumed-role/barista/shift`,
  `arn:aws:sts::${A}:federated-user/guest`,
  'AIDARUDYRUDYRUDY1',
  'AROABARISTABARIS1',
];

const idTables: readonly (Readonly<Record<string, string>> | undefined)[] = [
  undefined,
  {},
  { [`arn:aws:iam::${A}:user/rudy`]: 'AIDARUDYRUDYRUDY1', [`arn:aws:iam::${A}:role/barista`]: 'AROABARISTABARIS1' },
  { [`arn:aws:iam::${A}:user/rudy`]: 'AIDAFORMERRUDY001', abc123: A },
];

const actions = ['s3:GetObject', 's3:PutObject', 's3:ListBucket', 'iam:CreateUser', 'kms:RetireGrant'];
const actionPatterns = [
  '*',
  's3:*',
  's3:Get*',
  's3:getobject',
  'S3:GETOBJECT',
  's3:?etObject',
  's3:PutObject',
  'iam:*User',
  'kms:*',
  '*:*',
  's3:*Object*',
];
const resources = [
  '*',
  'arn:aws:s3:::shop',
  'arn:aws:s3:::shop/rudy/a',
  'arn:aws:s3:::shop/*',
  'arn:aws:iam::111122223333:user/rudy',
];
const resourcePatterns = [
  '*',
  'arn:aws:s3:::shop',
  'arn:aws:s3:::shop/*',
  'arn:aws:s3:::s*p/*/?',
  'arn:aws:s3:::shop/${aws:username}/*',
  "arn:aws:s3:::shop/${aws:PrincipalTag/dir, 'rudy'}/*",
  'arn:aws:s3:::shop/${*}',
  'arn:aws:iam::*:user/*',
  'arn:aws:s3:::shop/ru?y/*',
  'arn:aws:s3:::shop/rudy/a',
];

const keys = [
  'aws:username',
  'aws:PrincipalTag/dir',
  'aws:TagKeys',
  'aws:SourceIp',
  'aws:SourceArn',
  'aws:CurrentTime',
  's3:max-keys',
  'aws:SecureTransport',
  'AWS:USERNAME',
];
/** Values that fit some operator and some that fit none. */
const texts = [
  'rudy',
  'Rudy',
  'r*',
  'ru?y',
  '*',
  '',
  '${aws:username}',
  "${aws:PrincipalTag/dir,'rudy'}",
  '${*}',
  '10',
  '10.0',
  '-3.5',
  '9007199254740993',
  '9007199254740992',
  '2026-01-01T00:00:00Z',
  '2026-01-01T01:00:00+01:00',
  '1767225600',
  '2026-02-30',
  'true',
  'FALSE',
  'cnVkeQ==',
  'cnVkeR==',
  '10.0.0.0/8',
  '10.1.2.3',
  '::ffff:10.1.2.3',
  '2001:db8::/32',
  '2001:db8::1',
  '10.0.0.0/33',
  'arn:aws:s3:::shop',
  'arn:aws:s3:::s*',
  'arn:*:s3:*:*:shop',
  'arn:aws:iam::111122223333:user/${aws:username}',
  'arn:aws:sns:us-east-1:${aws:PrincipalTag/dir}:t',
  'garbage',
];
const dateTexts = texts.filter((text) => /^(\d+|2026-01-01T.*)$/.test(text));
const qualifiers = ['', '', '', 'ForAllValues:', 'ForAnyValue:'];

function conditions(dice: Dice): OracleStatement['Condition'] {
  const block: Record<string, Record<string, OneOrMany>> = {};
  for (let count = dice.below(3); count > 0; count--) {
    const operator = dice.pick(operatorNames);
    const name = dice.pick(qualifiers) + operator + (operator !== 'Null' && dice.chance(0.25) ? 'IfExists' : '');
    const values = operator.startsWith('Date') ? dateTexts : operator === 'Null' ? ['true', 'false', 'garbage'] : texts;
    block[name] = { [dice.pick(keys)]: dice.some(values, dice.chance(0.05) ? 0 : 1, 3) };
  }
  return block;
}

function context(dice: Dice): OracleContext {
  const found: Record<string, OneOrMany> = {};
  for (const key of keys) {
    const kind = dice.below(6);
    if (kind < 3) found[key.toLowerCase()] = dice.pick(texts);
    else if (kind === 3) found[key.toLowerCase()] = dice.some(texts, 0, 3);
  }
  return found;
}

function principalElement(dice: Dice): NonNullable<OracleStatement['Principal']> {
  if (dice.chance(0.2)) return '*';
  const element: Record<string, OneOrMany> = { AWS: dice.some(awsNames.slice(1), 1, 4) };
  if (dice.chance(0.1)) element.AWS = '*';
  if (dice.chance(0.2)) element.Service = 'lambda.amazonaws.com';
  if (dice.chance(0.2)) element.Federated = `arn:aws:iam::${A}:oidc-provider/id.example.com`;
  if (dice.chance(0.1)) element.CanonicalUser = 'abc123';
  return element;
}

type Side = 'identity' | 'resource' | 'trust' | 'rcp';

function statement(dice: Dice, side: Side, allow: number): OracleStatement {
  const effect = dice.chance(allow) ? 'Allow' : 'Deny';
  const negative = side === 'identity' || side === 'resource';
  const action = dice.some(actionPatterns, 1, 3);
  const resource = dice.some(resourcePatterns, 1, 3);
  return {
    Effect: effect,
    ...(negative && dice.chance(0.15)
      ? { NotAction: action }
      : { Action: side === 'trust' ? 'sts:AssumeRole' : action }),
    ...(side === 'trust' ? {} : dice.chance(0.15) ? { NotResource: resource } : { Resource: resource }),
    ...(side === 'identity' ? {} : side === 'rcp' ? { Principal: '*' } : principals_(dice, side, effect)),
    ...(dice.chance(0.6) ? { Condition: conditions(dice) ?? {} } : {}),
  };
}

function principals_(dice: Dice, side: Side, effect: 'Allow' | 'Deny'): Partial<OracleStatement> {
  const negated = side === 'resource' && effect === 'Deny' && dice.chance(0.4);
  return negated ? { NotPrincipal: principalElement(dice) } : { Principal: principalElement(dice) };
}

function policy(dice: Dice, side: Side, allow = 0.75): OraclePolicy {
  const statements = Array.from({ length: 1 + dice.below(3) }, () => statement(dice, side, allow));
  if (dice.chance(0.5)) statements.push(wide(side));
  const version =
    dice.chance(0.8) || side === 'rcp' ? { Version: '2012-10-17' } : dice.chance(0.5) ? { Version: '2008-10-17' } : {};
  return { ...version, Statement: statements.length === 1 && dice.chance(0.3) ? statements[0]! : statements };
}

/** Without some that allow everything, nearly every chain would end in silence. */
function wide(side: Side): OracleStatement {
  const action = side === 'trust' ? { Action: 'sts:AssumeRole' } : { Action: '*', Resource: '*' };
  return { Effect: 'Allow', ...action, ...(side === 'identity' ? {} : { Principal: '*' }) };
}

function policies(dice: Dice, side: Side, least = 0): OraclePolicy[] {
  return Array.from({ length: least + dice.below(3) }, () => policy(dice, side));
}

/** One random case. */
export function generate(dice: Dice): OracleRequest {
  const kind = dice.pick(['resource', 'resource', 'key', 'trust'] as const);
  const resourcePolicy = dice.chance(0.6)
    ? { kind, policy: policy(dice, kind === 'trust' ? 'trust' : 'resource'), ids: dice.pick(idTables) }
    : undefined;
  const trust = resourcePolicy?.kind === 'trust';
  return {
    principal: dice.pick(principals),
    action: trust ? 'sts:AssumeRole' : dice.pick(actions),
    resource: { arn: dice.pick(resources), account: dice.pick([A, A, B]) },
    context: context(dice),
    identity: policies(dice, 'identity'),
    ...(dice.chance(0.2) ? { boundary: policies(dice, 'identity') } : {}),
    ...(dice.chance(0.2) ? { session: policies(dice, 'identity') } : {}),
    ...(dice.chance(0.2) ? { scps: Array.from({ length: dice.below(3) }, () => policies(dice, 'identity', 1)) } : {}),
    ...(dice.chance(0.2) ? { rcps: Array.from({ length: dice.below(3) }, () => policies(dice, 'rcp', 1)) } : {}),
    ...(dice.chance(0.1) ? { endpoint: policies(dice, 'resource', 1) } : {}),
    ...(resourcePolicy ? { resourcePolicy: withoutUndefined(resourcePolicy) } : {}),
  };
}

function withoutUndefined(side: {
  readonly kind: 'resource' | 'trust' | 'key';
  readonly policy: OraclePolicy;
  readonly ids: Readonly<Record<string, string>> | undefined;
}): NonNullable<OracleRequest['resourcePolicy']> {
  const { ids, ...rest } = side;
  return ids ? { ...rest, ids } : rest;
}
