/** What authorizes calls: zones, health checks and changes by their ARNs, which name no account. */
import type { Check, CheckCall, ConditionValues } from '../service.ts';
import { tags } from './state.ts';

type Kind = 'hostedzone' | 'healthcheck' | 'change';

export async function on(
  call: CheckCall,
  kind: Kind,
  id: string,
  context: ConditionValues = {},
): Promise<readonly Check[]> {
  const held = kind === 'change' ? undefined : await call.change.get(tags, call.scope.account, `${kind}/${id}`);
  return [
    {
      action: `route53:${call.operation}`,
      resource: { arn: `arn:aws:route53:::${kind}/${id}`, account: call.scope.account, ...(held && { tags: held }) },
      context,
    },
  ];
}

export const onAll = (call: CheckCall, context: ConditionValues = {}): readonly Check[] => [
  { action: `route53:${call.operation}`, resource: { arn: '*', account: call.scope.account }, context },
];
