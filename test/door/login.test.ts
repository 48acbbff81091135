/** `bailey login` as a process of its own: the password from standard input, the session to the shell or into a profile. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateLoginProfileCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { enableDevice } from '../support/authenticator.ts';
import type { Keys } from '../support/instance.ts';
import { bailey, type Running, up } from '../support/process.ts';

const Password = 'Espresso-4-Admin';
const NewPassword = 'Macchiato-5-Admin';

describe('bailey login', () => {
  let dir: string;
  let running: Running;
  let rootEmail: string;
  let rootPassword: string;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bailey-login-'));
    running = await up(['--data', join(dir, 'data')]);
    const file = await readFile(join(running.dataDir, 'root-credentials'), 'utf8');
    rootEmail = file.match(/^email = (.+)$/m)?.[1] ?? '';
    rootPassword = file.match(/^password = (.+)$/m)?.[1] ?? '';
    const iam = new IAMClient({ ...options(), credentials: await keysOf(running.credentialsFile, 'default') });
    await iam.send(new CreateLoginProfileCommand({ UserName: 'admin', Password, PasswordResetRequired: true }));
  });
  afterAll(async () => {
    await running.end('SIGTERM');
    await rm(dir, { recursive: true, force: true });
  });

  const options = () => ({ endpoint: running.endpoint, region: 'us-east-1', maxAttempts: 1 });
  const whoIs = async (credentials: Keys) =>
    (await new STSClient({ ...options(), credentials }).send(new GetCallerIdentityCommand({}))).Arn;
  const login = (args: readonly string[], input: string, env: Record<string, string> = {}) =>
    bailey(['login', '--data', running.dataDir, ...args], env, input);
  const exported = (output: string): Keys => ({
    accessKeyId: output.match(/^export AWS_ACCESS_KEY_ID=(\S+)$/m)?.[1] ?? '',
    secretAccessKey: output.match(/^export AWS_SECRET_ACCESS_KEY=(\S+)$/m)?.[1] ?? '',
    sessionToken: output.match(/^export AWS_SESSION_TOKEN=(\S+)$/m)?.[1] ?? '',
  });

  async function keysOf(file: string, profile: string): Promise<Keys> {
    const text = (await readFile(file, 'utf8')).split(`[${profile}]`)[1]?.split('\n[')[0] ?? '';
    const value = (key: string) => text.match(new RegExp(`^${key} = (\\S+)$`, 'm'))?.[1];
    const sessionToken = value('aws_session_token');
    return {
      accessKeyId: value('aws_access_key_id') ?? '',
      secretAccessKey: value('aws_secret_access_key') ?? '',
      ...(sessionToken && { sessionToken }),
    };
  }

  it('M-024 signs the root user of a fresh instance in, with the password that its file tells', async () => {
    const { code, output, errors } = await login(['--email', rootEmail], `${rootPassword}\n`);
    expect(errors).toContain('Signed in until');
    expect(code).toBe(0);
    expect(output).toContain(`export AWS_ENDPOINT_URL=${running.endpoint}`);
    expect(await whoIs(exported(output))).toBe(`arn:aws:iam::${running.accountId}:root`);
    expect(output + errors).not.toContain(rootPassword);
  });

  it('M-077 asks for a new password where the old one must change, and writes a profile', async () => {
    const who = ['--account', running.accountId, '--user', 'admin'];
    const refused = await login(who, Password);
    expect(refused).toMatchObject({ code: 1, output: '' });
    expect(refused.errors).toContain('PasswordResetRequiredException');

    const credentials = join(dir, 'own', 'credentials');
    const env = { AWS_SHARED_CREDENTIALS_FILE: credentials };
    const changed = await login([...who, '--profile', 'admin-12h'], `${Password}\n${NewPassword}\n`, env);
    expect(changed.errors).toBe('');
    expect(changed.output).toContain('AWS_PROFILE=admin-12h');
    expect((await stat(credentials)).mode & 0o077).toBe(0);
    const arn = `arn:aws:iam::${running.accountId}:user/admin`;
    expect(await whoIs(await keysOf(credentials, 'admin-12h'))).toBe(arn);

    const first = await readFile(credentials, 'utf8');
    await writeFile(credentials, `# mine\n[work]\naws_access_key_id = AKIAWORK\naws_secret_access_key = s\n\n${first}`);
    expect((await login([...who, '--profile', 'admin-12h'], NewPassword, env)).code).toBe(0);
    const second = await readFile(credentials, 'utf8');
    expect(second).toMatch(/^# mine\n\[work\]\naws_access_key_id = AKIAWORK\n/);
    expect(second.match(/admin-12h/g)).toHaveLength(1);
    expect(second).not.toContain(/aws_access_key_id = (ASIA\w+)/.exec(first)?.[1] ?? 'no session');
    expect(second).toMatch(/aws_access_key_id = ASIA/);
    const long = await login([...who, '--profile', 'work'], NewPassword, env);
    expect(long.errors).toContain('long-term');
    expect(await readFile(credentials, 'utf8')).toBe(second);
    // A tool that knows profiles uses it, Bailey's own command included.
    const coverage = await bailey(['coverage', 'sts'], {
      ...env,
      AWS_PROFILE: 'admin-12h',
      AWS_ENDPOINT_URL: running.endpoint,
    });
    expect(coverage.output).toContain('GetCallerIdentity');
  });

  it('M-033 asks for the code of an enabled device, and takes it once, also across a kill and a restart', async () => {
    const keys = await keysOf(running.credentialsFile, 'default');
    const iam = () => new IAMClient({ ...options(), credentials: keys });
    await iam().send(new CreateUserCommand({ UserName: 'blaine' }));
    await iam().send(new CreateLoginProfileCommand({ UserName: 'blaine', Password, PasswordResetRequired: true }));
    // With codes of the last minute: the one of now is still unused.
    const { app } = await enableDevice(iam(), 'blaine', () => Date.now() - 30_000);
    const who = ['--account', running.accountId, '--user', 'blaine'];
    const asked = await login(who, `${Password}\n`);
    expect(asked).toMatchObject({ code: 1, output: '' });
    expect(asked.errors).toContain('MfaRequiredException');

    const code = app.code(Date.now());
    // Password, code and new password: whatever is asked for, in this order.
    const { output, errors } = await login(who, `${Password}\n${code}\n${NewPassword}\n`);
    expect(await whoIs(exported(output))).toBe(`arn:aws:iam::${running.accountId}:user/blaine`);
    expect(output + errors).not.toContain(code);
    const again = await login(who, `${NewPassword}\n${code}\n`);
    expect(again.errors).toContain('Your authentication information is incorrect');
    await running.end('SIGKILL');
    running = await up(['--data', join(dir, 'data')]);
    const afterwards = await login(who, `${NewPassword}\n${code}\n`);
    expect(afterwards.errors).toContain('Your authentication information is incorrect');
    expect((await login(who, `${NewPassword}\n${app.code(Date.now(), 1)}\n`)).code).toBe(0);
  });

  it.each([
    [[], 'x', '--email'],
    [['--email', 'a@b.example', '--user', 'x'], 'x', '--email'],
    [['--account', '111122223333'], 'x', '--user'],
    [['--email', 'a@b.example'], '', 'no password'],
    [['--email', 'a@b.example', '--password', 'x'], '', 'unknown option'],
    [['--email', 'a@b.example'], 'x'.repeat(5_000), 'no password'],
    [['--email', 'a@b.example', 'stray'], 'x', 'too many arguments'],
  ])('stops at %j', async (args, input, why) => {
    const { code, output, errors } = await login(args, input);
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(errors).toContain(why);
  });

  it('sends no password over a network in the clear', async () => {
    const { code, errors } = await login(['--email', rootEmail], rootPassword, {
      AWS_ENDPOINT_URL: 'http://cloud.example:4566',
    });
    expect(code).toBe(1);
    expect(errors).toContain('https');
  });

  it('says in AWS’s words that a password is wrong, and counts it', async () => {
    const { code, output, errors } = await login(['--email', rootEmail], 'wrong');
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(errors).toContain('Your authentication information is incorrect. Please try again.');
    expect((await bailey(['status', '--data', running.dataDir])).output).toMatch(/refused +sign-in-failed: [1-9]/);
  });
});
