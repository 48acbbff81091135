/** The files that a first start leaves for people and tools: root credentials, and a profile for AWS clients. */
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolderOf } from '../store/durable-file.ts';

export interface RootCredentials {
  readonly accountId: string;
  readonly email: string;
  readonly password?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
}

export interface KeyPair {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Readable by the owner only. Returns the path. */
export async function writeRootCredentials(
  dir: string,
  root: RootCredentials,
  name = 'root-credentials',
): Promise<string> {
  const path = join(dir, name);
  const lines = [`account_id = ${root.accountId}`, `email = ${root.email}`];
  if (root.password) lines.push(`password = ${root.password}`);
  if (root.accessKeyId && root.secretAccessKey) {
    lines.push(`aws_access_key_id = ${root.accessKeyId}`, `aws_secret_access_key = ${root.secretAccessKey}`);
  }
  await writeSecret(path, `[root]\n${lines.join('\n')}\n`);
  return path;
}

/** `aws/credentials` with the key as profile `default`. Returns the path. */
export async function writeCredentials(dir: string, key: KeyPair): Promise<string> {
  await mkdir(join(dir, 'aws'), { recursive: true, mode: 0o700 });
  const path = join(dir, 'aws', 'credentials');
  const text = `[default]\naws_access_key_id = ${key.accessKeyId}\naws_secret_access_key = ${key.secretAccessKey}\n`;
  await writeSecret(path, text);
  return path;
}

/** `aws/config`: written at every start, since the port may differ. */
export async function writeConfig(dir: string, endpoint: string, region: string, caFile?: string): Promise<void> {
  await mkdir(join(dir, 'aws'), { recursive: true, mode: 0o700 });
  const trusted = caFile === undefined ? '' : `ca_bundle = ${caFile}\n`;
  const text = `[default]\nregion = ${region}\nendpoint_url = ${endpoint}\n${trusted}s3 =\n    addressing_style = path\n`;
  await writeFile(join(dir, 'aws', 'config'), text, { mode: 0o600 });
}

/** On the disk before it is believed. A file that was there may be open to others, or lead elsewhere: a new one takes its place. */
async function writeSecret(path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  await rm(beside, { force: true });
  const file = await open(beside, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  syncFolderOf(path);
}
