import { expect, test } from 'vitest';
import { hostFor } from './headers.ts';

test.each([
  ['shop.example', 80, 'shop.example'],
  ['shop.example', 443, 'shop.example'],
  ['shop.example:80', 80, 'shop.example'],
  ['shop.example:443', 80, 'shop.example'],
  ['shop.example:8080', 443, 'shop.example'],
  ['shop.example', 8080, 'shop.example:8080'],
  ['shop.example:8080', 8080, 'shop.example:8080'],
  ['shop.example:81', 8080, 'shop.example:81'],
  ['[2001:db8::1]', 80, '[2001:db8::1]'],
  ['[2001:db8::1]', 8080, '[2001:db8::1]:8080'],
  ['[2001:db8::1]:80', 80, '[2001:db8::1]'],
])('a request for %s at port %i reaches targets as one for %s', (host, port, seen) => {
  expect(hostFor(host, port)).toBe(seen);
});
