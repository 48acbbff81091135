/** Network interfaces: how they are made and shown. */
import type { NetworkInterface } from '@aws-sdk/client-ec2';
import type { Call } from '../../service.ts';
import { freeAddress, holdsAddress, isReserved } from './blocks.ts';
import { refused } from './errors.ts';
import { findGroup } from './find.ts';
import { newId, newMac } from './ids.ts';
import { readAll } from './rows.ts';
import { type NetworkInterfaceRow, networkInterfaces, partitionOf, type SubnetRow, securityGroups } from './state.ts';
import { shownTags, type Tags } from './tags.ts';

/** Amazon VPC quotas, "Security groups per network interface". */
const MOST_GROUPS = 5;

/** The groups that are named, or the default one of the VPC. @throws ….NotFound, SecurityGroupsPerInterfaceLimitExceeded */
export async function groupsFor(
  call: Call,
  vpc: string,
  ids: readonly string[] | undefined,
): Promise<readonly string[]> {
  if (ids === undefined || ids.length === 0) {
    const all = await readAll(call.change, securityGroups, call.scope);
    return all.filter((one) => one.vpc === vpc && one.name === 'default').map(({ id }) => id);
  }
  const wanted = [...new Set(ids)];
  for (const id of wanted) {
    const group = await findGroup(call, id);
    if (group.vpc !== vpc) {
      throw refused(
        'InvalidGroup.NotFound',
        `You have specified two resources that belong to different networks: ${id} is not in ${vpc}`,
      );
    }
  }
  if (wanted.length > MOST_GROUPS) {
    throw refused(
      'SecurityGroupsPerInterfaceLimitExceeded',
      'The maximum number of security groups per interface has been reached.',
    );
  }
  return wanted;
}

/** @throws InvalidParameterValue outside the subnet, InvalidIPAddress.InUse, InsufficientFreeAddressesInSubnet */
export async function addressesFor(
  call: Call,
  subnet: SubnetRow,
  given: readonly string[],
  more: number,
): Promise<readonly string[]> {
  const all = await readAll(call.change, networkInterfaces, call.scope);
  const taken = new Set(all.filter((one) => one.subnet === subnet.id).flatMap(({ addresses }) => addresses));
  const found: string[] = [];
  for (const address of given) {
    if (!holdsAddress(subnet.cidr, address)) {
      throw refused('InvalidParameterValue', `Address ${address} does not fall within the subnet's address range`);
    }
    if (isReserved(subnet.cidr, address))
      throw refused('InvalidParameterValue', `Address ${address} is in subnet's reserved address range`);
    if (taken.has(address))
      throw refused('InvalidIPAddress.InUse', `The specified address is already in use: ${address}`);
    taken.add(address);
    found.push(address);
  }
  for (let left = more; left > 0; left -= 1) {
    const address = freeAddress(subnet.cidr, taken);
    if (address === undefined) {
      throw refused(
        'InsufficientFreeAddressesInSubnet',
        `The specified subnet does not have enough free addresses: ${subnet.id}`,
      );
    }
    taken.add(address);
    found.push(address);
  }
  return found;
}

export function newInterface(
  call: Call,
  subnet: SubnetRow,
  given: Pick<NetworkInterfaceRow, 'addresses' | 'groups' | 'description'> & Partial<NetworkInterfaceRow>,
): NetworkInterfaceRow {
  return {
    id: newId(call.random, 'eni'),
    subnet: subnet.id,
    vpc: subnet.vpc,
    zone: subnet.zone,
    mac: newMac(call.random),
    checksSource: true,
    type: 'interface',
    ...given,
  };
}

export function putInterface(call: Call, row: NetworkInterfaceRow): void {
  call.change.put(networkInterfaces, partitionOf(call.scope), row.id, row);
}

/** What a service has asked for, it uses. */
export const statusOf = ({ attachment, requesterId }: NetworkInterfaceRow): 'in-use' | 'available' =>
  attachment || requesterId !== undefined ? 'in-use' : 'available';

export async function shownInterface(call: Call, row: NetworkInterfaceRow, tags: Tags): Promise<NetworkInterface> {
  const { account, region } = call.scope;
  const names = new Map((await readAll(call.change, securityGroups, call.scope)).map(({ id, name }) => [id, name]));
  const domain = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
  const dns = (address: string) => `ip-${address.replaceAll('.', '-')}.${domain}`;
  const [primary = ''] = row.addresses;
  const { attachment } = row;
  return {
    NetworkInterfaceId: row.id,
    SubnetId: row.subnet,
    VpcId: row.vpc,
    AvailabilityZone: row.zone,
    Description: row.description,
    Groups: row.groups.map((id) => ({ GroupId: id, GroupName: names.get(id) })),
    InterfaceType: row.type as 'interface',
    Ipv6Addresses: [],
    MacAddress: row.mac,
    OwnerId: account,
    PrivateDnsName: dns(primary),
    PrivateIpAddress: primary,
    PrivateIpAddresses: row.addresses.map((address, index) => ({
      Primary: index === 0,
      PrivateIpAddress: address,
      PrivateDnsName: dns(address),
    })),
    RequesterManaged: row.requesterId !== undefined,
    ...(row.requesterId !== undefined && { RequesterId: row.requesterId }),
    SourceDestCheck: row.checksSource,
    Status: statusOf(row),
    ...(attachment && {
      Attachment: {
        AttachmentId: attachment.id,
        AttachTime: new Date(attachment.attachedAt),
        DeleteOnTermination: attachment.deleteOnTermination,
        DeviceIndex: attachment.deviceIndex,
        InstanceId: attachment.instance,
        InstanceOwnerId: account,
        Status: 'attached',
      },
    }),
    TagSet: shownTags(tags),
  };
}
