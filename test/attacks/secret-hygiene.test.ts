/** What a secret must not do: be compared byte by byte until the first difference, be good twice, or lie in a file. */
import { randomBytes } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  ChangePasswordCommand,
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  CreateUserCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { argon2id } from '@noble/hashes/argon2.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPassword } from '../../src/services/iam/passwords.ts';
import { presign, sign } from '../../src/wire/signing/index.ts';
import type { HttpRequest } from '../../src/wire/types.ts';
import { enableDevice, MovedClock } from '../support/authenticator.ts';
import { seededRandom } from '../support/call.ts';
import { accountId, adminKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { allow, keysOf, outcome, Principals } from '../support/principals.ts';
import { signIn } from '../support/sign-in.ts';
import { send, targets } from './targets.ts';

let instance: TestInstance;
let principals: Principals;
beforeAll(async () => {
  instance = await startInstance();
  principals = new Principals(instance);
  const s3 = new S3Client(instance.clientOptions());
  await s3.send(new CreateBucketCommand({ Bucket: 'attacked-bucket' }));
  await s3.send(new PutObjectCommand({ Bucket: 'attacked-bucket', Key: 'an/object', Body: 'x' }));
});
afterAll(() => instance.stop());

const src = fileURLToPath(new URL('../../src/', import.meta.url));
const sourcesUnder = (folder: string) =>
  readdirSync(join(src, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!\.test|\.fixture)\.ts$/.test(name))
    .map((name) => ({ name: `${folder}/${name}`, text: readFileSync(join(src, folder, name), 'utf8') }));

/** Comparisons of something secret, or made of it, that stop at the first difference. */
function earlyComparisons(text: string): string[] {
  const secret = String.raw`(?:[\w.?]*\.)?(?:\w*[sS]ignature|mac|hmac|otp|seed|\w*[sS]ecret|password|tokenCode|mfaCode)`;
  const nothing = `(?:undefined|null|''|"")`;
  const places = [
    String.raw`(?<![\w.'"])${secret}\s*[!=]==?(?!=|\s*${nothing})`,
    String.raw`(?<!(?:${nothing}|typeof [\w.]*|\.length)\s*)(?<![=!\s])\s*[!=]==?\s*${secret}\b(?![\w.(])`,
    String.raw`\b${secret}\.(?:equals|startsWith|endsWith|includes|indexOf|localeCompare|compare)\(`,
    String.raw`\b(?:compare|equals)\([^)]*\b${secret}\b`,
  ];
  return places.flatMap((place) => [...text.matchAll(new RegExp(place, 'g'))].map(([found]) => found.trim()));
}

describe('policy trap 24: signatures are compared in constant time', () => {
  it('by timingSafeEqual, in every file that makes one to compare with', () => {
    const makers = new Set(['hmac.ts', 'keys.ts', 'sign.ts', 'asymmetric.ts'].map((name) => `wire/signing/${name}`));
    const comparing = sourcesUnder('wire').filter(
      ({ name, text }) => !makers.has(name) && /\b(?:hmacHex|createHmac)\(/.test(text),
    );
    expect(comparing.map(({ name }) => name).sort()).toEqual(
      ['post-policy', 's3v2', 'verify'].map((name) => `wire/signing/${name}.ts`),
    );
    for (const { name, text } of comparing) expect(text, name).toMatch(/timingSafeEqual\(/);
  });

  it('and nowhere by an operator that stops early', () => {
    const files = [
      'wire',
      'gateway',
      'services/iam',
      'services/sts',
      'services/bailey',
      'xks-proxy',
      'edge/targets',
    ].flatMap(sourcesUnder);
    expect(files.length).toBeGreaterThan(200);
    const found = files.flatMap(({ name, text }) => earlyComparisons(text).map((place) => `${name}: ${place}`));
    // What the operator wrote against what is stored; and the two passwords of one form, once the old one has proved right.
    const known = new Set([
      'services/iam/seed.ts: before?.secret !==',
      'services/iam/seed.ts: !== secret',
      'services/bailey/sign-in.ts: === form.password',
    ]);
    expect(found.filter((place) => !known.has(place))).toEqual([]);
  });

  it.each([
    'if (claim.signature === expected) return true;',
    'return expected !== signature;',
    'if (expectedSignature == given)',
    'return given.mac === mac;',
    'Buffer.from(signature).equals(x) || signature.startsWith(expected)',
    'Buffer.compare(expected, signature)',
    'if (row.secret !== secret)',
    'return input.password === kept',
  ])('the search finds %s', (text) => {
    expect(earlyComparisons(text)).not.toEqual([]);
  });

  it.each([
    'if (signature === undefined) return;',
    "if (signature === '') return;",
    'if (signature.length !== 64)',
    'const secret = a === b;',
  ])('and leaves %s', (text) => {
    expect(earlyComparisons(text)).toEqual([]);
  });

  it.each(targets.map((target) => [target.name, target] as const))(
    '%s: a signature that is wrong at the first, at the last or at any digit is refused in the same words',
    async (_, target) => {
      const { host } = new URL(instance.endpoint);
      const plain: HttpRequest = {
        method: target.method,
        path: target.path,
        query: target.query,
        headers: Object.assign(Object.create(null), { host, ...target.headers }),
        repeated: [],
      };
      const credentials = { accessKeyId: adminKeys.accessKeyId, secret: adminKeys.secretAccessKey };
      const options = { region: 'us-east-1', service: target.service, time: Date.now(), body: target.body };
      const byHeader = sign(plain, credentials, options);
      const byQuery = presign(plain, credentials, { ...options, expires: 300 });
      const wrongAt = (hex: string, at: number) => hex.slice(0, at) + (hex[at] === '0' ? '1' : '0') + hex.slice(at + 1);
      for (const request of [byHeader, byQuery]) {
        const heard = new Set<string>();
        for (const at of [0, 1, 31, 62, 63]) {
          const authorization = request.headers.authorization ?? '';
          const hex = authorization === '' ? request.query.slice(-64) : authorization.slice(-64);
          const forged = wrongAt(hex, at);
          expect(forged).not.toBe(hex);
          const changed: HttpRequest =
            authorization === ''
              ? { ...request, query: request.query.slice(0, -64) + forged }
              : {
                  ...request,
                  headers: { ...request.headers, authorization: authorization.slice(0, -64) + forged },
                };
          const { status, code, text } = await send(instance.endpoint, changed, target.body);
          expect(status).toBeGreaterThanOrEqual(400);
          const words = text
            .replaceAll(forged, 'SIGNATURE')
            .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, 'ID')
            .replace(/<(RequestId|HostId|RequestID)>[^<]*</g, '<$1><');
          // The right signature is not told to whoever has a wrong one.
          expect(text).not.toContain(hex);
          heard.add(`${status} ${code} ${words}`);
        }
        expect([...heard]).toHaveLength(1);
        expect([...heard][0]).toMatch(/SignatureDoesNotMatch|InvalidSignatureException|AuthFailure/);
      }
    },
  );
});

describe('policy trap 24: passwords', () => {
  it('are kept as argon2id, as another implementation computes it, each with a salt of its own', {
    timeout: 60_000,
  }, async () => {
    const random = seededRandom(24);
    const password = 'Espresso-4-Rudy';
    const kept = await hashPassword(password, random);
    expect(kept.method).toBe('argon2id$v=19$m=19456,t=2,p=1');
    const salt = Buffer.from(kept.salt, 'base64');
    expect(salt).toHaveLength(16);
    const again = argon2id(password, salt, { m: 19_456, t: 2, p: 1, dkLen: 32 });
    expect(kept.hash).toBe(Buffer.from(again).toString('base64'));
    const second = await hashPassword(password, random);
    expect(second.salt).not.toBe(kept.salt);
    expect(second.hash).not.toBe(kept.hash);
  });
});

describe('policy trap 24: secrets in the data folder', () => {
  /** Every file, as a thief would copy it. */
  function stolen(): { readonly path: string; readonly content: Buffer }[] {
    const copy = join(tmpdir(), `bailey-stolen-${randomBytes(6).toString('hex')}`);
    cpSync(instance.dataDir, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') });
    try {
      return readdirSync(copy, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => ({ path: entry.name, content: readFileSync(join(entry.parentPath, entry.name)) }));
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  }

  /** As text, as bytes of another kind, and as base64 at any offset. */
  const forms = (bare: Buffer): Buffer[] => [
    bare,
    Buffer.from(bare.toString('utf8'), 'utf16le'),
    Buffer.from(bare.toString('hex')),
    Buffer.from(bare.toString('hex').toUpperCase()),
    ...[0, 1, 2].map((shift) => Buffer.from(bare.subarray(shift, shift + 15).toString('base64'))),
    Buffer.from([...bare].reverse()),
  ];

  it('would be found', async () => {
    const secret = randomBytes(30).toString('base64url');
    const planted = join(instance.dataDir, 'planted');
    for (const text of [
      secret,
      Buffer.from(secret).toString('hex'),
      Buffer.from(`{"s":"${secret}"}`).toString('base64'),
    ]) {
      writeFileSync(planted, `before ${text} after`);
      const found = stolen().filter(({ content }) => forms(Buffer.from(secret)).some((form) => content.includes(form)));
      expect(found.map(({ path }) => path)).toEqual(['planted']);
    }
    rmSync(planted);
  });

  it('are sealed: access keys, sessions, passwords and their changes, and MFA seeds, also once they were used', async () => {
    const UserName = 'careful';
    const clock = new MovedClock(instance.advance);
    const Password = 'Espresso-4-Careful';
    const NewPassword = 'Ristretto-5-Careful';
    await principals.iam.send(new CreateUserCommand({ UserName }));
    await principals.iam.send(new CreateLoginProfileCommand({ UserName, Password }));
    await principals.userMay(UserName, allow('iam:ChangePassword'), allow('s3:ListAllMyBuckets'));
    const { AccessKey } = await principals.iam.send(new CreateAccessKeyCommand({ UserName }));
    const keys = { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
    const changing = new ChangePasswordCommand({ OldPassword: Password, NewPassword });
    expect(await outcome(new IAMClient(instance.clientOptions(keys)).send(changing))).toBe('allowed');
    const { app, serial: SerialNumber } = await enableDevice(principals.iam, UserName, clock.now);
    await clock.nextCode();
    const TokenCode = app.code(clock.now());
    const session = keysOf(await principals.sts(keys).send(new GetSessionTokenCommand({ SerialNumber, TokenCode })));
    await clock.nextCode();
    const signed = await signIn(instance.endpoint, 'SignInUser', {
      Account: accountId,
      UserName,
      Password: NewPassword,
      MfaCode: app.code(clock.now()),
    });
    expect(signed.status).toBe(200);
    const secrets = {
      'access key': Buffer.from(keys.secretAccessKey),
      'secret of a session': Buffer.from(session.secretAccessKey),
      'token of a session': Buffer.from((session.sessionToken ?? '').slice(20, 80)),
      'secret of a sign-in': Buffer.from(signed.keys.secretAccessKey),
      password: Buffer.from(Password),
      'new password': Buffer.from(NewPassword),
      'seed as text': Buffer.from(app.seed),
      seed: app.key,
    };
    const files = stolen();
    // The search finds what does lie in the clear: ids by which rows are found.
    expect(files.some(({ content }) => content.includes(keys.accessKeyId))).toBe(true);
    for (const [name, secret] of Object.entries(secrets)) {
      expect(secret.length, name).toBeGreaterThan(14);
      for (const { path, content } of files)
        for (const form of forms(secret)) expect(content.includes(form), `${name} in ${path}`).toBe(false);
    }
    // Nor the hash of a password, which could be guessed at elsewhere, nor how it was made.
    for (const { path, content } of files) expect(content.includes('argon2id$v=19'), path).toBe(false);
  });
});
