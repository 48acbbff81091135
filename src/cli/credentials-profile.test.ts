import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withProfile, writeProfile } from './credentials-profile.ts';

const keys = { AccessKeyId: 'ASIA1', SecretAccessKey: 's/+=', SessionToken: 't' };
const rudy = '[rudy]\naws_access_key_id = ASIA1\naws_secret_access_key = s/+=\naws_session_token = t\n';
const longTerm = '[default]\naws_access_key_id = AKIA1\naws_secret_access_key = x\n';
const older = '[rudy]\naws_access_key_id=ASIA0\naws_secret_access_key=x\naws_session_token=old\nregion = eu-west-1\n';

test.each([
  ['an empty file', '', rudy],
  ['another profile', longTerm, `${longTerm}\n${rudy}`],
  ['an older session', `${older}\n${longTerm}`, `${longTerm}\n${rudy}`],
  ['one with spaces in its heading', older.replace('[rudy]', ' [ rudy ] # mine'), rudy],
  ['a session between others', `${longTerm}${older}[z]\na = b\n`, `${longTerm}[z]\na = b\n\n${rudy}`],
])('a profile joins %s', (_name, before, after) => {
  expect(withProfile(before, 'rudy', keys)).toBe(after);
  expect(withProfile(after, 'rudy', keys)).toBe(after);
});

test('a long-term key is not overwritten', () => {
  expect(() => withProfile(longTerm, 'default', keys)).toThrow('long-term');
});

test.each(['', 'a b', 'a]b', 'a\nb', '[x', 'x'.repeat(65), '../x'])('%j is no name of a profile', (name) => {
  expect(() => withProfile('', name, keys)).toThrow('named');
});

test('the file is its owner’s alone, and nothing is left beside it', () => {
  const dir = mkdtempSync(join(tmpdir(), 'bailey-profile-'));
  try {
    const path = join(dir, 'aws', 'credentials');
    writeProfile(path, 'rudy', keys);
    writeProfile(path, 'blaine', keys);
    expect(readFileSync(path, 'utf8')).toBe(`${rudy}\n${rudy.replace('rudy', 'blaine')}`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(dir, 'aws'))).toEqual(['credentials']);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
