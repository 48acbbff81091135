/** One prefix of a bucket is open to a user: every way to write a path, a source or a sub-resource must end there. */
import { IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sign } from '../../src/wire/signing/index.ts';
import { nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { type Answer, send } from './targets.ts';

let instance: TestInstance;
let owner: S3Client;
const secret = 'the owner’s own';
/** Keys are text: a key with dots in it is no way up. */
const climbing = 'public/../private/x';

beforeAll(async () => {
  instance = await startInstance();
  owner = new S3Client(instance.clientOptions());
  await owner.send(new CreateBucketCommand({ Bucket: 'victim' }));
  for (const Key of ['private/x', 'publi', 'public']) {
    await owner.send(new PutObjectCommand({ Bucket: 'victim', Key, Body: secret }));
  }
  for (const Key of ['public/x', climbing, 'public//x']) {
    await owner.send(new PutObjectCommand({ Bucket: 'victim', Key, Body: Key }));
  }
  const Action = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'];
  const Statement = [{ Effect: 'Allow', Action, Resource: 'arn:aws:s3:::victim/public/*' }];
  await new IAMClient(instance.clientOptions()).send(
    new PutUserPolicyCommand({
      UserName: 'nobody',
      PolicyName: 'public',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement }),
    }),
  );
});
afterAll(() => instance.stop());

function call(method: string, target: string, more: Record<string, string> = {}, body = ''): Promise<Answer> {
  const [path = '', query = ''] = target.split('?');
  const headers = Object.assign(Object.create(null), { host: new URL(instance.endpoint).host, ...more });
  const request = sign(
    { method, path, query, headers, repeated: [] },
    { accessKeyId: nobodyKeys.accessKeyId, secret: nobodyKeys.secretAccessKey },
    { region: 'us-east-1', service: 's3', time: Date.now(), body },
  );
  return send(instance.endpoint, request, body);
}

describe('attack: reading', () => {
  it.each([
    ['/victim/public/x', 'public/x'],
    ['/victim/public%2fx', 'public/x'],
    ['/victim/%70ublic/x', 'public/x'],
    ['/victim/public//x', 'public//x'],
    [`/victim/${climbing}`, climbing],
    ['/victim/public/%2e%2e/private/x', climbing],
    ['/victim/public%2F..%2Fprivate/x', climbing],
    ['/victim/public/x?Action=ListUsers&unknown=1', 'public/x'],
  ])('%s is the object of that name', async (target, text) => {
    const answer = await call('GET', target);
    expect(`${answer.status} ${answer.text}`).toBe(`200 ${text}`);
  });

  it.each([
    '/victim/private/x',
    '/victim/publi',
    '/victim/public',
    '/victim//public/x',
    '//victim/public/x',
    '/victim/./public/x',
    '/other/../victim/public/x',
    '/victim%2Fpublic/x',
    '/victim/public/x%00',
    '/victim/public/%c0%afx',
    '/victim/public/%e0%80%af',
    '/victim/public/%FF',
    '/Victim/public/x',
    '/victim./public/x',
    '/victim/public/x?acl',
    '/victim/public/x?tagging',
    '/victim/public/x?policy',
    '/victim/public/x?versions',
    '/victim/public/x?versionId=null',
    '/victim?policy',
    '/victim?uploads',
    '/victim',
  ])('%s is nothing that this user may have', async (target) => {
    const answer = await call('GET', target);
    expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
    expect(answer.text).not.toContain(secret);
  });
});

describe('attack: writing', () => {
  it.each([
    'victim/private/x',
    '/victim/private/x',
    'victim%2Fprivate%2Fx',
    '//victim/private/x',
    'victim//private/x',
    'victim/private/x?versionId=null',
    'victim/private/x?versionId=null?versionId=null',
    'victim/private/x%3FversionId=null',
    'victim/private/x%00',
    'arn:aws:s3:::victim/private/x',
    'victim/public',
    'victim/',
    'victim',
    'victim/public/%zz',
  ])('copying from %s is refused', async (source) => {
    const answer = await call('PUT', '/victim/public/copy', { 'x-amz-copy-source': source });
    expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
  });

  it.each<[method: string, target: string, headers: Record<string, string>, body: string]>([
    ['PUT', '/victim/private/y', {}, 'x'],
    ['PUT', '/victim/private/y', { 'x-amz-copy-source': 'victim/public/x' }, ''],
    ['PUT', '/victim/public/y?partNumber=1', {}, 'x'],
    ['PUT', '/victim/public/y?uploadId=a&partNumber=1', {}, 'x'],
    ['PUT', '/victim/public/y?policy', {}, '{}'],
    ['PUT', '/victim/?policy', {}, '{}'],
    ['PUT', '/victim/public/y', { 'x-amz-acl': 'public-read' }, 'x'],
    ['PUT', '/victim/public/y', { 'x-amz-tagging': 'a=b' }, 'x'],
    ['DELETE', '/victim/private/x', {}, ''],
    ['DELETE', '/victim/', {}, ''],
    ['DELETE', '/victim/public/x?versionId=null', {}, ''],
    ['POST', '/victim?delete', {}, '<Delete><Object><Key>private/x</Key></Object></Delete>'],
    ['POST', '/victim/public/x', { 'x-http-method-override': 'DELETE' }, ''],
  ])('%s %s %j is refused', async (method, target, headers, body) => {
    const answer = await call(method, target, headers, body);
    expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
  });

  it('deleting many deletes those alone that may be', async () => {
    const keys = ['private/x', 'public/../private/x', 'public/nothing'];
    const body = `<Delete>${keys.map((key) => `<Object><Key>${key}</Key></Object>`).join('')}</Delete>`;
    const answer = await call('POST', '/victim?delete', {}, body);
    expect(answer.text).toMatch(/<Error><Key>private\/x<\/Key>.*AccessDenied/);
    const { Body } = await owner.send(new GetObjectCommand({ Bucket: 'victim', Key: 'private/x' }));
    expect(await Body?.transformToString()).toBe(secret);
  });
});
