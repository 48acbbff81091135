/** CreateIPSet, GetIPSet, UpdateIPSet, DeleteIPSet, ListIPSets. */
import type {
  CreateIPSetRequest,
  CreateIPSetResponse,
  DeleteIPSetRequest,
  GetIPSetRequest,
  GetIPSetResponse,
  ListIPSetsRequest,
  ListIPSetsResponse,
  UpdateIPSetRequest,
  UpdateIPSetResponse,
} from '@aws-sdk/client-wafv2';
import { operation } from '../../service.ts';
import { requireAddresses } from '../addresses.ts';
import { arnOf } from '../arns.ts';
import { accountCheck, creationChecks, entityCheck } from '../checks.ts';
import { find, isReferred, newEntity, remove, requireLock, store, updated } from '../entity.ts';
import { associatedItem } from '../errors.ts';
import type { WafPorts } from '../ports.ts';
import { type IpSetRow, ipSets } from '../state.ts';
import { listed, summary } from '../summaries.ts';

export const CreateIPSet = operation<CreateIPSetRequest, CreateIPSetResponse, WafPorts>({
  checks: (input, call) => creationChecks(call, 'CreateIPSet', 'ipset', input),
  async handle(input, call, { quotas }) {
    const entity = await newEntity(call, ipSets, input, { most: quotas.ipSets, sourceType: 'IP_SET' });
    requireAddresses(input.Addresses, input.IPAddressVersion, quotas);
    const row: IpSetRow = { ...entity, version: input.IPAddressVersion, addresses: input.Addresses };
    store(call, ipSets, row);
    return { Summary: summary('ipset', row) };
  },
});

export const GetIPSet = operation<GetIPSetRequest, GetIPSetResponse, WafPorts>({
  checks: async (input, call) => [await entityCheck(call, 'GetIPSet', 'ipset', input)],
  async handle(input, call) {
    const row = await find(call, ipSets, input);
    return {
      IPSet: {
        Name: row.name,
        Id: row.id,
        ARN: arnOf('ipset', row),
        ...(row.description !== undefined && { Description: row.description }),
        IPAddressVersion: row.version,
        Addresses: [...row.addresses],
      },
      LockToken: row.lockToken,
    };
  },
});

export const UpdateIPSet = operation<UpdateIPSetRequest, UpdateIPSetResponse, WafPorts>({
  checks: async (input, call) => [await entityCheck(call, 'UpdateIPSet', 'ipset', input)],
  async handle(input, call, { quotas }) {
    const row = await find(call, ipSets, input);
    requireLock(row, input.LockToken);
    requireAddresses(input.Addresses, row.version, quotas);
    const after: IpSetRow = { ...updated(call, row, input.Description), addresses: input.Addresses };
    store(call, ipSets, after);
    return { NextLockToken: after.lockToken };
  },
});

export const DeleteIPSet = operation<DeleteIPSetRequest, object, WafPorts>({
  checks: async (input, call) => [await entityCheck(call, 'DeleteIPSet', 'ipset', input)],
  async handle(input, call) {
    const row = await find(call, ipSets, input);
    requireLock(row, input.LockToken);
    if (await isReferred(call, arnOf('ipset', row))) throw associatedItem();
    remove(call, ipSets, row);
    return {};
  },
});

export const ListIPSets = operation<ListIPSetsRequest, ListIPSetsResponse, WafPorts>({
  checks: (_input, call) => [accountCheck(call, 'ListIPSets')],
  async handle(input, call) {
    const { summaries, rest } = await listed(call, ipSets, 'ipset', input);
    return { IPSets: summaries, ...rest };
  },
});
