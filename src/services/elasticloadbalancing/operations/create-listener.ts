/** CreateListener: a port, what it speaks, and the rule that acts when no other does. */
import type { CreateListenerInput, CreateListenerOutput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Call, type Decoded, operation } from '../../service.ts';
import { loadBalancerArn, loadBalancerPath, parseArn } from '../arns.ts';
import { keepKeyFor } from '../authentication-keys.ts';
import { arnCheck, tagOnCreate } from '../checks.ts';
import { duplicateListener, tooMany, validation } from '../errors.ts';
import { findLoadBalancer } from '../find.ts';
import { hexId } from '../ids.ts';
import { perLoadBalancer } from '../limits.ts';
import { readProtocol, readSpeech } from '../listener-settings.ts';
import { defaultRuleOf, isSecure, putListener, shownListener } from '../listeners.ts';
import type { ElbPorts } from '../ports.ts';
import { readActions } from '../rules/actions.ts';
import { putRule, requireTargetGroups } from '../rules/uses.ts';
import { defaultPolicy } from '../ssl-policies.ts';
import { type ListenerRow, type LoadBalancerRow, listeners, type RuleRow, regional } from '../state.ts';
import { mergeTags, requestTags } from '../tags.ts';

export const CreateListener = operation<CreateListenerInput, CreateListenerOutput, ElbPorts>({
  async checks(input, call) {
    const { Protocol, SslPolicy, Tags, LoadBalancerArn: arn } = input;
    const policy = SslPolicy ?? (Protocol && isSecure(Protocol) ? defaultPolicy : undefined);
    const path = parseArn(arn)?.path ?? '*';
    return [
      await arnCheck(call, 'CreateListener', arn, {
        ...requestTags(Tags),
        'elasticloadbalancing:ListenerProtocol': Protocol && [Protocol],
        'elasticloadbalancing:SecurityPolicy': policy && [policy],
      }),
      ...tagOnCreate(call, 'CreateListener', `listener/${path}/*`, Tags),
    ];
  },
  async handle(input, call, ports) {
    const loadBalancer = await findLoadBalancer(call, input.LoadBalancerArn);
    const { listener, rule } = await read(input, call, ports, loadBalancer);
    const prefix = `${loadBalancerPath(loadBalancer)}/`;
    const own = (await call.change.list(listeners, regional(loadBalancer), { prefix })).map(({ value }) => value);
    const existing = own.find(({ port }) => port === listener.port);
    if (existing) {
      const existingRule = await defaultRuleOf(call.change, existing);
      if (settings(existing, existingRule) !== settings(listener, rule)) {
        throw duplicateListener(loadBalancerArn(loadBalancer));
      }
      return { Listeners: [shownListener(existing, existingRule)] };
    }
    const most = perLoadBalancer(loadBalancer.type, 'listeners');
    if (own.length >= most) throw tooMany('TooManyListeners', most, 'listeners of a load balancer');
    putListener(call.change, listener);
    putRule(call.change, rule);
    return { Listeners: [shownListener(listener, rule)] };
  },
});

async function read(
  input: Decoded<CreateListenerInput>,
  call: Call,
  ports: ElbPorts,
  loadBalancer: LoadBalancerRow,
): Promise<{ readonly listener: ListenerRow; readonly rule: RuleRow }> {
  const { account, region } = call.scope;
  if (input.Port === undefined) throw validation('A listener port must be specified');
  if (input.Protocol === undefined) throw validation('A listener protocol must be specified');
  const protocol = readProtocol(input.Protocol, loadBalancer.type);
  const speech = await readSpeech(call, ports, protocol, input);
  const actions = readActions(input.DefaultActions, { type: loadBalancer.type, protocol });
  await requireTargetGroups(call, actions, loadBalancer, protocol);
  await keepKeyFor(call, actions);
  const path = `${loadBalancerPath(loadBalancer)}/${hexId(call.random)}`;
  const defaultRule = `${path}/${hexId(call.random)}`;
  return {
    listener: {
      account,
      region,
      path,
      port: input.Port,
      ...speech,
      certificates: [],
      defaultRule,
      attributes: {},
      tags: mergeTags({}, input.Tags),
      createdAt: call.now,
    },
    rule: { account, region, path: defaultRule, conditions: [], actions, transforms: [], tags: {} },
  };
}

/** "If you attempt to create multiple listeners with the same settings, each call succeeds." */
function settings(row: ListenerRow, { actions }: RuleRow): string {
  const { protocol, port, sslPolicy, certificate, alpnPolicy, mutualAuthentication, tags } = row;
  const all = Object.entries(tags).sort();
  return JSON.stringify([protocol, port, sslPolicy, certificate, alpnPolicy, mutualAuthentication, all, actions]);
}
