/** GetWebACL, ListWebACLs, and DeleteFirewallManagerRuleGroups. */
import type {
  DeleteFirewallManagerRuleGroupsRequest,
  DeleteFirewallManagerRuleGroupsResponse,
  GetWebACLRequest,
  GetWebACLResponse,
  ListWebACLsRequest,
  ListWebACLsResponse,
} from '@aws-sdk/client-wafv2';
import { operation } from '../../service.ts';
import { arnOf } from '../arns.ts';
import { accountCheck, arnCheck, entityCheck } from '../checks.ts';
import { find, findByArn, requireLock, store } from '../entity.ts';
import { namedOrArn } from '../named.ts';
import type { WafPorts } from '../ports.ts';
import { noteReferences } from '../references.ts';
import { shownWebAcl } from '../shapes.ts';
import { webAcls } from '../state.ts';
import { readRules } from '../stored-rules.ts';
import { listed } from '../summaries.ts';

export const GetWebACL = operation<GetWebACLRequest, GetWebACLResponse, WafPorts>({
  async checks(input, call) {
    const wanted = namedOrArn(input, 'WEB_ACL');
    return [
      'arn' in wanted
        ? await arnCheck(call, 'GetWebACL', wanted.arn)
        : await entityCheck(call, 'GetWebACL', 'webacl', wanted),
    ];
  },
  async handle(input, call) {
    const wanted = namedOrArn(input, 'WEB_ACL');
    const row =
      'arn' in wanted ? await findByArn(call, webAcls, 'webacl', wanted.arn) : await find(call, webAcls, wanted);
    return { WebACL: shownWebAcl(row), LockToken: row.lockToken };
  },
});

export const ListWebACLs = operation<ListWebACLsRequest, ListWebACLsResponse, WafPorts>({
  checks: (_input, call) => [accountCheck(call, 'ListWebACLs')],
  async handle(input, call) {
    const { summaries, rest } = await listed(call, webAcls, 'webacl', input);
    return { WebACLs: summaries, ...rest };
  },
});

export const DeleteFirewallManagerRuleGroups = operation<
  DeleteFirewallManagerRuleGroupsRequest,
  DeleteFirewallManagerRuleGroupsResponse,
  WafPorts
>({
  checks: async (input, call) => [await arnCheck(call, 'DeleteFirewallManagerRuleGroups', input.WebACLArn)],
  async handle(input, call) {
    const { managed, ...row } = await findByArn(call, webAcls, 'webacl', input.WebACLArn);
    requireLock(row, input.WebACLLockToken);
    const after = { ...row, lockToken: call.random.uuid() };
    store(call, webAcls, after);
    const own = readRules(row.rules);
    noteReferences(
      call,
      arnOf('webacl', row),
      [...own, ...readRules([...(managed?.before ?? []), ...(managed?.after ?? [])])],
      own,
    );
    return { NextWebACLLockToken: after.lockToken };
  },
});
