/** Snapshots on other machines: nothing in them is a path or an address of the instance's. */
import { expect, test } from 'vitest';
import type { Snapshot } from '../../edge/snapshot.ts';
import { asHere } from './here.ts';

const origins = [
  { id: 'carried', loadBalancer: 'shop', address: '127.0.0.1' },
  { id: 'elsewhere', loadBalancer: 'tea', address: '192.0.2.41' },
  { id: 'other', address: '192.0.2.80' },
];
const node = {
  bindAddress: '127.0.0.1',
  spillFolder: '/data/edge/bodies',
  cookieKey: 'k',
  placeFiles: { countries: '/data/countries' },
  stolenCredentials: '/data/stolen',
  filesVersion: '1',
  dns: { host: '127.0.0.1', port: 53 },
};
const snapshot = { node, loadBalancers: [{ arn: 'shop' }], distributions: [{ origins }] } as unknown as Snapshot;

test('listeners, names and load balancers that are carried here are at the address of this node', () => {
  const { node: own, distributions } = asHere(snapshot, { folder: '/node', bindAddress: '192.0.2.7' });
  expect(own).toEqual({
    bindAddress: '192.0.2.7',
    spillFolder: '/node/bodies',
    cookieKey: 'k',
    dns: { host: '192.0.2.7', port: 53 },
  });
  expect(distributions[0]?.origins.map(({ address }) => address)).toEqual(['192.0.2.7', '192.0.2.41', '192.0.2.80']);
  const everywhere = asHere(snapshot, { folder: '/node', bindAddress: '0.0.0.0' });
  expect(everywhere.distributions[0]?.origins[0]?.address).toBe('127.0.0.1');
});
