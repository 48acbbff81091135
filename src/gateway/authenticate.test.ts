/** Who may pass the door: keys, tokens, regions, the old presigned form, and what is never shown. */
import { describe, expect, it } from 'vitest';
import { presign, sign, tryReadSignature } from '../wire/signing/index.ts';
import { httpRequest, time } from '../wire/signing/requests.fixture.ts';
import type { HttpRequest } from '../wire/types.ts';
import { authError } from './auth-errors.ts';
import { type AuthenticateOptions, authenticate, isAuthenticationFailure } from './authenticate.ts';
import { authenticateForm } from './authenticate-form.ts';
import type { Credential, CredentialFailure, Credentials } from './ports.ts';

const user: Credential = {
  secret: 'a secret that must never be shown to anyone',
  caller: {
    principal: {
      kind: 'user',
      account: '111122223333',
      arn: 'arn:aws:iam::111122223333:user/rudy',
      id: 'AIDAEXAMPLE',
      name: 'rudy',
    },
    account: '111122223333',
    accessKeyId: 'AKIARUDY',
  },
};
const token = 'the-token-of-this-session';

const credentials: Credentials = {
  async find(accessKeyId, given, now): Promise<Credential | CredentialFailure> {
    if (accessKeyId === 'AKIARUDY') return given === undefined ? user : 'invalid-token';
    if (accessKeyId === 'AKIAOFF') return 'inactive';
    if (accessKeyId !== 'ASIARUDY') return 'unknown';
    if (given === undefined) return 'missing-token';
    if (given !== token) return 'invalid-token';
    return now > time + 1000 ? 'expired' : user;
  },
  used() {},
};

const options: AuthenticateOptions = {
  service: { name: 'iam', signingName: 'iam' },
  protocol: 'awsQuery',
  credentials,
  now: time,
  wallClock: time,
  region: 'us-east-1',
  regions: new Set(['us-east-1', 'us-west-2', 'eu-west-1']),
  signatureV2: true,
  body: Buffer.from('Action=ListUsers'),
  hosts: ['s3.localhost'],
  allowsAnonymous: false,
};

async function answer(request: HttpRequest, changes: Partial<AuthenticateOptions> = {}): Promise<string> {
  try {
    const { caller, region } = await authenticate(request, tryReadSignature(request), { ...options, ...changes });
    return `${caller.principal.kind} ${region}`;
  } catch (error) {
    if (!isAuthenticationFailure(error)) throw error;
    const made = authError(error, 'restXml', 's3');
    expect(JSON.stringify([made.message, made.members, error.message])).not.toMatch(/a secret that must|the-token-of/);
    return error.reason;
  }
}

const iam = (accessKeyId: string, given?: string, region = 'us-east-1', asymmetric = false) =>
  sign(
    httpRequest({ method: 'POST' }),
    { accessKeyId, secret: user.secret, ...(given === undefined ? {} : { token: given }) },
    { region, service: 'iam', time, body: 'Action=ListUsers', asymmetric },
  );

describe('keys', () => {
  it('identify their owner', async () => expect(await answer(iam('AKIARUDY'))).toBe('user us-east-1'));
  it('that are unknown or inactive identify nobody', async () => {
    expect(await answer(iam('AKIANOBODY'))).toBe('unknown');
    expect(await answer(iam('AKIAOFF'))).toBe('inactive');
  });
  it('that are temporary need their own token, in time', async () => {
    expect(await answer(iam('ASIARUDY', token))).toBe('user us-east-1');
    expect(await answer(iam('ASIARUDY'))).toBe('missing-token');
    expect(await answer(iam('ASIARUDY', `${token}x`))).toBe('invalid-token');
    expect(await answer(iam('ASIARUDY', token), { now: time + 2000 })).toBe('expired');
    expect(await answer(iam('AKIARUDY', token))).toBe('invalid-token');
  });
  it('are not the secrets of others', async () => {
    const own = sign(
      httpRequest({ method: 'POST' }),
      { accessKeyId: 'AKIARUDY', secret: 'AKIARUDY' },
      { region: 'us-east-1', service: 'iam', time, body: 'Action=ListUsers' },
    );
    expect(await answer(own)).toBe('mismatch');
  });
});

describe('signatures', () => {
  it('must be for the service that was dispatched to, and for this body', async () => {
    expect(await answer(iam('AKIARUDY'), { service: { name: 'sts', signingName: 'sts' } })).toBe('scope-service');
    expect(await answer(iam('AKIARUDY'), { body: Buffer.from('Action=DeleteUser') })).toBe('mismatch');
  });
  it('keep to the machine’s clock, however far the instance’s clock was moved', async () => {
    expect(await answer(iam('AKIARUDY'), { now: time + 86_400_000 })).toBe('user us-east-1');
    expect(await answer(iam('AKIARUDY'), { wallClock: time + 901_000 })).toBe('too-old');
    const kms = { service: { name: 'kms', signingName: 'kms' } };
    const request = sign(
      httpRequest({ method: 'POST' }),
      { accessKeyId: 'AKIARUDY', secret: user.secret },
      { region: 'us-east-1', service: 'kms', time, body: 'Action=ListUsers' },
    );
    expect(await answer(request, { ...kms, wallClock: time + 299_000 })).toBe('user us-east-1');
    expect(await answer(request, { ...kms, wallClock: time + 360_000 })).toBe('too-old');
  });
  it('are for a region that exists', async () => {
    expect(await answer(iam('AKIARUDY', undefined, 'eu-west-1'))).toBe('user eu-west-1');
    expect(await answer(iam('AKIARUDY', undefined, 'mars-north-1'))).toBe('scope-region');
  });
  it('find nobody in a region that is not enabled', async () => {
    const notEnabled = { regionsNotEnabled: new Set(['eu-north-1']) };
    expect(await answer(iam('AKIARUDY', undefined, 'eu-north-1'), notEnabled)).toBe('unknown');
    expect(await answer(iam('AKIARUDY', undefined, 'eu-north-1'))).toBe('scope-region');
    expect(await answer(iam('AKIARUDY', undefined, 'eu-west-1'), notEnabled)).toBe('user eu-west-1');
  });
  it('of SigV4A act in the first region of their set that exists', async () => {
    const region = (set: string) => answer(iam('AKIARUDY', undefined, set, true));
    expect(await region('*')).toBe('user us-east-1');
    expect(await region('us-west-2,us-east-1')).toBe('user us-east-1');
    expect(await region('eu-*')).toBe('user eu-west-1');
    expect(await region('mars-*')).toBe('scope-region');
  });
  it('are needed where the operation does not say otherwise', async () => {
    expect(await answer(httpRequest({}))).toBe('anonymous');
    expect(await answer(httpRequest({}), { allowsAnonymous: true })).toBe('anonymous us-east-1');
    const broken = httpRequest({ headers: { authorization: 'AWS4-HMAC-SHA256 x' } });
    expect(await answer(broken, { allowsAnonymous: true })).toBe('malformed');
  });
});

describe('the old presigned form of S3', () => {
  const s3 = { service: { name: 's3', signingName: 's3' }, body: undefined };
  const request = httpRequest({ path: '/b/k', query: 'AWSAccessKeyId=AKIARUDY&Signature=x&Expires=9999999999' });
  it('can be turned off', async () => {
    expect(await answer(request, s3)).toBe('mismatch');
    expect(await answer(request, { ...s3, signatureV2: false })).toBe('unsupported');
  });
});

it('tells policies how a presigned request was signed', async () => {
  const request = presign(
    httpRequest({ path: '/b/k' }),
    { accessKeyId: 'AKIARUDY', secret: user.secret },
    { region: 'us-east-1', service: 's3', time, expires: 600 },
  );
  const { facts } = await authenticate(request, tryReadSignature(request), {
    ...options,
    service: { name: 's3', signingName: 's3' },
    wallClock: time + 5000,
    body: undefined,
  });
  expect(facts).toEqual({
    authType: 'REST-QUERY-STRING',
    version: 'AWS4-HMAC-SHA256',
    ageMs: 5000,
    contentSha256: 'UNSIGNED-PAYLOAD',
  });
});

it('takes a form without signature as anonymous, refuses half of one, and the old form where that is off', async () => {
  const form = {
    credentials,
    now: time,
    wallClock: time,
    bucket: 'b',
    key: 'k',
    region: 'us-east-1',
    signatureV2: true,
  };
  expect((await authenticateForm(new Map([['key', 'k']]), form)).caller.principal.kind).toBe('anonymous');
  const half = new Map([['policy', 'e30=']]);
  await expect(authenticateForm(half, form)).rejects.toMatchObject({ reason: 'post-malformed' });
  const old = new Map([...half, ['signature', 'x'], ['awsaccesskeyid', 'AKIARUDY']]);
  await expect(authenticateForm(old, form)).rejects.toMatchObject({ reason: 'mismatch' });
  await expect(authenticateForm(old, { ...form, signatureV2: false })).rejects.toMatchObject({ reason: 'unsupported' });
  const stranger = new Map([...old, ['awsaccesskeyid', 'AKIANOBODY']]);
  await expect(authenticateForm(stranger, form)).rejects.toMatchObject({ reason: 'unknown' });
});

it('knows nobody’s form in a region that is not enabled', async () => {
  const form = { credentials, now: time, wallClock: time, bucket: 'b', key: 'k', region: 'us-east-1' };
  const signed = new Map([
    ['policy', 'e30='],
    ['x-amz-algorithm', 'AWS4-HMAC-SHA256'],
    ['x-amz-credential', 'AKIARUDY/20260101/eu-north-1/s3/aws4_request'],
    ['x-amz-date', '20260101T000000Z'],
    ['x-amz-signature', '0'.repeat(64)],
  ]);
  const regions = { regions: new Set(['us-east-1']), signatureV2: true };
  await expect(authenticateForm(signed, { ...form, ...regions })).rejects.toMatchObject({ reason: 'scope-region' });
  const regionsNotEnabled = new Set(['eu-north-1']);
  await expect(authenticateForm(signed, { ...form, ...regions, regionsNotEnabled })).rejects.toMatchObject({
    reason: 'unknown',
  });
});
