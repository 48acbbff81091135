import { expect, test } from 'vitest';
import { AddressLists } from './address-lists.ts';

test('lists are told apart, take the place of earlier ones, and are forgotten', () => {
  const lists = new AddressLists();
  expect(lists.has('reputation', '192.0.2.1')).toBe(false);
  lists.use({ reputation: '192.0.2.0/24\n2001:db8::/32', hosting: '203.0.113.7/32' });
  expect(lists.has('reputation', '192.0.2.255')).toBe(true);
  expect(lists.has('reputation', '2001:db8:1::1')).toBe(true);
  expect(lists.has('reputation', '192.0.3.0')).toBe(false);
  expect(lists.has('hosting', '203.0.113.7')).toBe(true);
  expect(lists.has('hosting', '192.0.2.1')).toBe(false);
  expect(lists.has('reputation', 'nonsense')).toBe(false);
  lists.use({ reputation: '198.51.100.0/24' });
  expect(lists.has('reputation', '192.0.2.1')).toBe(false);
  expect(lists.has('reputation', '198.51.100.9')).toBe(true);
  expect(lists.has('hosting', '203.0.113.7')).toBe(false);
});
