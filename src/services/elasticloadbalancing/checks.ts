/** What authorizes a call: an action on the ARN and the tags of what it names. */
import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Check, CheckCall, ConditionValues } from '../service.ts';
import { arnOf, parseArn } from './arns.ts';
import { loadBalancerAt, targetGroupAt, trustStoreAt } from './find.ts';
import { listeners, regional, rules, type Tags } from './state.ts';
import { requestTags, resourceTags } from './tags.ts';

/** For actions without resource types (the Describe calls). */
export function anyCheck(call: CheckCall, action: string): Check {
  return { action: `elasticloadbalancing:${action}`, resource: { arn: '*', account: call.scope.account } };
}

/** On what an ARN names. An ARN of nothing is asked for as it stands, so that callers learn no more than they may. */
export async function arnCheck(
  call: CheckCall,
  action: string,
  arn: string,
  context: ConditionValues = {},
): Promise<Check> {
  const tags = (await tagsOf(call, arn)) ?? {};
  const account = parseArn(arn)?.account ?? call.scope.account;
  return {
    action: `elasticloadbalancing:${action}`,
    resource: { arn, account, tags },
    context: { ...resourceTags(tags), ...context },
  };
}

/**
 * On something that is yet to be made, and elasticloadbalancing:AddTags on it when it comes with tags.
 * @param resource with `*` for its id
 */
export function newCheck(
  call: CheckCall,
  action: string,
  resource: string,
  tags: readonly Tag[] | undefined,
  context: ConditionValues = {},
): Check[] {
  const check = {
    action: `elasticloadbalancing:${action}`,
    resource: { arn: arnOf(call.scope, resource), account: call.scope.account },
    context: { ...requestTags(tags), ...context },
  };
  return [check, ...tagOnCreate(call, action, resource, tags)];
}

/** "Tag on create": elasticloadbalancing:CreateAction names the call. */
export function tagOnCreate(
  call: CheckCall,
  action: string,
  resource: string,
  tags: readonly Tag[] | undefined,
): Check[] {
  if (!tags || tags.length === 0) return [];
  return [
    {
      action: 'elasticloadbalancing:AddTags',
      resource: { arn: arnOf(call.scope, resource), account: call.scope.account },
      context: { ...requestTags(tags), 'elasticloadbalancing:CreateAction': action },
    },
  ];
}

async function tagsOf({ change }: CheckCall, arn: string): Promise<Tags | undefined> {
  const parsed = parseArn(arn);
  switch (parsed?.kind) {
    case undefined:
      return undefined;
    case 'loadbalancer':
      return (await loadBalancerAt(change, parsed))?.tags;
    case 'targetgroup':
      return (await targetGroupAt(change, parsed))?.tags;
    case 'truststore':
      return (await trustStoreAt(change, parsed))?.tags;
    case 'listener':
      return (await change.get(listeners, regional(parsed), parsed.path))?.tags;
    case 'listener-rule':
      return (await change.get(rules, regional(parsed), parsed.path))?.tags;
  }
}
