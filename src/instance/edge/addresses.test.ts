import type { NetworkInterfaceInfo } from 'node:os';
import { expect, test } from 'vitest';
import { reachableAt } from './addresses.ts';

const one = (address: string, internal = false) =>
  ({ address, internal, family: address.includes(':') ? 'IPv6' : 'IPv4' }) as NetworkInterfaceInfo;
const lo = [one('127.0.0.1', true), one('::1', true)];

test('one address is itself', () => {
  expect(reachableAt('192.0.2.1', { lo })).toEqual(['192.0.2.1']);
  expect(reachableAt('127.0.0.1', { lo })).toEqual(['127.0.0.1']);
});

test('all addresses are those that others reach', () => {
  const eth0 = [one('192.0.2.7'), one('2001:db8::7'), one('fe80::7')];
  expect(reachableAt('0.0.0.0', { lo, eth0 })).toEqual(['192.0.2.7']);
  expect(reachableAt('::', { lo, eth0 })).toEqual(['192.0.2.7', '2001:db8::7']);
});

test('a machine without a network has loopback', () => {
  expect(reachableAt('0.0.0.0', { lo })).toEqual(['127.0.0.1']);
  expect(reachableAt('::', { lo })).toEqual(['127.0.0.1', '::1']);
});
