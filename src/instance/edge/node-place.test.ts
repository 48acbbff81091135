/** What a node is sent for its place: nothing more than it does something with. */
import { describe, expect, test } from 'vitest';
import { defaultLimits, type Snapshot } from '../../edge/snapshot.ts';
import { fitted, type NodePlace, parseNodePlace } from './node-place.ts';
import { type CarryingNode, nodeAddresses } from './nodes.ts';

const forward = (TargetGroupArn: string) => [{ Type: 'forward', TargetGroupArn }];
const balancer = (name: string, zones: readonly string[], actions: readonly object[]) => ({
  arn: name,
  zones,
  webAcl: `${name} acl`,
  listeners: [
    {
      certificates: [`${name} certificate`],
      mutualAuthentication: { mode: 'verify', trustStoreArn: `${name} trust store` },
      defaultActions: actions,
      rules: [],
    },
  ],
});
const each = (what: string) => ['shop', 'tea', 'cdn'].map((name) => ({ arn: `${name} ${what}` }));
const whole = {
  version: 1,
  instanceId: 'test',
  node: { bindAddress: '127.0.0.1', limits: defaultLimits, dns: { host: '127.0.0.1', port: 53 } },
  loadBalancers: [
    balancer('shop', ['us-east-1a', 'us-east-1b'], [{ Type: 'authenticate-oidc' }, ...forward('shop group')]),
    balancer('tea', ['us-east-1b', 'us-east-1c'], forward('tea group')),
  ],
  targetGroups: each('group'),
  trustStores: each('trust store'),
  certificates: each('certificate'),
  webAcls: each('acl'),
  distributions: [
    {
      arn: 'cdn',
      webAcl: 'cdn acl',
      certificate: 'cdn certificate',
      origins: [
        { id: 'tea', loadBalancer: 'tea', address: '127.0.0.1' },
        { id: 'else', address: '192.0.2.80' },
      ],
    },
  ],
  zones: [{ id: 'Z1' }],
  authenticationKeys: [{ id: 'secret' }],
} as unknown as Snapshot;

const at = (place: NodePlace | undefined) =>
  fitted(whole, place, ({ arn }) => (arn === 'tea' ? '192.0.2.41' : undefined));

function shown(place: NodePlace | undefined): string {
  const parts = at(place);
  const { loadBalancers, distributions, targetGroups, trustStores, certificates, webAcls, zones } = parts;
  const all = [loadBalancers, distributions, targetGroups, trustStores, certificates, webAcls].flat();
  return [
    ...all.map(({ arn }) => arn),
    ...zones.map(({ id }) => id),
    ...(parts.node.dns ? ['names'] : []),
    ...(parts.authenticationKeys ? ['keys'] : []),
  ].join(', ');
}

test('a node without a place is sent everything', () => {
  expect(at(undefined)).toBe(whole);
});

test('a node in a zone is sent its load balancers, and what they need', () => {
  expect(shown({ zone: 'us-east-1a' })).toBe('shop, shop group, shop trust store, shop certificate, shop acl, keys');
  expect(shown({ zone: 'us-east-1c' })).toBe('tea, tea group, tea trust store, tea certificate, tea acl');
  expect(at({ zone: 'us-east-1b' }).loadBalancers.length).toBe(2);
  expect(shown({ zone: 'eu-west-1a' })).toBe('');
});

test('an edge location is sent distributions and names, and where their origins are carried', () => {
  expect(shown({ edgeLocation: 'FRA' })).toBe('cdn, cdn certificate, cdn acl, Z1, names');
  const [{ origins }] = at({ edgeLocation: 'FRA' }).distributions as [Snapshot['distributions'][number]];
  expect(origins.map(({ address }) => address)).toEqual(['192.0.2.41', '192.0.2.80']);
});

describe('names lead', () => {
  const node = (place: NodePlace | undefined, address: string, isHealthy = true): CarryingNode => ({
    place,
    addresses: [address],
    isHealthy,
  });
  const [a, b] = [{ zone: 'us-east-1a' }, { zone: 'us-east-1b' }];
  const location = { edgeLocation: 'FRA' };

  test('to healthy nodes of the place, and to those that are everywhere', () => {
    const found = nodeAddresses(() => [
      node(undefined, '192.0.2.1'),
      node(a, '192.0.2.2'),
      node(b, '192.0.2.3'),
      node(a, '192.0.2.4', false),
      node(location, '192.0.2.5'),
      node(location, '192.0.2.6', false),
    ]);
    expect(found.ofZones(['us-east-1a', 'us-east-1c'])).toEqual(['192.0.2.1', '192.0.2.2']);
    expect(found.ofDistributions()).toEqual(['192.0.2.1', '192.0.2.5']);
  });

  test('to nodes that may carry on, where none is healthy', () => {
    const found = nodeAddresses(() => [node(a, '192.0.2.2'), node(b, '192.0.2.3', false)]);
    expect(found.ofZones(['us-east-1b'])).toEqual(['192.0.2.3']);
    expect(found.ofZones(['us-east-1c'])).toEqual([]);
    expect(found.ofDistributions()).toEqual([]);
  });
});

test('what is no place is refused', () => {
  for (const given of ['FRA', {}, { zone: 1 }, { zone: 'a', edgeLocation: 'b' }, [{ zone: 'a' }]]) {
    expect(() => parseNodePlace(given)).toThrow('no place');
  }
  expect(() => parseNodePlace(null)).toThrow();
  expect(parseNodePlace({ zone: 'us-east-1a', more: 1 })).toEqual({ zone: 'us-east-1a' });
});
