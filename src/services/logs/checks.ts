/**
 * What authorizes a call. Groups are asked for in the form that AWS's own denials show,
 * `arn:aws:logs:R:A:log-group:NAME:log-stream:STREAM`, which `log-group:NAME:*` in a policy covers.
 */
import type { Check, CheckCall, ConditionValues, ResourcePolicy } from '../service.ts';
import { groups, partitionOf, policies } from './state.ts';

export const groupArn = ({ account, region }: { account: string; region: string }, name: string): string =>
  `arn:aws:logs:${region}:${account}:log-group:${name}`;

/** @param stream of a group; '' for the group itself */
export async function onGroup(
  call: CheckCall,
  name: string,
  stream = '',
  context: ConditionValues = {},
): Promise<readonly Check[]> {
  const row = await call.change.get(groups, partitionOf(call.scope), name);
  const policy = await resourcePolicy(call);
  return [
    {
      action: `logs:${call.operation}`,
      resource: {
        arn: `${groupArn(call.scope, name)}:log-stream:${stream}`,
        account: call.scope.account,
        ...(row && { tags: row.tags }),
        ...(policy && { policy }),
      },
      context,
    },
  ];
}

export const onAll = (call: CheckCall): readonly Check[] => [
  { action: `logs:${call.operation}`, resource: { arn: '*', account: call.scope.account } },
];

/** All policies of the account and region as one: each speaks of any group. */
async function resourcePolicy(call: CheckCall): Promise<ResourcePolicy | undefined> {
  const rows = await call.change.list(policies, partitionOf(call.scope));
  if (rows.length === 0) return undefined;
  const statements = rows.flatMap(({ value }) => {
    const { Statement: held } = JSON.parse(value.document) as { Statement: unknown };
    return Array.isArray(held) ? held : [held];
  });
  return {
    document: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
    id: 'resource policies of CloudWatch Logs',
    kind: 'resource',
  };
}

export function tagValues(tags: Readonly<Record<string, string>> | undefined): ConditionValues {
  const entries = Object.entries(tags ?? {});
  if (entries.length === 0) return {};
  return {
    'aws:TagKeys': entries.map(([key]) => key),
    ...Object.fromEntries(entries.map(([key, value]) => [`aws:RequestTag/${key}`, value])),
  };
}
