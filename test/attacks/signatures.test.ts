/** Forged, stale, swapped, truncated, extended and missing signatures over real HTTP, in every protocol (M-076, M-088). */

import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClientCredentials, presign, sign } from '../../src/wire/signing/index.ts';
import type { HttpRequest } from '../../src/wire/types.ts';
import { adminKeys, nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { type Answer, send, type Target, targets } from './targets.ts';

const minute = 60_000;
const admin: ClientCredentials = { accessKeyId: adminKeys.accessKeyId, secret: adminKeys.secretAccessKey };

let instance: TestInstance;
let session: Required<ClientCredentials>;

beforeAll(async () => {
  instance = await startInstance();
  const options = instance.clientOptions();
  await new S3Client(options).send(new CreateBucketCommand({ Bucket: 'attacked-bucket' }));
  const trust = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'sts:AssumeRole' }],
  });
  const { Role } = await new IAMClient(options).send(
    new CreateRoleCommand({ RoleName: 'attacked', AssumeRolePolicyDocument: trust }),
  );
  const assumed = await new STSClient(options).send(
    new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'attack', DurationSeconds: 900 }),
  );
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = assumed.Credentials ?? {};
  session = { accessKeyId: AccessKeyId, secret: SecretAccessKey, token: SessionToken };
});
afterAll(() => instance.stop());

interface Making {
  readonly credentials?: ClientCredentials;
  readonly time?: number;
  readonly service?: string;
  readonly region?: string;
  readonly expires?: number;
  readonly body?: string | Uint8Array;
}

function plain(target: Target): HttpRequest {
  const headers = Object.assign(Object.create(null), { host: new URL(instance.endpoint).host, ...target.headers });
  return { method: target.method, path: target.path, query: target.query, headers, repeated: [] };
}

/** The call as its owner would sign it, in the header or (with `expires`) in the query. */
function made(target: Target, making: Making = {}): HttpRequest {
  const options = {
    region: making.region ?? 'us-east-1',
    service: making.service ?? target.service,
    time: making.time ?? Date.now(),
    body: making.body ?? target.body,
  };
  const credentials = making.credentials ?? admin;
  if (making.expires === undefined) return sign(plain(target), credentials, options);
  return presign(plain(target), credentials, { ...options, expires: making.expires });
}

function headers(request: HttpRequest, changes: Record<string, string | undefined>): HttpRequest {
  return { ...request, headers: Object.assign(Object.create(null), request.headers, changes) };
}

/** Changes the signature, wherever it stands. */
function signature(request: HttpRequest, change: (hex: string) => string): HttpRequest {
  const { authorization } = request.headers;
  if (authorization)
    return headers(request, { authorization: authorization.slice(0, -64) + change(authorization.slice(-64)) });
  return { ...request, query: request.query.slice(0, -64) + change(request.query.slice(-64)) };
}

const flip = (hex: string) => (hex.startsWith('0') ? '1' : '0') + hex.slice(1);

/** [query, ec2, json, rest-json, s3] */
type Row = readonly [query: string, ec2: string, json: string, rest: string, s3: string];
const wrong: Row = [
  'SignatureDoesNotMatch 403',
  'AuthFailure 401',
  'InvalidSignatureException 400',
  'InvalidSignatureException 403',
  'SignatureDoesNotMatch 403',
];
const scope: Row = [...wrong.slice(0, 4), 'AuthorizationHeaderMalformed 400'] as unknown as Row;
const unknownKey: Row = [
  'InvalidClientTokenId 403',
  'AuthFailure 401',
  'UnrecognizedClientException 400',
  'UnrecognizedClientException 403',
  'InvalidAccessKeyId 403',
];
const badToken: Row = [...unknownKey.slice(0, 4), 'InvalidToken 400'] as unknown as Row;
const stale: Row = [
  'SignatureDoesNotMatch 403',
  'RequestExpired 400',
  'InvalidSignatureException 400',
  'InvalidSignatureException 403',
  'RequestTimeTooSkewed 403',
];
const incomplete: Row = [
  'IncompleteSignature 400',
  'AuthFailure 401',
  'IncompleteSignatureException 400',
  'IncompleteSignatureException 403',
  'AuthorizationHeaderMalformed 400',
];
const unsigned: Row = [
  'MissingAuthenticationToken 403',
  'MissingParameter 400',
  'MissingAuthenticationTokenException 400',
  'MissingAuthenticationTokenException 403',
  'AccessDenied 403',
];
const columns = ['query', 'ec2', 'json', 'rest', 's3'];
const columnOf: Record<string, string> = {
  iam: 'query',
  sts: 'query',
  ec2: 'ec2',
  cloudtrail: 'json',
  monitoring: 'json',
  account: 'rest',
  s3: 's3',
};

const expected = (row: Row, target: Target): string =>
  row[columns.indexOf(columnOf[target.service] as string)] as string;

function shown(answer: Answer): string {
  expect(answer.text).not.toContain(adminKeys.secretAccessKey);
  expect(answer.text).not.toContain(session.token);
  return `${answer.code} ${answer.status}`;
}

describe.each(targets.map((target) => [target.name, target] as const))('wire trap: signatures, %s', (_, target) => {
  const attack = async (row: Row, request: HttpRequest, body = target.body) =>
    expect(shown(await send(instance.endpoint, request, body))).toBe(expected(row, target));
  const s3 = target.service === 's3';

  it('answers its owner, by header and presigned, with a session too', async () => {
    for (const making of [
      {},
      { expires: 60 },
      { credentials: session },
      { credentials: session, expires: 60 },
    ] as Making[]) {
      const answer = await send(instance.endpoint, made(target, making), target.body);
      // The role may do nothing: being refused for that means that its signature held.
      if (making.credentials && target.service !== 'sts')
        expect(answer.code).toMatch(/^(AccessDenied|UnauthorizedOperation)/);
      else expect(target.honest).toContain(answer.status);
    }
  });

  /** Without a readable signature only the host tells services apart that share a protocol or a form of paths. */
  const unnamed = (authorization?: string): HttpRequest => {
    const host = `${target.service}.${new URL(instance.endpoint).host.replace('127.0.0.1', 'localhost')}`;
    const named = target.service === 'account' || target.service === 'ec2';
    return headers(plain(target), { ...(named ? { host } : {}), ...(authorization ? { authorization } : {}) });
  };

  it('refuses what is not signed', async () => attack(unsigned, unnamed()));

  it('refuses half a signature', async () => {
    const { authorization = '' } = made(target).headers;
    await attack(incomplete, headers(made(target), { authorization: authorization.replace(/, Signature=.*/, '') }));
  });

  it('refuses other ways to say who one is', async () => {
    const row = (s3Code: string) => [...incomplete.slice(0, 4), s3Code] as unknown as Row;
    const basic = Buffer.from(`${adminKeys.accessKeyId}:${adminKeys.secretAccessKey}`).toString('base64');
    await attack(row('InvalidArgument 400'), unnamed(`Basic ${basic}`));
    await attack(row('InvalidArgument 400'), unnamed('Bearer x'));
    await attack(row('InvalidRequest 400'), unnamed(`AWS ${adminKeys.accessKeyId}:x`));
  });

  it('M-076, wire trap 4: refuses a forged, truncated, extended, empty or upper-case signature', async () => {
    for (const making of [{}, { expires: 60 }]) {
      for (const change of [
        flip,
        (hex: string) => hex.slice(1),
        (hex: string) => `${hex}x`,
        (hex: string) => `${hex}0`,
        () => '0'.repeat(64),
        (hex: string) => `A${hex.slice(1).toUpperCase()}`,
      ]) {
        await attack(wrong, signature(made(target, making), change));
      }
    }
  });

  it('M-076: refuses the secret of another, and a key as its own secret', async () => {
    for (const secret of [nobodyKeys.secretAccessKey, adminKeys.accessKeyId, '']) {
      await attack(wrong, made(target, { credentials: { accessKeyId: adminKeys.accessKeyId, secret } }));
      await attack(wrong, made(target, { credentials: { accessKeyId: adminKeys.accessKeyId, secret }, expires: 60 }));
    }
  });

  it('M-076: refuses keys that nobody has, even as their own secret', async () => {
    await attack(unknownKey, made(target, { credentials: { accessKeyId: 'AKIAUNKNOWN', secret: 'AKIAUNKNOWN' } }));
    await attack(unknownKey, made(target, { credentials: { accessKeyId: 'test', secret: 'test' }, expires: 60 }));
  });

  it('refuses a signature that belongs to another request', async () => {
    const { authorization } = made(target, { body: target.otherBody }).headers;
    await attack(
      wrong,
      headers(
        made(target),
        s3 ? { authorization } : { authorization, 'x-amz-date': made(target).headers['x-amz-date'] },
      ),
    );
  });

  it('refuses a swapped body', async () => {
    const answer = await send(instance.endpoint, made(target), target.otherBody);
    expect(shown(answer)).toBe(s3 ? 'XAmzContentSHA256Mismatch 400' : expected(wrong, target));
    if (!s3) await attack(wrong, made(target, { expires: 60 }), target.otherBody);
  });

  it('refuses another host, method, path, query and another signed header', async () => {
    await attack(wrong, headers(made(target), { host: 'localhost:1' }));
    await attack(wrong, { ...made(target), query: 'x=1' });
    await attack(wrong, headers(made(target), { 'content-type': `${target.headers['content-type']};x` }));
    if (s3) {
      await attack(wrong, { ...made(target), path: `${target.path}2` });
      await attack(wrong, { ...made(target), path: '/attacked-bucket/an%2Fobject' });
    }
  });

  it('refuses x-amz headers that join on the way', async () => {
    const row: Row = [...wrong.slice(0, 4), 'AccessDenied 403'] as unknown as Row;
    await attack(row, headers(made(target), { 'x-amz-acl': 'public-read' }));
    await attack(row, headers(made(target, { expires: 60 }), { 'x-amz-acl': 'public-read' }));
  });

  it('refuses the scope of another service, day or region', async () => {
    // The form and REST protocols are dispatched by what the signature names, so the call may end elsewhere: never here.
    for (const service of targets.map((each) => each.service).filter((each) => each !== target.service)) {
      const foreign = await send(instance.endpoint, made(target, { service }), target.body);
      expect(foreign.status).toBeGreaterThanOrEqual(400);
      if (target.headers['x-amz-target']) expect(shown(foreign)).toBe(expected(scope, target));
    }
    const { authorization = '' } = made(target).headers;
    const yesterday = authorization.replace(/\/\d{8}\//, '/20200101/');
    await attack(scope, headers(made(target), { authorization: yesterday }));
    await attack(wrong, headers(made(target), { authorization: authorization.replace('us-east-1', 'us-west-2') }));
    await attack(scope, made(target, { region: 'mars-north-1' }));
    await attack(
      scope,
      headers(made(target), { authorization: authorization.replace('aws4_request', 'aws5_request') }),
    );
  });

  it('refuses old and future signatures', async () => {
    await attack(stale, made(target, { time: Date.now() - 16 * minute }));
    await attack(stale, made(target, { time: Date.now() + 16 * minute }));
    if (target.service === 'monitoring') await attack(stale, made(target, { time: Date.now() - 6 * minute }));
    const late: Row = [...stale.slice(0, 4), 'AccessDenied 403'] as unknown as Row;
    await attack(late, made(target, { time: Date.now() - 2 * minute, expires: 60 }));
    await attack(late, made(target, { time: Date.now() + 16 * minute, expires: 60 }));
    // Of the same day as the new date: another day's scope is refused for that.
    const aside = new Date().getUTCHours() === 0 ? 16 : -16;
    const captured = made(target, { time: Date.now() + aside * minute });
    await attack(wrong, headers(captured, { 'x-amz-date': made(target).headers['x-amz-date'] }));
  });

  it('refuses presigned requests of more than a week, and longer than they were signed for', async () => {
    const answer = await send(instance.endpoint, made(target, { expires: 604_801 }), target.body);
    expect(shown(answer)).toBe('AuthorizationQueryParametersError 400');
    const stretched = made(target, { expires: 60 });
    await attack(wrong, { ...stretched, query: stretched.query.replace('Expires=60', 'Expires=600') });
  });

  it('refuses two signatures at once, and parameters that come twice', async () => {
    const twice = { ...made(target, { expires: 60 }), headers: made(target).headers };
    const row: Row = [...incomplete.slice(0, 4), 'InvalidArgument 400'] as unknown as Row;
    await attack(row, twice);
    const query: Row = [...incomplete.slice(0, 4), 'AuthorizationQueryParametersError 400'] as unknown as Row;
    const once = made(target, { expires: 60 });
    await attack(query, { ...once, query: `${once.query}&X-Amz-Expires=600` });
  });

  it('refuses temporary keys without their token, with another, or with one that was changed', async () => {
    const bare = { accessKeyId: session.accessKeyId, secret: session.secret };
    await attack(unknownKey, made(target, { credentials: bare }));
    for (const token of [`${session.token}x`, session.token.slice(0, -1), 'x', admin.secret]) {
      await attack(badToken, made(target, { credentials: { ...bare, token } }));
    }
    await attack(badToken, made(target, { credentials: { ...bare, token: 'x' }, expires: 60 }));
    await attack(badToken, made(target, { credentials: { ...admin, token: session.token } }));
  });

  it('refuses a token that joins after the signing', async () => {
    const request = made(target, { credentials: { accessKeyId: session.accessKeyId, secret: session.secret } });
    const answer = await send(
      instance.endpoint,
      headers(request, { 'x-amz-security-token': session.token }),
      target.body,
    );
    expect(shown(answer)).toBe(s3 ? 'AccessDenied 403' : expected(wrong, target));
  });
});

describe('after all of this', () => {
  it('nothing that was refused has been written', async () => {
    const s3 = new S3Client(instance.clientOptions());
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'attacked-bucket', Key: 'an/object' }));
    expect(await Body?.transformToString()).toBe('what its owner wrote');
    await expect(s3.send(new GetObjectCommand({ Bucket: 'attacked-bucket', Key: 'an/object2' }))).rejects.toThrow();
  });

  it('M-088: expired sessions are refused in each protocol’s words', async () => {
    await instance.advance(901);
    const row: Row = [
      'ExpiredToken 403',
      'RequestExpired 400',
      'ExpiredTokenException 400',
      'ExpiredTokenException 403',
      'ExpiredToken 400',
    ];
    for (const target of targets) {
      for (const making of [{ credentials: session }, { credentials: session, expires: 60 }]) {
        const answer = await send(instance.endpoint, made(target, making), target.body);
        expect(`${target.name}: ${shown(answer)}`).toBe(`${target.name}: ${expected(row, target)}`);
      }
    }
  });
});
