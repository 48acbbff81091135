/** ModifyListener: another port, another protocol, other default actions. */
import type { ModifyListenerInput, ModifyListenerOutput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { operation } from '../../service.ts';
import { loadBalancerArnOf, loadBalancerOf } from '../arns.ts';
import { keptAttributes } from '../attributes/listener.ts';
import { keepKeyFor } from '../authentication-keys.ts';
import { requireUnsent } from '../chained.ts';
import { arnCheck } from '../checks.ts';
import { duplicateListener } from '../errors.ts';
import { findListener, findLoadBalancer } from '../find.ts';
import { readProtocol, readSpeech } from '../listener-settings.ts';
import { defaultRuleOf, isSecure, putListener, rulesOf, shownListener } from '../listeners.ts';
import type { ElbPorts } from '../ports.ts';
import { readActions } from '../rules/actions.ts';
import { putRule, requireTargetGroups } from '../rules/uses.ts';
import { defaultPolicy } from '../ssl-policies.ts';
import { type ListenerRow, listeners, regional } from '../state.ts';

export const ModifyListener = operation<ModifyListenerInput, ModifyListenerOutput, ElbPorts>({
  async checks(input, call) {
    const { Protocol, SslPolicy, ListenerArn: arn } = input;
    const policy = SslPolicy ?? (Protocol && isSecure(Protocol) ? await policyOf(arn, call) : undefined);
    return [
      await arnCheck(call, 'ModifyListener', arn, {
        'elasticloadbalancing:ListenerProtocol': Protocol && [Protocol],
        'elasticloadbalancing:SecurityPolicy': policy && [policy],
      }),
    ];
  },
  async handle(input, call, ports) {
    const { change } = call;
    const row = await findListener(call, input.ListenerArn);
    const loadBalancer = await findLoadBalancer(call, loadBalancerArnOf(row));
    const protocol = input.Protocol === undefined ? row.protocol : readProtocol(input.Protocol, loadBalancer.type);
    const speech = await readSpeech(call, ports, protocol, input, row);
    const port = input.Port ?? row.port;
    if (port !== row.port) {
      await requireUnsent(change, loadBalancer, row.port);
      const prefix = `${loadBalancerOf(row.path)}/`;
      const others = await change.list(listeners, regional(row), { prefix });
      if (others.some(({ value }) => value.port === port)) throw duplicateListener(loadBalancerArnOf(row));
    }
    const rule = await defaultRuleOf(change, row);
    const place = { type: loadBalancer.type, protocol };
    const actions = readActions(input.DefaultActions ?? rule.actions, place, rule.actions);
    await requireTargetGroups(call, actions, loadBalancer, protocol);
    await keepKeyFor(call, actions);
    if (protocol !== row.protocol) {
      // What other rules do must make sense under the new protocol too.
      for (const other of await rulesOf(change, row)) {
        if (other.path === rule.path) continue;
        await requireTargetGroups(call, readActions(other.actions, place), loadBalancer, protocol);
      }
    }
    const { account, region, path, defaultRule, tags, createdAt } = row;
    const certificates = isSecure(protocol) ? row.certificates : [];
    const changed: ListenerRow = {
      ...{ account, region, path, defaultRule, tags, createdAt, port, certificates },
      ...speech,
      attributes: keptAttributes({ ...row, protocol }),
    };
    const changedRule = { ...rule, actions };
    putListener(change, changed, row);
    putRule(change, changedRule, rule);
    return { Listeners: [shownListener(changed, changedRule)] };
  },
});

/** The policy that a change to a secure protocol leaves in force. */
async function policyOf(arn: string, call: Parameters<typeof findListener>[0]): Promise<string> {
  const row = await findListener(call, arn).catch(() => undefined);
  return row?.sslPolicy ?? defaultPolicy;
}
