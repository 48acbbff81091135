/** CreateNetworkAclEntry, ReplaceNetworkAclEntry, DeleteNetworkAclEntry. */
import type {
  CreateNetworkAclEntryRequest,
  DeleteNetworkAclEntryRequest,
  ReplaceNetworkAclEntryRequest,
} from '@aws-sdk/client-ec2';
import type { Call } from '../../../service.ts';
import { entryOf } from '../../network/acl-entries.ts';
import { on } from '../../network/checks.ts';
import { changing } from '../../network/declare.ts';
import { refused } from '../../network/errors.ts';
import { findAcl } from '../../network/find.ts';
import { type AclEntryRow, type NetworkAclRow, networkAcls, partitionOf } from '../../network/state.ts';

/** Amazon VPC quotas, "Rules per network ACL": each direction by itself. */
const MOST_ENTRIES = 20;

function put(call: Call, acl: NetworkAclRow, entries: readonly AclEntryRow[]): void {
  call.change.put(networkAcls, partitionOf(call.scope), acl.id, { ...acl, entries });
}

const isAt = (number: number | undefined, isEgress: boolean | undefined) => (entry: AclEntryRow) =>
  entry.number === number && entry.isEgress === (isEgress ?? false);

export const CreateNetworkAclEntry = changing<CreateNetworkAclEntryRequest, object>({
  checks: async (input, call) => [await on(call, 'network-acl', input.NetworkAclId)],
  async handle(input, call) {
    const acl = await findAcl(call, input.NetworkAclId);
    const entry = entryOf(input);
    if (acl.entries.some(isAt(entry.number, entry.isEgress))) {
      throw refused(
        'NetworkAclEntryAlreadyExists',
        `The network acl entry identified by ${entry.number} already exists.`,
      );
    }
    if (acl.entries.filter(({ isEgress }) => isEgress === entry.isEgress).length >= MOST_ENTRIES) {
      throw refused('NetworkAclEntryLimitExceeded', 'The maximum number of network acl entries has been reached.');
    }
    put(call, acl, [...acl.entries, entry]);
    return {};
  },
});

export const ReplaceNetworkAclEntry = changing<ReplaceNetworkAclEntryRequest, object>({
  checks: async (input, call) => [await on(call, 'network-acl', input.NetworkAclId)],
  async handle(input, call) {
    const acl = await findAcl(call, input.NetworkAclId);
    const entry = entryOf(input);
    requireEntry(acl, entry.number, entry.isEgress);
    put(call, acl, [...acl.entries.filter((one) => !isAt(entry.number, entry.isEgress)(one)), entry]);
    return {};
  },
});

export const DeleteNetworkAclEntry = changing<DeleteNetworkAclEntryRequest, object>({
  checks: async (input, call) => [await on(call, 'network-acl', input.NetworkAclId)],
  async handle(input, call) {
    const acl = await findAcl(call, input.NetworkAclId);
    requireEntry(acl, input.RuleNumber, input.Egress);
    put(
      call,
      acl,
      acl.entries.filter((one) => !isAt(input.RuleNumber, input.Egress)(one)),
    );
    return {};
  },
});

function requireEntry(acl: NetworkAclRow, number: number | undefined, isEgress: boolean | undefined): void {
  if (acl.entries.some(isAt(number, isEgress))) return;
  const direction = isEgress ? 'egress' : 'ingress';
  throw refused(
    'InvalidNetworkAclEntry.NotFound',
    `The specified network acl entry (${direction} rule ${number} of ${acl.id}) does not exist`,
  );
}
