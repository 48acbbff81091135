import { describe, expect, test } from 'vitest';
import type { AclEntry } from '../../engines/network/index.ts';
import { compileIngress, UDP } from './ingress.ts';

const every = { from: 0, to: 65_535 };
const line = (number: number, over: Partial<AclEntry> = {}): AclEntry => ({
  number,
  direction: 'ingress',
  allows: true,
  protocol: -1,
  ports: every,
  cidr: '0.0.0.0/0',
  ...over,
});
const out = line(100, { direction: 'egress' });
const behind = (entries: readonly AclEntry[], neighbours: readonly string[] = [], transport: 6 | 17 = 6) =>
  compileIngress({ border: { entries, neighbours } }, 80, transport);

describe('the border of a subnet', () => {
  test('is asked line by line, in the order of numbers, and denies what no line speaks of', () => {
    const deny = line(200, { allows: false, cidr: '192.0.2.0/24' });
    expect(behind([line(300), deny, out]).standingOf('192.0.2.7', 5_000)).toBe('refused');
    expect(behind([line(300), deny, out]).standingOf('198.51.100.7', 5_000)).toBe('tracked');
    expect(behind([line(90), deny, out]).standingOf('192.0.2.7', 5_000)).toBe('tracked');
    expect(behind([deny, out]).standingOf('198.51.100.7', 5_000)).toBe('refused');
  });

  test('speaks of protocols and of the listener’s port', () => {
    const web = line(100, { protocol: 6, ports: { from: 80, to: 80 } });
    expect(behind([web, out]).standingOf('192.0.2.7', 5_000)).toBe('tracked');
    expect(behind([web, out], [], UDP).standingOf('192.0.2.7', 5_000)).toBe('refused');
    expect(behind([{ ...web, ports: { from: 81, to: 99 } }, out]).standingOf('192.0.2.7', 5_000)).toBe('refused');
  });

  test('must let answers out, to the port that they go to', () => {
    const high = { ...out, protocol: 6, ports: { from: 1_024, to: 65_535 } };
    expect(behind([line(100)]).standingOf('192.0.2.7', 5_000)).toBe('refused');
    expect(behind([line(100), high]).standingOf('192.0.2.7', 5_000)).toBe('tracked');
    expect(behind([line(100), high]).standingOf('192.0.2.7', 443)).toBe('refused');
    expect(behind([line(100), high]).crosses('192.0.2.7', 443)).toBe(false);
  });

  test('is nothing to neighbours', () => {
    expect(behind([], ['172.31.0.9']).standingOf('172.31.0.9', 5_000)).toBe('tracked');
    expect(behind([], ['172.31.0.9']).standingOf('172.31.0.8', 5_000)).toBe('refused');
  });

  test('is asked about IPv6 where it has a line for it', () => {
    expect(behind([line(100), out]).standingOf('2001:db8::1', 5_000)).toBe('tracked');
    const six = [line(100), out, line(90, { allows: false, cidr: '2001:db8::/32' })];
    expect(behind(six).standingOf('2001:db8::1', 5_000)).toBe('refused');
  });

  test('makes no difference to security groups: both must let a connection in', () => {
    const border = { entries: [line(100), out], neighbours: [] };
    const closed = compileIngress({ border, ingress: [] }, 80);
    expect(closed.standingOf('192.0.2.7', 5_000)).toBe('refused');
    expect(closed.crosses('192.0.2.7', 5_000)).toBe(true);
  });
});
