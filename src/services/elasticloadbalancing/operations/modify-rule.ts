/** ModifyRule and SetRulePriorities. */
import type {
  ModifyRuleInput,
  ModifyRuleOutput,
  SetRulePrioritiesInput,
  SetRulePrioritiesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { operation } from '../../service.ts';
import { arnOf, listenerOf, loadBalancerArnOf, ruleArn } from '../arns.ts';
import { keepKeyFor } from '../authentication-keys.ts';
import { arnCheck } from '../checks.ts';
import { notPermitted, priorityInUse, validation } from '../errors.ts';
import { findListener, findLoadBalancer, findRule } from '../find.ts';
import { rulesOf } from '../listeners.ts';
import type { ElbPorts } from '../ports.ts';
import { readActions } from '../rules/actions.ts';
import { readConditions } from '../rules/conditions.ts';
import { shownRule } from '../rules/shown.ts';
import { readTransforms } from '../rules/transforms.ts';
import { putRule, requireTargetGroups } from '../rules/uses.ts';
import { type RuleRow, regional, rules } from '../state.ts';

/** What is left out stays as it is. */
export const ModifyRule = operation<ModifyRuleInput, ModifyRuleOutput, ElbPorts>({
  checks: async (input, call) => [await arnCheck(call, 'ModifyRule', input.RuleArn)],
  async handle(input, call) {
    const row = await findRule(call, input.RuleArn);
    if (row.priority === undefined) throw notPermitted(`Default rule '${ruleArn(row)}' cannot be modified`);
    const { Conditions, Actions, Transforms, ResetTransforms = false } = input;
    if (!Conditions?.length && !Actions?.length && !Transforms?.length && !ResetTransforms) {
      throw validation('Either conditions or actions must be specified');
    }
    if (ResetTransforms && Transforms?.length) {
      throw validation('Transforms and ResetTransforms cannot be specified at the same time');
    }
    const listener = await findListener(call, arnOf(row, `listener/${listenerOf(row.path)}`));
    const loadBalancer = await findLoadBalancer(call, loadBalancerArnOf(row));
    const changed: RuleRow = {
      ...row,
      ...(Conditions?.length && { conditions: readConditions(Conditions) }),
      ...(Actions?.length && {
        actions: readActions(Actions, { type: loadBalancer.type, protocol: listener.protocol }, row.actions),
      }),
      ...(Transforms?.length && { transforms: readTransforms(Transforms) }),
      ...(ResetTransforms && { transforms: [] }),
    };
    await requireTargetGroups(call, changed.actions, loadBalancer, listener.protocol);
    await keepKeyFor(call, changed.actions);
    putRule(call.change, changed, row);
    return { Rules: [shownRule(changed)] };
  },
});

/** Rules may change places with each other: what counts is that none has the priority of another afterwards. */
export const SetRulePriorities = operation<SetRulePrioritiesInput, SetRulePrioritiesOutput, ElbPorts>({
  checks: (input, call) =>
    Promise.all(input.RulePriorities.map(({ RuleArn = '' }) => arnCheck(call, 'SetRulePriorities', RuleArn))),
  async handle(input, call) {
    const wanted = new Map<string, number>();
    const priorities = new Set<number>();
    const rows: RuleRow[] = [];
    for (const { RuleArn, Priority } of input.RulePriorities) {
      if (RuleArn === undefined) throw validation('A rule ARN must be specified');
      if (Priority === undefined) throw validation('A priority must be specified');
      if (wanted.has(RuleArn)) throw validation(`Rule '${RuleArn}' was provided multiple times`);
      if (priorities.has(Priority)) throw validation(`Priority '${Priority}' was provided multiple times`);
      const row = await findRule(call, RuleArn);
      if (row.priority === undefined) throw notPermitted(`The priority of the default rule '${RuleArn}' cannot be set`);
      wanted.set(RuleArn, Priority);
      priorities.add(Priority);
      rows.push(row);
    }
    const [first] = rows;
    if (!first) throw validation('A rule priority must be specified');
    const path = listenerOf(first.path);
    if (rows.some((row) => listenerOf(row.path) !== path)) throw validation('All rules must be of the same listener');
    for (const other of await rulesOf(call.change, { ...first, path })) {
      const isMoved = wanted.has(ruleArn(other));
      if (!isMoved && other.priority !== undefined && priorities.has(other.priority)) {
        throw priorityInUse(other.priority);
      }
    }
    const changed = rows.map((row) => ({ ...row, priority: wanted.get(ruleArn(row)) ?? 0 }));
    for (const row of changed) call.change.put(rules, regional(row), row.path, row);
    return { Rules: changed.map(shownRule) };
  },
});
