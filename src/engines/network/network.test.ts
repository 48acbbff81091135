/** The decision about packets, and what the ruleset is made of: no packets here, those are in test/edge. */
import { describe, expect, test } from 'vitest';
import {
  type AclEntry,
  decide,
  type GroupRule,
  hostsOf,
  type Interface,
  isTracked,
  membersOf,
  type Network,
  type Packet,
  protocolName,
  protocolNumber,
  ruleset,
} from './index.ts';

const rule = (given: Partial<GroupRule>): GroupRule => ({
  id: 'sgr-1',
  direction: 'ingress',
  protocol: 6,
  ports: { from: 443, to: 443 },
  peer: { kind: 'cidr', cidr: '10.0.0.0/8' },
  ...given,
});
const line = (number: number, allows: boolean, given: Partial<AclEntry> = {}): AclEntry => ({
  number,
  allows,
  direction: 'ingress',
  protocol: -1,
  ports: { from: 0, to: 65_535 },
  cidr: '0.0.0.0/0',
  ...given,
});
const at: Interface = {
  id: 'eni-1',
  addresses: ['10.0.1.5', '2001:db8::5'],
  groups: ['sg-1'],
  subnet: 'subnet-1',
  acl: 'acl-1',
  checksSource: true,
};
const other: Interface = { ...at, id: 'eni-2', addresses: ['10.0.2.7'], groups: ['sg-2'], subnet: 'subnet-2' };
const neighbour: Interface = { ...other, id: 'eni-3', addresses: ['10.0.1.9'], subnet: 'subnet-1' };

const network = (rules: readonly GroupRule[], entries: readonly AclEntry[] = [line(100, true)]): Network => ({
  interfaces: [at, other, neighbour],
  groups: new Map([
    ['sg-1', { id: 'sg-1', rules }],
    ['sg-2', { id: 'sg-2', rules: [] }],
  ]),
  acls: new Map([['acl-1', { id: 'acl-1', entries }]]),
  prefixLists: new Map([['pl-1', ['192.0.2.0/24', '2001:db8:1::/48']]]),
});
const packet = (given: Partial<Packet> = {}): Packet => ({
  protocol: 6,
  source: '10.0.2.7',
  destination: '10.0.1.5',
  sourcePort: 40_000,
  destinationPort: 443,
  ...given,
});

describe('security groups', () => {
  test('without a rule nothing passes', () => {
    expect(decide(network([]), at, 'ingress', packet())).toEqual({
      verdict: 'REJECT',
      by: 'security-group',
      groups: ['sg-1'],
    });
  });

  test.each<[string, Partial<GroupRule>, Partial<Packet>, boolean]>([
    ['port, protocol and source match', {}, {}, true],
    ['another port', {}, { destinationPort: 80 }, false],
    ['the first port of a range', { ports: { from: 400, to: 500 } }, { destinationPort: 400 }, true],
    ['the last port of a range', { ports: { from: 400, to: 500 } }, { destinationPort: 500 }, true],
    ['after the range', { ports: { from: 400, to: 500 } }, { destinationPort: 501 }, false],
    ['another protocol', {}, { protocol: 17 }, false],
    ['every protocol', { protocol: -1 }, { protocol: 47, destinationPort: 0 }, true],
    ['another source', {}, { source: '192.0.2.1' }, false],
    ['a rule for what goes out', { direction: 'egress' }, {}, false],
    ['an IPv6 block does not hold IPv4', { peer: { kind: 'cidr', cidr: '::/0' } }, {}, false],
    ['IPv4 inside IPv6 is IPv4', {}, { source: '::ffff:10.0.2.7' }, true],
    ['a member of the group', { peer: { kind: 'group', id: 'sg-2' } }, {}, true],
    ['no member of the group', { peer: { kind: 'group', id: 'sg-1' } }, {}, false],
    ['in the prefix list', { peer: { kind: 'prefix-list', id: 'pl-1' } }, { source: '192.0.2.9' }, true],
    ['in a list that does not exist', { peer: { kind: 'prefix-list', id: 'pl-9' } }, { source: '192.0.2.9' }, false],
    ['any ICMP', { protocol: 1, ports: { from: -1, to: -1 } }, { protocol: 1, icmpType: 8, icmpCode: 0 }, true],
    ['an echo request', { protocol: 1, ports: { from: 8, to: -1 } }, { protocol: 1, icmpType: 8, icmpCode: 0 }, true],
    ['another type', { protocol: 1, ports: { from: 8, to: -1 } }, { protocol: 1, icmpType: 13, icmpCode: 0 }, false],
    ['another code', { protocol: 1, ports: { from: 3, to: 4 } }, { protocol: 1, icmpType: 3, icmpCode: 1 }, false],
  ])('%s', (_name, given, sent, passes) => {
    const ruling = decide(network([rule(given)]), at, 'ingress', packet(sent));
    expect(ruling.verdict).toBe(passes ? 'ACCEPT' : 'REJECT');
  });

  test('members follow the interfaces', () => {
    expect(membersOf(network([]), 'sg-2')).toEqual(['10.0.1.9', '10.0.2.7']);
  });
});

describe('flows of security groups', () => {
  const everybody = { kind: 'cidr', cidr: '0.0.0.0/0' } as const;
  const everybody6 = { kind: 'cidr', cidr: '::/0' } as const;
  const answers = rule({ id: 'sgr-2', direction: 'egress', protocol: -1, peer: everybody });
  const open = rule({ peer: everybody });
  const six = { source: '2001:db8::9', destination: '2001:db8::5' };
  test.each<[string, readonly GroupRule[], Partial<Packet>, 'tracked' | 'untracked']>([
    ['open both ways', [open, answers], {}, 'untracked'],
    ['open in, with no way out', [open], {}, 'tracked'],
    ['open in, and out for some', [open, { ...answers, peer: { kind: 'cidr', cidr: '10.0.0.0/8' } }], {}, 'tracked'],
    ['out on one port', [open, { ...answers, protocol: 6, ports: { from: 443, to: 443 } }], {}, 'tracked'],
    ['out on every port', [open, { ...answers, protocol: 6, ports: { from: 0, to: 65_535 } }], {}, 'untracked'],
    ['out by another protocol', [open, { ...answers, protocol: 17, ports: { from: 0, to: 65_535 } }], {}, 'tracked'],
    ['out in the other family', [open, { ...answers, peer: everybody6 }], {}, 'tracked'],
    ['open in the other family', [{ ...open, peer: everybody6 }, rule({}), answers], {}, 'tracked'],
    [
      'IPv6',
      [
        { ...open, peer: everybody6 },
        { ...answers, peer: everybody6 },
      ],
      six,
      'untracked',
    ],
    ['from some', [rule({}), answers], {}, 'tracked'],
    ['half of the world', [rule({ peer: { kind: 'cidr', cidr: '0.0.0.0/1' } }), answers], {}, 'tracked'],
    ['from some and from everybody', [rule({}), open, answers], {}, 'untracked'],
    [
      'from everybody on another port',
      [rule({}), rule({ ...open, ports: { from: 80, to: 80 } }), answers],
      {},
      'tracked',
    ],
    ['everything from everybody', [rule({ protocol: -1, peer: everybody }), answers], {}, 'untracked'],
    ['UDP', [rule({ protocol: 17, peer: everybody }), answers], { protocol: 17 }, 'untracked'],
    ['a group', [rule({ peer: { kind: 'group', id: 'sg-2' } }), answers], {}, 'tracked'],
    ['ICMP', [rule({ protocol: -1, peer: everybody }), answers], { protocol: 1, icmpType: 8, icmpCode: 0 }, 'tracked'],
    ['what is neither', [rule({ protocol: -1, peer: everybody }), answers], { protocol: 47 }, 'tracked'],
  ])('%s', (_name, rules, sent, expected) => {
    const all = network(rules, [line(100, true), line(101, true, { cidr: '::/0' })]);
    expect(decide(all, at, 'ingress', packet(sent)).verdict).toBe('ACCEPT');
    expect(isTracked(all, at, 'ingress', packet(sent))).toBe(expected === 'tracked');
  });

  test('that a host begins are the same the other way round', () => {
    const out = packet({ source: '10.0.1.5', destination: '10.0.2.7' });
    const anything = rule({ id: 'sgr-3', protocol: -1, peer: everybody });
    expect(isTracked(network([answers]), at, 'egress', out)).toBe(true);
    expect(isTracked(network([answers, open]), at, 'egress', out)).toBe(true);
    expect(isTracked(network([answers, anything]), at, 'egress', out)).toBe(false);
  });

  test('groups of one interface count together', () => {
    const both: Network = {
      ...network([]),
      groups: new Map([
        ['sg-1', { id: 'sg-1', rules: [open] }],
        ['sg-2', { id: 'sg-2', rules: [answers] }],
      ]),
    };
    expect(isTracked(both, at, 'ingress', packet())).toBe(true);
    expect(isTracked(both, { ...at, groups: ['sg-1', 'sg-2'] }, 'ingress', packet())).toBe(false);
  });
});

describe('network ACLs', () => {
  const open = [rule({ peer: { kind: 'cidr', cidr: '0.0.0.0/0' } })];
  test.each<[string, readonly AclEntry[], string, number | undefined | 'passes']>([
    ['the lowest number decides, whatever the order', [line(200, true), line(30, false)], '10.0.2.7', 30],
    ['numbers are no texts', [line(100, true), line(30, false)], '10.0.2.7', 30],
    ['a later line is not asked', [line(1, true), line(2, false)], '10.0.2.7', 'passes'],
    ['no line denies', [], '10.0.2.7', undefined],
    [
      'lines for what goes out are not asked',
      [line(1, false, { direction: 'egress' }), line(2, true)],
      '10.0.2.7',
      'passes',
    ],
    ['neighbours cross no border', [line(1, false)], '10.0.1.9', 'passes'],
  ])('%s', (_name, entries, source, expected) => {
    const ruling = decide(network(open, entries), at, 'ingress', packet({ source }));
    if (expected === 'passes') expect(ruling.verdict).toBe('ACCEPT');
    else expect(ruling).toEqual({ verdict: 'REJECT', by: 'network-acl', acl: 'acl-1', number: expected });
  });
});

describe('the ruleset', () => {
  test('is one transaction over one table', () => {
    const text = ruleset(network([rule({})]), { table: 'bailey_t' });
    expect(text.startsWith('table inet bailey_t {\n}\ndelete table inet bailey_t\ntable inet bailey_t {\n')).toBe(true);
  });

  test('interfaces with the same groups share their chains', () => {
    const interfaces = [other, neighbour].map((one) => ({ ...one, device: 'eth1' }));
    expect(ruleset({ ...network([rule({})]), interfaces }).match(/chain in_sg_2 /g)).toHaveLength(1);
  });

  test('handshakes are answered in the family that a rule is open to', () => {
    const opened = (cidr: string): string =>
      ruleset({
        ...network([rule({ peer: { kind: 'cidr', cidr } })]),
        interfaces: [{ ...at, device: 'eth1' }],
      });
    expect(opened('0.0.0.0/0')).toContain('10.0.1.5 . 443');
    expect(opened('0.0.0.0/0')).not.toContain('2001:db8::5 . 443');
    expect(opened('::/0')).toContain('2001:db8::5 . 443');
    expect(opened('::/0')).not.toContain('10.0.1.5 . 443');
    expect(opened('10.0.0.0/8')).not.toContain('. 443');
  });

  test.each<[string, (text: string) => unknown]>([
    ['an id', (text) => ruleset({ ...network([]), interfaces: [{ ...at, device: 'eth1', groups: [text] }] })],
    ['a device', (text) => ruleset({ ...network([]), interfaces: [{ ...at, device: text }] })],
    ['a table', (text) => ruleset(network([]), { table: text })],
  ])('%s cannot say more than it is', (_name, make) => {
    for (const text of ['sg-1 drop', 'x"; flush ruleset; "', 'a\nb', '']) expect(() => make(text)).toThrow(RangeError);
  });

  test('what is no address does not appear', () => {
    const crooked = '10.0.0.1; flush ruleset';
    const made = ruleset(
      network([rule({ peer: { kind: 'cidr', cidr: crooked } })], [line(1, true, { cidr: crooked })]),
    );
    expect(made).not.toContain('flush');
  });
});

describe('hosts of the node', () => {
  const first = { ...at, device: 'eth1' };
  test('are those with a device, and have the addresses that are nobody else’s before', () => {
    const rivals = [
      { ...other, id: 'eni-7', addresses: ['10.0.1.5'] },
      { ...other, id: 'eni-8', device: 'eth2', addresses: ['10.0.2.8', '10.0.1.5', '10.0.2.9'] },
      { ...other, id: 'eni-9', device: 'eth2', addresses: ['10.0.2.10', '10.0.2.9'] },
    ];
    const hosts = hostsOf({ ...network([]), interfaces: [...rivals, first] });
    expect(hosts.map(({ id, addresses }) => [id, addresses])).toEqual([
      ['eni-8', ['10.0.2.8', '10.0.2.9']],
      ['eni-9', ['10.0.2.10']],
      ['eni-1', ['10.0.1.5', '2001:db8::5']],
    ]);
  });
});

test('protocols have names and numbers', () => {
  expect(['tcp', 'UDP', 'icmp', 'icmpv6', 'all', '-1', '47'].map(protocolNumber)).toEqual([6, 17, 1, 58, -1, -1, 47]);
  expect(['256', 'gre', '', '6.0'].map(protocolNumber)).toEqual([undefined, undefined, undefined, undefined]);
  expect([6, 17, 1, 58, -1, 47].map(protocolName)).toEqual(['tcp', 'udp', 'icmp', 'icmpv6', '-1', '47']);
});
