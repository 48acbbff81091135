import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateUserCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bailey, type Running, up } from '../support/process.ts';

const key = { id: 'AKIA_FIXED_1', secret: 'a secret of my own' };
const config = `region: eu-central-1
accounts:
  - id: "111122223333"
    name: coffee-shop
    email: owner@coffee.example
    users:
      - name: admin
        policies: ["arn:aws:iam::aws:policy/AdministratorAccess"]
        accessKeys: [{ id: ${key.id}, secret: "${key.secret}" }]
`;

describe('the command line', () => {
  let dir: string;
  let running: Running;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'bailey-cli-'));
    running = await up(['--data', join(dir, 'data')]);
  });
  afterAll(async () => {
    await running.end('SIGTERM');
    await rm(dir, { recursive: true, force: true });
  });

  async function profile(file: string): Promise<{ accessKeyId: string; secretAccessKey: string }> {
    const text = await readFile(file, 'utf8');
    return {
      accessKeyId: text.match(/aws_access_key_id = (\S+)/)?.[1] ?? '',
      secretAccessKey: text.match(/aws_secret_access_key = (\S+)/)?.[1] ?? '',
    };
  }

  it('makes the first account, its root user and an administrator, with files that only the owner reads', async () => {
    const { endpoint, accountId, credentialsFile, dataDir } = running;
    const options = { endpoint, region: 'us-east-1', maxAttempts: 1 };
    const admin = new STSClient({ ...options, credentials: await profile(credentialsFile) });
    expect((await admin.send(new GetCallerIdentityCommand({}))).Arn).toBe(`arn:aws:iam::${accountId}:user/admin`);
    const rootFile = join(dataDir, 'root-credentials');
    const root = new STSClient({ ...options, credentials: await profile(rootFile) });
    expect((await root.send(new GetCallerIdentityCommand({}))).Arn).toBe(`arn:aws:iam::${accountId}:root`);
    for (const file of [credentialsFile, rootFile]) expect((await stat(file)).mode & 0o077).toBe(0);
  });

  it('refuses a second process on the same data folder, and names the first', async () => {
    await expect(up(['--data', running.dataDir])).rejects.toThrow(String(running.pid));
  });

  it.each([
    [['up', '--no-such-flag']],
    [['upp']],
    [['up', '--port', '70000']],
    [['up', '--port', '12x']],
    [['up', '--host', '0.0.0.0', '--test-api']],
    [['up', 'stray']],
  ])('stops at %j', async (args) => {
    const { code, errors } = await bailey(args);
    expect(code).not.toBe(0);
    expect(errors.length).toBeGreaterThan(10);
  });

  it('M-023 makes a standalone account with a root user', async () => {
    const made = await bailey([
      'account',
      'create',
      '--name',
      'it',
      '--email',
      'it@coffee.example',
      '--data',
      running.dataDir,
    ]);
    expect(made.code).toBe(0);
    const id = made.output.match(/account (\d{12})/)?.[1] ?? '';
    const file = made.output.match(/: (\S+root-credentials\S*)/)?.[1] ?? '';
    const root = new STSClient({ endpoint: running.endpoint, region: 'us-east-1', credentials: await profile(file) });
    const { Arn, UserId } = await root.send(new GetCallerIdentityCommand({}));
    expect({ Arn, UserId }).toEqual({ Arn: `arn:aws:iam::${id}:root`, UserId: id });
    const twice = await bailey([
      'account',
      'create',
      '--name',
      'it',
      '--email',
      'it@coffee.example',
      '--data',
      running.dataDir,
    ]);
    expect(twice.code).not.toBe(0);
  });

  it('tells its status and coverage, and explains a call by its error text', async () => {
    const environment = {
      AWS_SHARED_CREDENTIALS_FILE: running.credentialsFile,
      AWS_CONFIG_FILE: join(running.dataDir, 'aws', 'config'),
    };
    expect((await bailey(['status', '--data', running.dataDir])).output).toContain(running.endpoint);
    expect((await bailey(['coverage', 'iam'], environment)).output).toContain('✓ CreateUser');
    const nobody = new IAMClient({
      endpoint: running.endpoint,
      region: 'us-east-1',
      maxAttempts: 1,
      credentials: await profile(running.credentialsFile),
    });
    const answer = await nobody.send(new ListUsersCommand({}));
    const id = answer.$metadata.requestId ?? '';
    const explained = await bailey(['explain', id], environment);
    expect(explained.output).toContain('ALLOWED  iam:ListUsers');
    expect(explained.output).toContain('AdministratorAccess');
    expect((await bailey(['explain', 'no such thing ever happened'], environment)).code).toBe(1);
  });

  it('has no test API unless it was asked for', async () => {
    const response = await fetch(`${running.endpoint}/_bailey/reset`, { method: 'POST' });
    expect(response.status).toBe(404);
    expect((await fetch(`${running.endpoint}/_bailey/health`)).status).toBe(200);
  });

  it('takes a configuration: its keys work, they survive a restart and a reset, and nothing is doubled', async () => {
    const file = join(dir, 'config.yaml');
    const data = join(dir, 'configured');
    await writeFile(file, config);
    for (let round = 0; round < 2; round += 1) {
      const instance = await up(['--data', data, '--config', file, '--test-api']);
      try {
        expect(instance.accountId).toBe('111122223333');
        const credentials = { accessKeyId: key.id, secretAccessKey: key.secret };
        const iam = new IAMClient({ endpoint: instance.endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 });
        expect((await iam.send(new ListUsersCommand({}))).Users).toHaveLength(1);
        expect((await fetch(`${instance.endpoint}/_bailey/reset`, { method: 'POST' })).status).toBe(200);
        expect((await iam.send(new ListUsersCommand({}))).Users).toHaveLength(1);
      } finally {
        expect(await instance.end('SIGTERM')).toBe(0);
      }
    }
  });

  it('refuses an unknown key of the configuration, with its line', async () => {
    const file = join(dir, 'broken.yaml');
    await writeFile(file, config.replace('email:', 'e-mail:'));
    await expect(up(['--data', join(dir, 'never'), '--config', file])).rejects.toThrow(
      /broken\.yaml:5:\d+: e-mail is not known/,
    );
  });
});

describe('backup and restore', () => {
  it('bring a running instance back elsewhere, and refuse a changed archive', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'bailey-backup-'));
    try {
      const first = await up(['--data', join(dir, 'data')]);
      const text = await readFile(first.credentialsFile, 'utf8');
      const credentials = {
        accessKeyId: text.match(/aws_access_key_id = (\S+)/)?.[1] ?? '',
        secretAccessKey: text.match(/aws_secret_access_key = (\S+)/)?.[1] ?? '',
      };
      const client = (endpoint: string) =>
        new IAMClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
      await client(first.endpoint).send(new CreateUserCommand({ UserName: 'rudy' }));
      const target = join(dir, 'backup');
      expect((await bailey(['backup', target, '--data', first.dataDir])).code).toBe(0);
      await client(first.endpoint).send(new CreateUserCommand({ UserName: 'later' }));
      expect(await first.end('SIGTERM')).toBe(0);

      expect((await bailey(['restore', target, '--data', join(dir, 'again')])).code).toBe(0);
      const second = await up(['--data', join(dir, 'again')]);
      const { Users } = await client(second.endpoint).send(new ListUsersCommand({}));
      expect(Users?.map((user) => user.UserName)).toEqual(['admin', 'rudy']);
      expect(second.accountId).toBe(first.accountId);
      expect(await second.end('SIGTERM')).toBe(0);

      const archive = join(target, 'store.db');
      const bytes = await readFile(archive);
      bytes[bytes.length - 10] = (bytes[bytes.length - 10] ?? 0) ^ 1;
      await writeFile(archive, bytes);
      const refused = await bailey(['restore', target, '--data', join(dir, 'never')]);
      expect(refused.code).toBe(1);
      expect(refused.errors).toContain('store.db');
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
