/** PutRetentionPolicy and DeleteRetentionPolicy. */
import type { DeleteRetentionPolicyRequest, PutRetentionPolicyRequest } from '@aws-sdk/client-cloudwatch-logs';
import { operation } from '../../service.ts';
import { onGroup } from '../checks.ts';
import { invalid } from '../errors.ts';
import { findGroup } from '../named.ts';
import type { LogsPorts } from '../ports.ts';
import { groups, partitionOf } from '../state.ts';

/** API Reference, PutRetentionPolicy, retentionInDays. */
const days = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

export const PutRetentionPolicy = operation<PutRetentionPolicyRequest, object, LogsPorts>({
  checks: (input, call) => onGroup(call, input.logGroupName),
  async handle(input, call) {
    const group = await findGroup(call, input.logGroupName);
    if (!days.includes(input.retentionInDays)) throw invalid(`retentionInDays must be one of ${days.join(', ')}.`);
    const row = { ...group, retentionDays: input.retentionInDays };
    call.change.put(groups, partitionOf(call.scope), group.name, row);
    return {};
  },
});

export const DeleteRetentionPolicy = operation<DeleteRetentionPolicyRequest, object, LogsPorts>({
  checks: (input, call) => onGroup(call, input.logGroupName),
  async handle(input, call) {
    const { retentionDays: _gone, ...rest } = await findGroup(call, input.logGroupName);
    call.change.put(groups, partitionOf(call.scope), rest.name, rest);
    return {};
  },
});
