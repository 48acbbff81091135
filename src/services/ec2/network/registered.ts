/** Brings hosts that the operator has registered into a network: an instance, its interface, its tag. */
import { createHash } from 'node:crypto';
import type { Change } from '../../../store/store.ts';
import type { Scope } from '../../service.ts';
import { freeAddress, holdsAddress, isReserved } from './blocks.ts';
import { loadBalancerRequester } from './load-balancer-interfaces.ts';
import { read, readAll, writeDown } from './rows.ts';
import { instances, networkInterfaces, partitionOf, resourceTags, securityGroups, subnets } from './state.ts';

export interface RegisteredHost {
  readonly id?: string;
  readonly name: string;
  readonly subnet?: string;
  readonly privateIp: string;
  /** Ids or names. */
  readonly securityGroups?: readonly string[];
  readonly device?: string;
  readonly type?: string;
}

/**
 * Written once: what the API changed of it since stays, but where it lies is what the operator says.
 * @throws Error that says what is wrong with the host
 */
export async function registerHost(change: Change, scope: Scope, host: RegisteredHost, now: number): Promise<string> {
  await writeDown(change, scope, now);
  const derived = (prefix: string): string => {
    const digest = createHash('sha256').update(`${scope.account}/${scope.region}/host/${host.name}`).digest('hex');
    return `${prefix}-${digest.slice(0, 17)}`;
  };
  const id = host.id ?? derived('i');
  const partition = partitionOf(scope);
  const subnet =
    host.subnet === undefined
      ? (await readAll(change, subnets, scope)).find((one) => one.isDefault && holdsAddress(one.cidr, host.privateIp))
      : await read(change, subnets, scope, host.subnet);
  if (!subnet)
    throw new Error(
      `instances: ${host.name} lies in no subnet: ${host.subnet ?? host.privateIp} is in none of ${scope.region}`,
    );
  if (!holdsAddress(subnet.cidr, host.privateIp) || isReserved(subnet.cidr, host.privateIp)) {
    throw new Error(`instances: ${host.privateIp} of ${host.name} is no free address of ${subnet.id} (${subnet.cidr})`);
  }
  const interfaceId = derived('eni');
  const others = (await readAll(change, networkInterfaces, scope)).filter((one) => one.id !== interfaceId);
  const inSubnet = others.filter((one) => one.subnet === subnet.id);
  const rival = inSubnet.find(({ addresses }) => addresses.includes(host.privateIp));
  if (rival?.requesterId === loadBalancerRequester) {
    // Its address is nobody's choice, and the host is where it is.
    const taken = new Set([host.privateIp, ...inSubnet.flatMap(({ addresses }) => addresses)]);
    const address = freeAddress(subnet.cidr, taken);
    change.put(networkInterfaces, partition, rival.id, { ...rival, addresses: address === undefined ? [] : [address] });
  } else if (rival) {
    throw new Error(`instances: ${host.privateIp} of ${host.name} belongs to another interface`);
  }
  const all = (await readAll(change, securityGroups, scope)).filter(({ vpc }) => vpc === subnet.vpc);
  const groups = (host.securityGroups ?? ['default']).map((wanted) => {
    const found = all.find((one) => one.id === wanted || one.name === wanted);
    if (!found)
      throw new Error(`instances: ${host.name} names the security group ${wanted}, which ${subnet.vpc} does not have`);
    return found.id;
  });
  const before = await read(change, networkInterfaces, scope, interfaceId);
  const known = await read(change, instances, scope, id);
  const elsewhere = new Set([host.privateIp, ...inSubnet.flatMap(({ addresses }) => addresses)]);
  const added = before?.subnet === subnet.id ? before.addresses.slice(1) : [];
  const launchedAt = known?.launchedAt ?? now;
  change.put(networkInterfaces, partition, interfaceId, {
    id: interfaceId,
    subnet: subnet.id,
    vpc: subnet.vpc,
    zone: subnet.zone,
    description: before?.description ?? '',
    addresses: [host.privateIp, ...added.filter((address) => !elsewhere.has(address))],
    groups: before?.groups ?? groups,
    mac: before?.mac ?? macOf(derived('eni')),
    checksSource: before?.checksSource ?? true,
    type: 'interface',
    attachment: {
      id: derived('eni-attach'),
      instance: id,
      deviceIndex: 0,
      attachedAt: launchedAt,
      deleteOnTermination: before?.attachment?.deleteOnTermination ?? true,
    },
    ...(host.device !== undefined && { device: host.device }),
  });
  change.put(instances, partition, id, {
    id,
    type: host.type ?? 't3.micro',
    image: 'ami-00000000000000000',
    zone: subnet.zone,
    vpc: subnet.vpc,
    subnet: subnet.id,
    interface: interfaceId,
    launchedAt,
  });
  if (!known) change.put(resourceTags, partition, id, { type: 'instance', tags: { Name: host.name } });
  return id;
}

/** A locally administered unicast address that stays the same. */
function macOf(id: string): string {
  const digits = id.slice(-17, -5);
  return `02:${digits.slice(2, 12).match(/../g)?.join(':')}`;
}
