import { expect, test } from 'vitest';
import { isOwnAddress, outwardLookup } from './reach.ts';

test.each([
  ['127.0.0.1', true],
  ['127.8.8.8', true],
  ['0.0.0.0', true],
  ['169.254.169.254', true],
  ['::1', true],
  ['::', true],
  ['::ffff:127.0.0.1', true],
  ['::ffff:169.254.169.254', true],
  ['fe80::1%eth0', true],
  ['fd00:ec2::254', true],
  ['fd00:ec2::23', true],
  ['fd20:ce::254', true],
  ['100.100.100.200', true],
  ['168.63.129.16', true],
  ['192.0.0.192', true],
  ['::ffff:168.63.129.16', true],
  ['ff02::1', true],
  ['100.100.100.201', false],
  ['no address', true],
  ['10.0.0.1', false],
  ['192.0.2.1', false],
  ['2001:db8::1', false],
])('%s is of this host: %s', (address, expected) => {
  expect(isOwnAddress(address)).toBe(expected);
});

test.each([{ all: true }, {}])('a name that leads here is refused, with %j', async (options) => {
  const error = await new Promise((resolve) => outwardLookup('localhost', options, (failure) => resolve(failure)));
  expect(error).toMatchObject({ code: 'EHOSTUNREACH' });
});
