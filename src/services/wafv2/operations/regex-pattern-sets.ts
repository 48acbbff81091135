/** CreateRegexPatternSet, GetRegexPatternSet, UpdateRegexPatternSet, DeleteRegexPatternSet, ListRegexPatternSets. */
import type {
  CreateRegexPatternSetRequest,
  CreateRegexPatternSetResponse,
  DeleteRegexPatternSetRequest,
  GetRegexPatternSetRequest,
  GetRegexPatternSetResponse,
  ListRegexPatternSetsRequest,
  ListRegexPatternSetsResponse,
  UpdateRegexPatternSetRequest,
  UpdateRegexPatternSetResponse,
} from '@aws-sdk/client-wafv2';
import { operation } from '../../service.ts';
import { arnOf } from '../arns.ts';
import { accountCheck, creationChecks, entityCheck } from '../checks.ts';
import { find, isReferred, newEntity, remove, requireLock, store, updated } from '../entity.ts';
import { associatedItem } from '../errors.ts';
import { readPatterns } from '../patterns.ts';
import type { WafPorts } from '../ports.ts';
import { type RegexPatternSetRow, regexPatternSets } from '../state.ts';
import { listed, summary } from '../summaries.ts';

export const CreateRegexPatternSet = operation<CreateRegexPatternSetRequest, CreateRegexPatternSetResponse, WafPorts>({
  checks: (input, call) => creationChecks(call, 'CreateRegexPatternSet', 'regexpatternset', input),
  async handle(input, call, { quotas }) {
    const quota = { most: quotas.regexPatternSets, sourceType: 'REGEX_PATTERN_SET' };
    const entity = await newEntity(call, regexPatternSets, input, quota);
    const row: RegexPatternSetRow = { ...entity, patterns: readPatterns(input.RegularExpressionList, quotas) };
    store(call, regexPatternSets, row);
    return { Summary: summary('regexpatternset', row) };
  },
});

export const GetRegexPatternSet = operation<GetRegexPatternSetRequest, GetRegexPatternSetResponse, WafPorts>({
  checks: async (input, call) => [await entityCheck(call, 'GetRegexPatternSet', 'regexpatternset', input)],
  async handle(input, call) {
    const row = await find(call, regexPatternSets, input);
    return {
      RegexPatternSet: {
        Name: row.name,
        Id: row.id,
        ARN: arnOf('regexpatternset', row),
        ...(row.description !== undefined && { Description: row.description }),
        RegularExpressionList: row.patterns.map((RegexString) => ({ RegexString })),
      },
      LockToken: row.lockToken,
    };
  },
});

export const UpdateRegexPatternSet = operation<UpdateRegexPatternSetRequest, UpdateRegexPatternSetResponse, WafPorts>({
  checks: async (input, call) => [await entityCheck(call, 'UpdateRegexPatternSet', 'regexpatternset', input)],
  async handle(input, call, { quotas }) {
    const row = await find(call, regexPatternSets, input);
    requireLock(row, input.LockToken);
    const patterns = readPatterns(input.RegularExpressionList, quotas);
    const after: RegexPatternSetRow = { ...updated(call, row, input.Description), patterns };
    store(call, regexPatternSets, after);
    return { NextLockToken: after.lockToken };
  },
});

export const DeleteRegexPatternSet = operation<DeleteRegexPatternSetRequest, object, WafPorts>({
  checks: async (input, call) => [await entityCheck(call, 'DeleteRegexPatternSet', 'regexpatternset', input)],
  async handle(input, call) {
    const row = await find(call, regexPatternSets, input);
    requireLock(row, input.LockToken);
    if (await isReferred(call, arnOf('regexpatternset', row))) throw associatedItem();
    remove(call, regexPatternSets, row);
    return {};
  },
});

export const ListRegexPatternSets = operation<ListRegexPatternSetsRequest, ListRegexPatternSetsResponse, WafPorts>({
  checks: (_input, call) => [accountCheck(call, 'ListRegexPatternSets')],
  async handle(input, call) {
    const { summaries, rest } = await listed(call, regexPatternSets, 'regexpatternset', input);
    return { RegexPatternSets: summaries, ...rest };
  },
});
