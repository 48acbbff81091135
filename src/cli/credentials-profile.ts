/** Writes a session into a profile of an AWS credentials file, and leaves the rest of the file as it is. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface SessionKeys {
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
}

/** The file is readable by its owner only, and either has the whole profile or is as it was. */
export function writeProfile(path: string, name: string, keys: SessionKeys): void {
  const text = withProfile(readOrEmpty(path), name, keys);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text, { mode: 0o600, flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * The file's text with the profile in place of one that held a session.
 * @throws Error for a name that profiles do not have, and rather than overwrite a long-term key
 */
export function withProfile(text: string, name: string, keys: SessionKeys): string {
  if (!/^[\w.@+-]{1,64}$/.test(name)) {
    throw new Error('A profile is named with 1 to 64 letters, digits and any of . _ - @ +');
  }
  const kept: string[] = [];
  const replaced: string[] = [];
  let inside = false;
  for (const line of text.split('\n')) {
    const heading = /^\s*\[([^\]]*)\]/.exec(line)?.[1]?.trim();
    if (heading !== undefined) inside = heading === name;
    (inside ? replaced : kept).push(line);
  }
  const has = (key: string): boolean => replaced.some((line) => line.split('=', 1)[0]?.trim() === key);
  if (has('aws_access_key_id') && !has('aws_session_token')) {
    throw new Error(`The profile ${name} holds a long-term access key, which would be lost: take another name.`);
  }
  const before = kept.join('\n').trimEnd();
  const lines = [
    `[${name}]`,
    `aws_access_key_id = ${keys.AccessKeyId}`,
    `aws_secret_access_key = ${keys.SecretAccessKey}`,
    `aws_session_token = ${keys.SessionToken}`,
  ];
  return `${before === '' ? '' : `${before}\n\n`}${lines.join('\n')}\n`;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
