import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readAddressLists } from './address-lists.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailey-lists-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, 'list.txt');
  writeFileSync(path, text);
  return path;
}

test('networks, addresses and comments, in the lines of any system', () => {
  const reputation = file('# a list\r\n192.0.2.0/24 ; SBL1\r\n\r\n203.0.113.9\n2001:db8::1 # one host\n');
  expect(readAddressLists({ reputation })).toEqual({ reputation: '192.0.2.0/24\n203.0.113.9/32\n2001:db8::1/128' });
});

test.each(['192.0.2.0/33', '192.0.2', 'example.com', '1.2.3.4/', '<html>'])('%s is said to be no network', (line) => {
  const anonymous = file(`192.0.2.1\n${line}\n`);
  expect(() => readAddressLists({ anonymous })).toThrow(/edge\.addressLists\.anonymous: line 2 of .* is no network/);
});

test('a list that is not there, or without end, is refused', () => {
  expect(() => readAddressLists({ ddos: join(folder, 'none') })).toThrow(/edge\.addressLists\.ddos: ENOENT/);
  const hosting = file('192.0.2.1\n'.repeat(200_001));
  expect(() => readAddressLists({ hosting })).toThrow(/over 200000 networks/);
});
