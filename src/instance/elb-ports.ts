/** What Elastic Load Balancing asks of its neighbours: EC2's networks, certificates, the caller's objects, the edge. */
import { availableParallelism } from 'node:os';
import { certificateAt } from '../services/acm/find.ts';
import { placeLoadBalancer } from '../services/ec2/network/load-balancer-interfaces.ts';
import { read, readAll } from '../services/ec2/network/rows.ts';
import { instances, type SubnetRow, securityGroups, subnets, vpcs } from '../services/ec2/network/state.ts';
import type { Certificates, Edge, Networks, Objects, Subnet } from '../services/elasticloadbalancing/ports.ts';
import { serverCertificateByArn } from '../services/iam/server-certificates/find.ts';

const shown = ({ id, vpc, zone, cidr }: SubnetRow): Subnet => ({ id, vpcId: vpc, zone, cidr });

export const networks: Networks = {
  async subnet(reader, scope, id) {
    const row = await read(reader, subnets, scope, id);
    return row && shown(row);
  },
  async securityGroup(reader, scope, id) {
    const row = await read(reader, securityGroups, scope, id);
    return row && { id: row.id, vpcId: row.vpc };
  },
  async defaultSecurityGroup(reader, scope, vpcId) {
    const all = await readAll(reader, securityGroups, scope);
    return all.find(({ vpc, name }) => vpc === vpcId && name === 'default')?.id;
  },
  async vpc(reader, scope, id) {
    const row = await read(reader, vpcs, scope, id);
    return row && { id: row.id, cidrs: row.blocks.map(({ cidr }) => cidr) };
  },
  async subnetsOf(reader, scope, vpcId) {
    const all = await readAll(reader, subnets, scope);
    return all.filter(({ vpc }) => vpc === vpcId).map(shown);
  },
  async instance(reader, scope, id) {
    const row = await read(reader, instances, scope, id);
    // Registered hosts run until they are taken off.
    return row && { id: row.id, vpcId: row.vpc, zone: row.zone, isRunning: true };
  },
  place: placeLoadBalancer,
};

export const objects: Objects = {
  async read(call, { bucket, key, version }, limit) {
    const output = (await call.actor.call(
      { as: 'caller', call, via: 'elasticloadbalancing.amazonaws.com' },
      's3',
      'GetObject',
      { Bucket: bucket, Key: key, ...(version !== undefined && { VersionId: version }) },
    )) as { Body?: AsyncIterable<Uint8Array> | Uint8Array };
    const { Body: body = new Uint8Array(0) } = output;
    if (body instanceof Uint8Array) return within(body, limit);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of body) {
      size += chunk.length;
      if (size > limit) throw new RangeError('The object is too long.');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  },
};

function within(bytes: Uint8Array, limit: number): Uint8Array {
  if (bytes.length > limit) throw new RangeError('The object is too long.');
  return bytes;
}

/** A core carries about 8,000 requests a second, a capacity unit is 25 new connections a second. */
const unitsPerCore = 320;

/** Before any node has reported. */
export const silentEdge: Edge = {
  health: () => undefined,
  listenerFault: () => undefined,
  capacityUnits: () => availableParallelism() * unitsPerCore,
  isLocal: () => true,
};

/** ACM's certificates and IAM's server certificates, which were checked when they were uploaded. */
export const serverCertificates: Certificates = {
  async find(reader, arn) {
    const issued = await certificateAt(reader, arn);
    if (issued) return { arn, account: issued.account, isUsable: issued.status === 'ISSUED' };
    const row = await serverCertificateByArn(reader, arn);
    return row && { arn, account: row.account, isUsable: true };
  },
};
