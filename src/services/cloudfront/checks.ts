/** What authorizes calls: distributions by their ARNs, the web ACL that one names, everything else as a whole. */
import type { Check, CheckCall, ConditionValues } from '../service.ts';
import type { CloudFrontPorts } from './ports.ts';
import { distributionArn, distributions } from './state.ts';

/** On a distribution, whether it is there or not; `*` stands for one that is still to come. */
export async function on(
  call: CheckCall,
  id: string,
  { action = call.operation, context = {} }: { readonly action?: string; readonly context?: ConditionValues } = {},
): Promise<Check> {
  const { account } = call.scope;
  const tags = id === '*' ? undefined : (await call.change.get(distributions, account, id))?.tags;
  const resource = { arn: distributionArn({ account, id }), account, ...(tags && { tags }) };
  return { action: `cloudfront:${action}`, resource, context };
}

export const onAll = (call: CheckCall): readonly Check[] => [
  { action: `cloudfront:${call.operation}`, resource: { arn: '*', account: call.scope.account } },
];

/** @see Amazon CloudFront Developer Guide, "CloudFront API permissions": policies, by their ARNs */
export const onPolicy = (call: CheckCall, kind: 'cache-policy' | 'origin-request-policy', id: string): Check[] => {
  const { account } = call.scope;
  return [
    {
      action: `cloudfront:${call.operation}`,
      resource: { arn: `arn:aws:cloudfront::${account}:${kind}/${id}`, account },
    },
  ];
};

/** Whoever puts a web ACL before a distribution must be allowed to see it. */
export async function webAclCheck(
  call: CheckCall,
  arn: string | undefined,
  ports: CloudFrontPorts,
): Promise<readonly Check[]> {
  if (arn === undefined || arn === '') return [];
  const found = await ports.webAcl(call.change, arn);
  const account = found?.account ?? call.scope.account;
  return [{ action: 'wafv2:GetWebACL', resource: { arn, account, ...(found && { tags: found.tags }) } }];
}

export function requestTags(
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined,
): ConditionValues {
  if (!tags || tags.length === 0) return {};
  const values: Record<string, string | readonly string[]> = { 'aws:TagKeys': tags.map(({ Key }) => Key ?? '') };
  for (const { Key, Value } of tags) values[`aws:RequestTag/${Key ?? ''}`] = Value ?? '';
  return values;
}
