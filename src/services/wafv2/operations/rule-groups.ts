/** CreateRuleGroup, GetRuleGroup, UpdateRuleGroup, DeleteRuleGroup, ListRuleGroups, CheckCapacity. */
import type {
  CheckCapacityRequest,
  CheckCapacityResponse,
  CreateRuleGroupRequest,
  CreateRuleGroupResponse,
  DeleteRuleGroupRequest,
  GetRuleGroupRequest,
  GetRuleGroupResponse,
  ListRuleGroupsRequest,
  ListRuleGroupsResponse,
  UpdateRuleGroupRequest,
  UpdateRuleGroupResponse,
} from '@aws-sdk/client-wafv2';
import { operation } from '../../service.ts';
import { arnOf } from '../arns.ts';
import { accountCheck, arnCheck, creationChecks, entityCheck, referenceChecks } from '../checks.ts';
import {
  find,
  findByArn,
  isReferred,
  newEntity,
  remove,
  requireLock,
  requireScope,
  store,
  updated,
} from '../entity.ts';
import { associatedItem, limitsExceeded } from '../errors.ts';
import { namedOrArn } from '../named.ts';
import type { WafPorts } from '../ports.ts';
import { noteReferences } from '../references.ts';
import { costOf, readGroup } from '../rules.ts';
import { ruleGroupSettings } from '../settings.ts';
import { shownRuleGroup } from '../shapes.ts';
import { permissionPolicies, type RuleGroupRow, ruleGroups } from '../state.ts';
import { readRules, storeRules } from '../stored-rules.ts';
import { listed, summary } from '../summaries.ts';

export const CreateRuleGroup = operation<CreateRuleGroupRequest, CreateRuleGroupResponse, WafPorts>({
  checks: async (input, call) => [
    ...creationChecks(call, 'CreateRuleGroup', 'rulegroup', input),
    ...(await referenceChecks(call, 'CreateRuleGroup', input.Scope, input.Rules)),
  ],
  async handle(input, call, { quotas }) {
    const entity = await newEntity(call, ruleGroups, input, { most: quotas.ruleGroups, sourceType: 'RULE_GROUP' });
    const arn = arnOf('rulegroup', entity);
    if (input.Capacity > quotas.capacityUnits) throw limitsExceeded('CAPACITY_UNIT');
    const cost = await readGroup(call, entity, input, quotas);
    if (cost > input.Capacity) throw limitsExceeded('CAPACITY_UNIT');
    const row: RuleGroupRow = {
      ...entity,
      capacity: input.Capacity,
      rules: storeRules(input.Rules),
      settings: ruleGroupSettings(input),
    };
    store(call, ruleGroups, row);
    noteReferences(call, arn, [], input.Rules);
    return { Summary: summary('rulegroup', row) };
  },
});

export const GetRuleGroup = operation<GetRuleGroupRequest, GetRuleGroupResponse, WafPorts>({
  async checks(input, call) {
    const wanted = namedOrArn(input, 'RULE_GROUP');
    return [
      'arn' in wanted
        ? await arnCheck(call, 'GetRuleGroup', wanted.arn)
        : await entityCheck(call, 'GetRuleGroup', 'rulegroup', wanted),
    ];
  },
  async handle(input, call) {
    const wanted = namedOrArn(input, 'RULE_GROUP');
    const row =
      'arn' in wanted
        ? await findByArn(call, ruleGroups, 'rulegroup', wanted.arn)
        : await find(call, ruleGroups, wanted);
    return { RuleGroup: shownRuleGroup(row), LockToken: row.lockToken };
  },
});

export const UpdateRuleGroup = operation<UpdateRuleGroupRequest, UpdateRuleGroupResponse, WafPorts>({
  checks: async (input, call) => [
    await entityCheck(call, 'UpdateRuleGroup', 'rulegroup', input),
    ...(await referenceChecks(call, 'UpdateRuleGroup', input.Scope, input.Rules)),
  ],
  async handle(input, call, { quotas }) {
    const row = await find(call, ruleGroups, input);
    requireLock(row, input.LockToken);
    const arn = arnOf('rulegroup', row);
    const cost = await readGroup(call, row, input, quotas);
    if (cost > row.capacity) throw limitsExceeded('CAPACITY_UNIT');
    const after: RuleGroupRow = {
      ...updated(call, row, input.Description),
      rules: storeRules(input.Rules),
      settings: ruleGroupSettings(input),
    };
    store(call, ruleGroups, after);
    noteReferences(call, arn, readRules(row.rules), input.Rules);
    return { NextLockToken: after.lockToken };
  },
});

export const DeleteRuleGroup = operation<DeleteRuleGroupRequest, object, WafPorts>({
  checks: async (input, call) => [await entityCheck(call, 'DeleteRuleGroup', 'rulegroup', input)],
  async handle(input, call) {
    const row = await find(call, ruleGroups, input);
    requireLock(row, input.LockToken);
    const arn = arnOf('rulegroup', row);
    if (await isReferred(call, arn)) throw associatedItem();
    noteReferences(call, arn, readRules(row.rules), []);
    call.change.delete(permissionPolicies, '', arn);
    remove(call, ruleGroups, row);
    return {};
  },
});

export const ListRuleGroups = operation<ListRuleGroupsRequest, ListRuleGroupsResponse, WafPorts>({
  checks: (_input, call) => [accountCheck(call, 'ListRuleGroups')],
  async handle(input, call) {
    const { summaries, rest } = await listed(call, ruleGroups, 'rulegroup', input);
    return { RuleGroups: summaries, ...rest };
  },
});

export const CheckCapacity = operation<CheckCapacityRequest, CheckCapacityResponse, WafPorts>({
  checks: (_input, call) => [accountCheck(call, 'CheckCapacity')],
  async handle(input, call) {
    requireScope(call, input.Scope);
    return { Capacity: await costOf(call, input.Scope, input.Rules) };
  },
  record: { readOnly: true },
});
