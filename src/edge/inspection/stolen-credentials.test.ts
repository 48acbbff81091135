/** The file of stolen credentials: found by halves, and refused where nothing would be found. */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkStolenCredentials, StolenCredentials } from './stolen-credentials.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bailey-stolen-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const hash = (user: string, password: string) => createHash('sha256').update(`${user}\0${password}`).digest('hex');
const file = (lines: readonly string[], name = 'list', end = '\n') => {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${line}${end}`).join(''));
  return path;
};
const lines = (count: number) => Array.from({ length: count }, (_, n) => hash(`user${n}`, `secret${n}`)).sort();

test.each([0, 1, 2, 3, 20_000])('of %i pairs each is found, and no other', (count) => {
  const path = file(lines(count));
  checkStolenCredentials(path);
  const stolen = new StolenCredentials();
  expect(stolen.has('user0', 'secret0')).toBe(false);
  stolen.use(path);
  for (let n = 0; n < Math.min(count, 500); n++) {
    const at = Math.floor((n * count) / Math.min(count, 500));
    expect(stolen.has(`user${at}`, `secret${at}`)).toBe(true);
    expect(stolen.has(`user${at}`, `secret${at + 1}`)).toBe(false);
  }
  // What belongs to which cannot be moved across the border.
  expect(stolen.has('user1secret1', '')).toBe(false);
  stolen.use(undefined);
  expect(stolen.has('user0', 'secret0')).toBe(false);
});

test.each<[string, readonly string[], string, RegExp]>([
  ['out of order', [...lines(3)].reverse(), '\n', /line 2 of .* is not in order/],
  ['twice', [lines(1)[0] ?? '', lines(1)[0] ?? ''], '\n', /line 2 of .* is not in order/],
  ['in capitals', lines(2).map((line) => line.toUpperCase()), '\n', /line 1 of .* is not 64 digits/],
  ['with other ends of lines', lines(2), '\r\n', /line 1 of .* is not 64 digits/],
  ['plain', ['ann:secret'], '\n', /line 1 of .* is not 64 digits/],
  ['without its last end', lines(1), '', /line 1 of .* is not 64 digits/],
])('a file %s is refused', (name, given, end, message) => {
  const path = file(given, name, end);
  expect(() => checkStolenCredentials(path)).toThrow(message);
});

test('order is looked at across what is read at once', () => {
  const many = lines(16_400);
  const [last = '', first = ''] = [many[16_383], many[16_384]];
  checkStolenCredentials(file(many));
  many.splice(16_383, 2, first, last);
  expect(() => checkStolenCredentials(file(many))).toThrow(/line 16385 of/);
});

test('a file that is not there is an error', () => {
  expect(() => checkStolenCredentials(join(folder, 'none'))).toThrow(/ENOENT/);
  expect(() => new StolenCredentials().use(join(folder, 'none'))).toThrow(/ENOENT/);
});

test('a file that cannot be opened takes the place of none', () => {
  const stolen = new StolenCredentials();
  stolen.use(file(lines(3)));
  expect(() => stolen.use(join(folder, 'gone'))).toThrow(/ENOENT/);
  // Whatever is opened next has the first descriptor that is free.
  const other = openSync(file([hash('eve', 'hers')], 'other'), 'r');
  expect(stolen.has('user1', 'secret1')).toBe(true);
  expect(stolen.has('eve', 'hers')).toBe(false);
  stolen.use(undefined);
  expect(fstatSync(other).size).toBeGreaterThan(0);
  closeSync(other);
});
