/** Load balancers of an earlier version get their network interfaces, each once. */
import { expect, test } from 'vitest';
import { defaultNetwork } from '../../services/ec2/network/default-network.ts';
import { registerHost } from '../../services/ec2/network/registered.ts';
import { readAll } from '../../services/ec2/network/rows.ts';
import { networkInterfaces } from '../../services/ec2/network/state.ts';
import { putLoadBalancer } from '../../services/elasticloadbalancing/load-balancers.ts';
import { openMemoryStore } from '../../store/memory.ts';
import { placeAll } from './load-balancers.ts';

const scope = { account: '111122223333', region: 'us-east-1' };

test('interfaces are made, stay as they are, and give way to hosts', async () => {
  const store = openMemoryStore();
  const { subnets, group } = defaultNetwork(scope);
  const zones = subnets.slice(0, 2).map(({ id, zone }) => ({ subnetId: id, zone }));
  const before = store.begin();
  putLoadBalancer(before, {
    ...scope,
    name: 'shop',
    id: '50dc6c495c0c9188',
    type: 'application',
    scheme: 'internet-facing',
    dnsName: 'shop-1.us-east-1.elb.amazonaws.com',
    vpcId: subnets[0]?.vpc ?? '',
    zones,
    securityGroups: [group.id],
    ipAddressType: 'ipv4',
    attributes: {},
    tags: {},
    createdAt: 0,
  });
  await store.commit(before);
  await placeAll(store);
  const made = await readAll(store, networkInterfaces, scope);
  expect(made.map(({ subnet, description, groups }) => [subnet, description, groups]).sort()).toEqual(
    zones.map(({ subnetId }) => [subnetId, 'ELB app/shop/50dc6c495c0c9188', [group.id]]).sort(),
  );
  await placeAll(store);
  expect(await readAll(store, networkInterfaces, scope)).toEqual(made);
  // Where the operator says that a host is, it is.
  const [taken] = made;
  const [privateIp = ''] = taken?.addresses ?? [];
  const change = store.begin();
  await registerHost(change, scope, { name: 'web', privateIp }, 0);
  await store.commit(change);
  const after = await readAll(store, networkInterfaces, scope);
  expect(
    after.filter(({ addresses }) => addresses.includes(privateIp)).map(({ attachment }) => attachment !== undefined),
  ).toEqual([true]);
  const moved = after.find(({ id }) => id === taken?.id);
  expect(moved?.addresses).toHaveLength(1);
});
