/** DeleteTrail: what was delivered stays in the bucket; what was not yet is not delivered any more. */
import type { DeleteTrailRequest, DeleteTrailResponse } from '@aws-sdk/client-cloudtrail';
import { operation } from '../../service.ts';
import { findOwnTrail, trailCheck } from '../names.ts';
import type { CloudTrailPorts } from '../ports.ts';
import { chains, delivered, follows, statuses, trailId, trails } from '../state.ts';

export const DeleteTrail = operation<DeleteTrailRequest, DeleteTrailResponse, CloudTrailPorts>({
  checks: (input, call) => trailCheck(call, 'cloudtrail:DeleteTrail', input.Name as string),
  async handle(input, call) {
    const row = await findOwnTrail(call, input.Name as string);
    const id = trailId(row.account, row.region, row.name);
    call.change.delete(trails, '', id);
    call.change.delete(statuses, '', id);
    for (const follow of await call.change.list(follows, id)) call.change.delete(follows, id, follow.id);
    for (const chain of await call.change.list(chains, id)) call.change.delete(chains, id, chain.id);
    for (const file of await call.change.list(delivered, id)) call.change.delete(delivered, id, file.id);
    return {};
  },
});
