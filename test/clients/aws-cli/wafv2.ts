/** Web ACLs with the aws CLI: from files, under lock tokens, with the errors that scripts look for. */
import assert from 'node:assert/strict';
import { accountId, nobodyKeys } from '../../support/instance.ts';
import type { Cli } from './cli.ts';

interface Summary {
  readonly Id: string;
  readonly ARN: string;
  readonly LockToken: string;
}

export async function wafv2Checks(aws: Cli): Promise<void> {
  const { check } = aws.bench;
  const scope = '--scope REGIONAL';
  let set: Summary | undefined;

  await check('wafv2 create-ip-set, get, update and the old lock token', async () => {
    const create = `wafv2 create-ip-set --name till ${scope} --ip-address-version IPV4 --addresses 192.0.2.0/24`;
    set = (await aws.json(`${create} --query Summary`)) as Summary;
    assert.match(set.ARN, new RegExp(`^arn:aws:wafv2:us-east-1:${accountId}:regional/ipset/till/`));
    const named = `--name till ${scope} --id ${set.Id}`;
    await aws.prints(`wafv2 get-ip-set ${named} --query IPSet.Addresses`, ['192.0.2.0/24']);
    const update = `wafv2 update-ip-set ${named} --addresses 192.0.2.0/25 --lock-token ${set.LockToken}`;
    await aws.text(update);
    await aws.refused(update, '(WAFOptimisticLockException) when calling the UpdateIPSet operation');
    await aws.refused(create, '(WAFDuplicateItemException)');
    await aws.refused(`wafv2 list-web-acls ${scope}`, /\(AccessDeniedException\).*wafv2:ListWebACLs/, {
      as: nobodyKeys,
    });
  });

  await check('wafv2 create-web-acl from a file: what comes back is what was put', async () => {
    const seen = { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: 'm' };
    const rules = [
      {
        Name: 'till',
        Priority: 0,
        Statement: { IPSetReferenceStatement: { ARN: set?.ARN } },
        Action: { Block: {} },
        VisibilityConfig: seen,
      },
      {
        Name: 'sql',
        Priority: 1,
        Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'AWSManagedRulesSQLiRuleSet' } },
        OverrideAction: { None: {} },
        VisibilityConfig: seen,
      },
    ];
    const input = {
      Name: 'shop',
      Scope: 'REGIONAL',
      DefaultAction: { Allow: {} },
      VisibilityConfig: seen,
      Rules: rules,
    };
    const file = await aws.file('web-acl.json', JSON.stringify(input));
    const create = `wafv2 create-web-acl --cli-input-json file://${file} --query Summary`;
    const made = (await aws.json(create)) as Summary;
    await aws.prints(`wafv2 get-web-acl --name shop ${scope} --id ${made.Id} --query WebACL.Rules`, rules);
    await aws.prints(
      `wafv2 check-capacity ${scope} --rules file://${await aws.file('rules.json', JSON.stringify(rules))}`,
      {
        Capacity: 201,
      },
    );
    const remove = `wafv2 delete-ip-set --name till ${scope} --id ${set?.Id} --lock-token ${set?.LockToken}`;
    await aws.refused(remove, '(WAFOptimisticLockException)');
    await aws.refused(`wafv2 list-web-acls --scope CLOUDFRONT --region eu-west-1`, 'The scope is not valid.');
  });
}
