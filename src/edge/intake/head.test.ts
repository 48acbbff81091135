/** Names of headers that are known beforehand are not looked at again: what is taken of them must be what would be. */
import { expect, test } from 'vitest';
import { usualNames } from '../../engines/waf/header-names.ts';
import { type Head, readHead } from './head.ts';

const headOf = (name: string): Head => {
  const rawHeaders = name.toLowerCase() === 'host' ? [name, 'shop.example'] : ['hOST', 'shop.example', name, '1'];
  const value = name.toLowerCase() === 'transfer-encoding' ? 'chunked' : undefined;
  if (value) rawHeaders[3] = value;
  const raw = { method: 'POST', url: '/', httpVersion: '1.1', rawHeaders };
  const head = readHead(raw, { desync: 'monitor', dropsInvalidNames: true, lineBytes: 1_000 });
  if ('status' in head) throw new Error(`${name} is refused: ${head.reason}`);
  return { ...head, headers: head.headers.map((text) => text.toLowerCase()) };
};

test('the names were looked at', () => expect(usualNames.length).toBeGreaterThan(120));

test.each(usualNames)('%s goes the way that it would in a spelling that nobody knows', (name) => {
  const odd = name.replace(/[a-z]/gi, (letter, at: number) => (at % 2 ? letter.toUpperCase() : letter.toLowerCase()));
  expect(headOf(name)).toEqual(headOf(odd));
});
