/** ReplayRequests and CreateManagedRuleSet: what AWS WAF has no operation for. */
import { AwsError, type CheckCall, operation } from '../../service.ts';
import type { BaileyPorts } from '../ports.ts';
import type {
  CreateManagedRuleSetInput,
  CreateManagedRuleSetOutput,
  ReplayRequestsInput,
  ReplayRequestsOutput,
} from '../schema.ts';

const arnPattern = /^arn:aws:wafv2:[a-z0-9-]+:(\d{12}):(?:regional|global)\/webacl\/[\w-]+\/[\w-]+$/;

/** Replays show requests, so they take a permission of their own. */
export const ReplayRequests = operation<ReplayRequestsInput, ReplayRequestsOutput, BaileyPorts>({
  checks: ({ WebACLArn = '' }) => {
    const account = arnPattern.exec(WebACLArn)?.[1];
    if (account === undefined) throw new AwsError('ValidationException', 'WebACLArn must be the ARN of a web ACL.');
    return [{ action: 'bailey:ReplayRequests', resource: { arn: WebACLArn, account } }];
  },
  async handle(input, call, ports) {
    const found = await ports.firewall.replay(call, {
      webAclArn: input.WebACLArn ?? '',
      definition: input.Definition ?? '{}',
      log: input.Log,
    });
    return { Replayed: found.replayed, Result: JSON.stringify(found), Text: found.text };
  },
  record: { readOnly: true, hide: ['Log', 'Result', 'Text'] },
});

export const CreateManagedRuleSet = operation<CreateManagedRuleSetInput, CreateManagedRuleSetOutput, BaileyPorts>({
  checks: (input, call: CheckCall) => {
    const where = input.Scope === 'CLOUDFRONT' ? 'global' : 'regional';
    const { account, region } = call.scope;
    const arn = `arn:aws:wafv2:${region}:${account}:${where}/managedruleset/${input.Name ?? ''}/*`;
    return [{ action: 'bailey:CreateManagedRuleSet', resource: { arn, account } }];
  },
  async handle(input, call, ports) {
    const { Name = '', Scope = 'REGIONAL', VendorName = '', Description } = input;
    if (Scope !== 'REGIONAL' && Scope !== 'CLOUDFRONT') {
      throw new AwsError('ValidationException', 'Scope must be REGIONAL or CLOUDFRONT.');
    }
    const wanted = { name: Name, scope: Scope, vendor: VendorName, description: Description } as const;
    const { id, arn, lockToken } = await ports.firewall.createManagedRuleSet(call, wanted);
    return { Id: id, ARN: arn, LockToken: lockToken };
  },
});
