/** CreateRule, DescribeRules, DeleteRule. */
import type {
  CreateRuleInput,
  CreateRuleOutput,
  DeleteRuleInput,
  DescribeRulesInput,
  DescribeRulesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Reader } from '../../../store/store.ts';
import { operation } from '../../service.ts';
import { loadBalancerArnOf, loadBalancerOf, parseArn, ruleArn } from '../arns.ts';
import { keepKeyFor } from '../authentication-keys.ts';
import { anyCheck, arnCheck, tagOnCreate } from '../checks.ts';
import { notBuilt, notPermitted, priorityInUse, tooMany, validation } from '../errors.ts';
import { findListener, findLoadBalancer, findRule } from '../find.ts';
import { hexId } from '../ids.ts';
import { limits } from '../limits.ts';
import { rulesOf } from '../listeners.ts';
import { pageOf } from '../pages.ts';
import type { ElbPorts } from '../ports.ts';
import { readActions } from '../rules/actions.ts';
import { readConditions } from '../rules/conditions.ts';
import { shownRule } from '../rules/shown.ts';
import { readTransforms } from '../rules/transforms.ts';
import { deleteRule, putRule, requireTargetGroups } from '../rules/uses.ts';
import { type ListenerRow, type RuleRow, regional, rules } from '../state.ts';
import { mergeTags, requestTags } from '../tags.ts';

export const CreateRule = operation<CreateRuleInput, CreateRuleOutput, ElbPorts>({
  async checks(input, call) {
    const { ListenerArn: arn, Tags } = input;
    const path = parseArn(arn)?.path ?? '*';
    return [
      await arnCheck(call, 'CreateRule', arn, requestTags(Tags)),
      ...tagOnCreate(call, 'CreateRule', `listener-rule/${path}/*`, Tags),
    ];
  },
  async handle(input, call) {
    const { change, scope } = call;
    const listener = await findListener(call, input.ListenerArn);
    const loadBalancer = await findLoadBalancer(call, loadBalancerArnOf(listener));
    if (loadBalancer.type === 'network') throw notBuilt('A rule of a network load balancer');
    const conditions = readConditions(input.Conditions);
    const actions = readActions(input.Actions, { type: loadBalancer.type, protocol: listener.protocol });
    const transforms = readTransforms(input.Transforms);
    await requireTargetGroups(call, actions, loadBalancer, listener.protocol);
    await keepKeyFor(call, actions);
    const own = await rulesOf(change, listener);
    if (own.some(({ priority }) => priority === input.Priority)) throw priorityInUse(input.Priority);
    await requireRoom(change, listener);
    const row: RuleRow = {
      account: scope.account,
      region: scope.region,
      path: `${listener.path}/${hexId(call.random)}`,
      priority: input.Priority,
      conditions,
      actions,
      transforms,
      tags: mergeTags({}, input.Tags),
    };
    putRule(change, row);
    return { Rules: [shownRule(row)] };
  },
});

async function requireRoom(reader: Reader, listener: ListenerRow): Promise<void> {
  const most = limits['rules-per-application-load-balancer'];
  const all = await reader.list(rules, regional(listener), { prefix: `${loadBalancerOf(listener.path)}/` });
  if (all.filter(({ value }) => value.priority !== undefined).length >= most) {
    throw tooMany('TooManyRules', most, 'rules of a load balancer');
  }
}

export const DescribeRules = operation<DescribeRulesInput, DescribeRulesOutput, ElbPorts>({
  checks: (_input, call) => [anyCheck(call, 'DescribeRules')],
  async handle(input, call) {
    const { ListenerArn: arn, RuleArns: arns = [] } = input;
    if (arn !== undefined && arns.length > 0) {
      throw validation('Listener rule ARNs and a listener ARN cannot be specified at the same time');
    }
    if (arn === undefined && arns.length === 0) {
      throw validation('You must specify either listener rule ARNs or a listener ARN');
    }
    const rows: RuleRow[] = [];
    for (const one of new Set(arns)) rows.push(await findRule(call, one));
    if (arn !== undefined) rows.push(...(await rulesOf(call.change, await findListener(call, arn))));
    rows.sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
    const { items, rest } = pageOf(call, input, rows, orderOf);
    return { Rules: items.map(shownRule), ...rest };
  },
});

/** By listener and priority, the default rule last. */
const orderOf = ({ priority, path }: RuleRow): string =>
  `${path.slice(0, path.lastIndexOf('/'))}/${priority === undefined ? 'default' : String(priority).padStart(5, '0')}`;

export const DeleteRule = operation<DeleteRuleInput, object, ElbPorts>({
  checks: async (input, call) => [await arnCheck(call, 'DeleteRule', input.RuleArn)],
  async handle(input, call) {
    const row = await findRule(call, input.RuleArn);
    if (row.priority === undefined) throw notPermitted(`Default rule '${ruleArn(row)}' cannot be deleted`);
    deleteRule(call.change, row);
    return {};
  },
});
