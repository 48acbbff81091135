/** Rule groups of one account in web ACLs of another, and vendors of managed rule groups. */
import {
  CheckCapacityCommand,
  CreateIPSetCommand,
  CreateRuleGroupCommand,
  DeleteIPSetCommand,
  DeletePermissionPolicyCommand,
  DeleteRuleGroupCommand,
  DescribeAllManagedProductsCommand,
  DescribeManagedProductsByVendorCommand,
  DescribeManagedRuleGroupCommand,
  GetManagedRuleSetCommand,
  GetPermissionPolicyCommand,
  GetRuleGroupCommand,
  GetWebACLCommand,
  ListAvailableManagedRuleGroupsCommand,
  ListAvailableManagedRuleGroupVersionsCommand,
  ListManagedRuleSetsCommand,
  PutManagedRuleSetVersionsCommand,
  PutPermissionPolicyCommand,
  type Rule,
  UpdateManagedRuleSetVersionExpiryDateCommand,
  UpdateRuleGroupCommand,
  type WAFV2Client,
} from '@aws-sdk/client-wafv2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askBailey } from '../support/bailey-api.ts';
import { refused } from '../support/encrypted-objects.ts';
import {
  accountId,
  nobodyKeys,
  otherAccountId,
  otherAdminKeys,
  startInstance,
  type TestInstance,
} from '../support/instance.ts';
import { allowNobody, anyName, ipSetRule, makeWebAcl, pathRule, visible, wafClient } from '../support/wafv2.ts';

let instance: TestInstance;
let waf: WAFV2Client;
let other: WAFV2Client;
beforeAll(async () => {
  instance = await startInstance();
  waf = wafClient(instance);
  other = wafClient(instance, otherAdminKeys);
});
afterAll(() => instance.stop());

const Scope = 'REGIONAL' as const;

interface Made {
  readonly Name: string;
  readonly Id: string;
  readonly ARN: string;
  readonly LockToken: string;
}

async function group(of: WAFV2Client, bytes = '/admin'): Promise<Made> {
  const { Summary } = await of.send(
    new CreateRuleGroupCommand({
      Name: anyName('group'),
      Scope,
      Capacity: 50,
      VisibilityConfig: visible('group'),
      Rules: [{ ...pathRule('admin', 0, bytes), RuleLabels: [{ Name: 'admin' }] }],
    }),
  );
  return Summary as Made;
}

const using = (ARN: string): Rule => ({
  Name: 'shared',
  Priority: 0,
  Statement: { RuleGroupReferenceStatement: { ARN } },
  OverrideAction: { None: {} },
  VisibilityConfig: visible('shared'),
});

const policyFor = (AWS: string | string[], more: object = {}) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS },
        Action: ['wafv2:CreateWebACL', 'wafv2:UpdateWebACL', 'wafv2:PutFirewallManagerRuleGroups'],
        ...more,
      },
    ],
  });

describe('a permission policy', () => {
  test('lets another account use a rule group in its web ACLs, and no more than that', async () => {
    const made = await group(waf);
    const { ARN: ResourceArn } = made;
    const use = () => refused(makeWebAcl(other, { Rules: [using(ResourceArn)] }));
    expect((await use()).name).toBe('AccessDeniedException');
    const Policy = policyFor(otherAccountId);
    await waf.send(new PutPermissionPolicyCommand({ ResourceArn, Policy }));
    expect((await waf.send(new GetPermissionPolicyCommand({ ResourceArn }))).Policy).toBe(Policy);
    expect((await use()).name).toBe('succeeded');
    expect((await refused(other.send(new GetRuleGroupCommand({ ARN: ResourceArn })))).name).toBe(
      'AccessDeniedException',
    );
    expect((await refused(other.send(new GetPermissionPolicyCommand({ ResourceArn })))).name).toBe(
      'AccessDeniedException',
    );
    const reading = policyFor(otherAccountId, {
      Action: ['wafv2:CreateWebACL', 'wafv2:UpdateWebACL', 'wafv2:PutFirewallManagerRuleGroups', 'wafv2:GetRuleGroup'],
    });
    await waf.send(new PutPermissionPolicyCommand({ ResourceArn, Policy: reading }));
    expect((await other.send(new GetRuleGroupCommand({ ARN: ResourceArn }))).RuleGroup?.ARN).toBe(ResourceArn);
    const { Name, Id, LockToken } = made;
    expect((await refused(waf.send(new DeleteRuleGroupCommand({ Name, Id, Scope, LockToken })))).name).toBe(
      'WAFAssociatedItemException',
    );
    await waf.send(new DeletePermissionPolicyCommand({ ResourceArn }));
    expect((await use()).name).toBe('AccessDeniedException');
    expect((await refused(waf.send(new DeletePermissionPolicyCommand({ ResourceArn })))).name).toBe(
      'WAFNonexistentItemException',
    );
    expect((await refused(waf.send(new GetPermissionPolicyCommand({ ResourceArn })))).name).toBe(
      'WAFNonexistentItemException',
    );
  });

  test('has only the form that AWS takes', async () => {
    const { ARN: ResourceArn } = await group(waf);
    for (const [what, Policy] of [
      ['no JSON', 'Allow everybody'],
      ['a list', '[]'],
      ['another effect', policyFor(otherAccountId, { Effect: 'Deny' })],
      ['a resource', policyFor(otherAccountId, { Resource: ResourceArn })],
      ['a wildcard', policyFor(otherAccountId, { Action: 'wafv2:*' })],
      [
        'an action more',
        policyFor(otherAccountId, {
          Action: [
            'wafv2:CreateWebACL',
            'wafv2:UpdateWebACL',
            'wafv2:PutFirewallManagerRuleGroups',
            'wafv2:DeleteRuleGroup',
          ],
        }),
      ],
      ['an action less', policyFor(otherAccountId, { Action: ['wafv2:CreateWebACL'] })],
      ['everybody', policyFor('*')],
      ['nobody', policyFor('999999999999')],
      ['an old version', policyFor(otherAccountId).replace('2012', '2008')],
    ] as const) {
      const name = (await refused(waf.send(new PutPermissionPolicyCommand({ ResourceArn, Policy })))).name;
      expect({ what, name }).toEqual({ what, name: 'WAFInvalidPermissionPolicyException' });
    }
    const Policy = policyFor(otherAccountId).replace('2012-10-17', '2015-01-01');
    await waf.send(new PutPermissionPolicyCommand({ ResourceArn, Policy }));
    expect((await waf.send(new GetPermissionPolicyCommand({ ResourceArn }))).Policy).toBe(Policy);
  });
});

test('what another account has not shared does not show in what rules would cost either', async () => {
  const made = await group(other);
  const cost = (ARN: string) => waf.send(new CheckCapacityCommand({ Scope, Rules: [using(ARN)] }));
  const none = made.ARN.replace(made.Id, '00000000-0000-4000-8000-000000000000');
  const [there, nowhere] = [await refused(cost(made.ARN)), await refused(cost(none))];
  expect(there.name).toBe('WAFUnavailableEntityException');
  expect(there).toEqual(nowhere);
  await other.send(new PutPermissionPolicyCommand({ ResourceArn: made.ARN, Policy: policyFor(accountId) }));
  expect((await cost(made.ARN)).Capacity).toBe(50);
});

test('a replay looks into nothing that its author could not use', async () => {
  const { Summary: theirs } = await other.send(
    new CreateIPSetCommand({ Name: anyName('ips'), Scope, IPAddressVersion: 'IPV4', Addresses: ['192.0.2.0/24'] }),
  );
  const shared = await group(other);
  const { ARN: WebACLArn } = await makeWebAcl(waf);
  const replay = (rule: Rule) =>
    askBailey(instance, 'ReplayRequests', { WebACLArn, Definition: JSON.stringify({ Rules: [rule] }) }).then(
      () => 'replayed',
      (error) => error.code as string,
    );
  expect(await replay(ipSetRule('theirs', 0, theirs?.ARN ?? ''))).toBe('WAFUnavailableEntityException');
  expect(await replay(using(shared.ARN))).toBe('WAFUnavailableEntityException');
  await other.send(new PutPermissionPolicyCommand({ ResourceArn: shared.ARN, Policy: policyFor(accountId) }));
  expect(await replay(using(shared.ARN))).toBe('replayed');
});

test('names that JavaScript knows are names like any', async () => {
  const { ARN } = await makeWebAcl(waf, {
    Name: 'constructor',
    CustomResponseBodies: JSON.parse(
      '{"__proto__":{"ContentType":"TEXT_PLAIN","Content":"no"},"constructor":{"ContentType":"TEXT_PLAIN","Content":"no"}}',
    ),
    Tags: [{ Key: '__proto__', Value: 'x' }],
  });
  const { WebACL } = await waf.send(new GetWebACLCommand({ ARN }));
  expect(Object.keys(WebACL?.CustomResponseBodies ?? {}).sort()).toEqual(['__proto__', 'constructor']);
  const rules = await group(waf);
  const made = await askBailey<{ Id: string; LockToken: string }>(instance, 'CreateManagedRuleSet', {
    Name: 'toString',
    VendorName: 'hasOwnProperty',
  });
  const VersionsToPublish = JSON.parse(`{"__proto__":{"AssociatedRuleGroupArn":"${rules.ARN}"}}`);
  const set = { Name: 'toString', Scope, ...made };
  const wrong = new PutManagedRuleSetVersionsCommand({ ...set, RecommendedVersion: 'constructor' });
  expect((await refused(waf.send(wrong))).name).toBe('WAFUnavailableEntityException');
  await waf.send(new PutManagedRuleSetVersionsCommand({ ...set, VersionsToPublish }));
  const { ManagedRuleSet } = await waf.send(new GetManagedRuleSetCommand(set));
  expect(Object.keys(ManagedRuleSet?.PublishedVersions ?? {})).toEqual(['__proto__']);
});

test('a vendor cannot pull away what a published version looks into', async () => {
  const { Summary: set } = await other.send(
    new CreateIPSetCommand({ Name: anyName('ips'), Scope, IPAddressVersion: 'IPV4', Addresses: ['192.0.2.0/24'] }),
  );
  const { Summary } = await other.send(
    new CreateRuleGroupCommand({
      Name: anyName('group'),
      Scope,
      Capacity: 10,
      VisibilityConfig: visible('group'),
      Rules: [ipSetRule('listed', 0, set?.ARN ?? '')],
    }),
  );
  const rules = Summary as Made;
  const Name = anyName('lists');
  const made = await askBailey<{ Id: string; LockToken: string }>(
    instance,
    'CreateManagedRuleSet',
    { Name, VendorName: anyName('Ditch') },
    otherAdminKeys,
  );
  const VersionsToPublish = { '1': { AssociatedRuleGroupArn: rules.ARN } };
  await other.send(new PutManagedRuleSetVersionsCommand({ Name, Scope, ...made, VersionsToPublish }));
  const named = { Name: rules.Name, Id: rules.Id, Scope, VisibilityConfig: visible('group') };
  const { NextLockToken } = await other.send(
    new UpdateRuleGroupCommand({ ...named, LockToken: rules.LockToken, Rules: [] }),
  );
  const gone = { Name: set?.Name, Id: set?.Id, Scope, LockToken: set?.LockToken };
  expect((await refused(other.send(new DeleteIPSetCommand(gone)))).name).toBe('WAFAssociatedItemException');
  const rest = { Name: rules.Name, Id: rules.Id, Scope, LockToken: NextLockToken };
  expect((await refused(other.send(new DeleteRuleGroupCommand(rest)))).name).toBe('WAFAssociatedItemException');
});

describe('M-201 managed rule groups', () => {
  const managed = (VendorName: string, Name: string, more: object = {}): Rule => ({
    Name: 'managed',
    Priority: 0,
    Statement: { ManagedRuleGroupStatement: { VendorName, Name, ...more } },
    OverrideAction: { None: {} },
    VisibilityConfig: visible('managed'),
  });

  test('of AWS: listed in pages, described with rules and labels, and used with one rule counting', async () => {
    const names: string[] = [];
    let NextMarker: string | undefined;
    do {
      const page = await waf.send(
        new ListAvailableManagedRuleGroupsCommand({ Scope, Limit: 4, ...(NextMarker && { NextMarker }) }),
      );
      names.push(...(page.ManagedRuleGroups ?? []).map(({ Name = '' }) => Name));
      NextMarker = page.NextMarker;
    } while (NextMarker !== undefined);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['AWSManagedRulesCommonRuleSet', 'AWSManagedRulesSQLiRuleSet']));
    const common = { VendorName: 'AWS', Name: 'AWSManagedRulesCommonRuleSet', Scope } as const;
    const described = await waf.send(new DescribeManagedRuleGroupCommand(common));
    expect(described.Capacity).toBe(700);
    expect(described.LabelNamespace).toBe('awswaf:managed:aws:core-rule-set:');
    expect(described.Rules?.map(({ Name }) => Name)).toContain('NoUserAgent_HEADER');
    expect(described.AvailableLabels?.map(({ Name }) => Name)).toContain(
      'awswaf:managed:aws:core-rule-set:NoUserAgent_Header',
    );
    const versions = await waf.send(new ListAvailableManagedRuleGroupVersionsCommand(common));
    expect(versions.Versions?.map(({ Name }) => Name)).toContain(versions.CurrentDefaultVersion);
    const acl = await makeWebAcl(waf, {
      Rules: [
        managed('AWS', common.Name, {
          Version: versions.CurrentDefaultVersion,
          RuleActionOverrides: [{ Name: 'NoUserAgent_HEADER', ActionToUse: { Count: {} } }],
        }),
      ],
    });
    expect(acl.ARN).toContain(':regional/webacl/');
    expect((await refused(makeWebAcl(waf, { Rules: [managed('AWS', 'AWSManagedRulesNoSuchSet')] }))).name).toBe(
      'WAFNonexistentItemException',
    );
    expect(
      (await refused(makeWebAcl(waf, { Rules: [managed('AWS', common.Name, { Version: 'Version_99' })] }))).name,
    ).toBe('WAFInvalidParameterException');
    for (const command of [
      new DescribeManagedRuleGroupCommand({ ...common, Name: 'none' }),
      new ListAvailableManagedRuleGroupVersionsCommand({ ...common, VendorName: 'Nobody' }),
    ]) {
      expect((await refused(waf.send(command as never))).name).toBe('WAFNonexistentItemException');
    }
    expect(
      (await refused(waf.send(new ListAvailableManagedRuleGroupsCommand({ Scope, NextMarker: 'forged' })))).name,
    ).toBe('WAFInvalidOperationException');
  });

  test('of AWS are used under the name that policies know', async () => {
    const any = `arn:aws:wafv2:us-east-1:${accountId}:regional/managedruleset/*/*`;
    const nobody = wafClient(instance, nobodyKeys);
    const make = () => refused(makeWebAcl(nobody, { Rules: [managed('AWS', 'AWSManagedRulesSQLiRuleSet')] }));
    await allowNobody(instance, ['wafv2:CreateWebACL', `arn:aws:wafv2:us-east-1:${accountId}:regional/webacl/*/*`]);
    expect((await make()).message).toContain(`wafv2:CreateWebACL on resource: ${any}`);
    await allowNobody(
      instance,
      ['wafv2:CreateWebACL', `arn:aws:wafv2:us-east-1:${accountId}:regional/webacl/*/*`],
      ['wafv2:CreateWebACL', any],
    );
    expect((await make()).name).toBe('succeeded');
  });

  test('of a vendor: published, shared, used, expired', async () => {
    const rules = await group(other, '/vendor');
    const Name = anyName('bot-shield');
    const VendorName = anyName('Fence');
    const set = await askBailey<{ Id: string; ARN: string; LockToken: string }>(
      instance,
      'CreateManagedRuleSet',
      { Name, VendorName, Description: 'Keeps bots out' },
      otherAdminKeys,
    );
    expect(set.ARN).toBe(`arn:aws:wafv2:us-east-1:${otherAccountId}:regional/managedruleset/${Name}/${set.Id}`);
    const own = { Name, Scope, Id: set.Id };
    const publish = (more: object) =>
      other.send(new PutManagedRuleSetVersionsCommand({ ...own, LockToken: set.LockToken, ...more }));
    expect((await refused(publish({ RecommendedVersion: '1.0' }))).name).toBe('WAFUnavailableEntityException');
    const { NextLockToken } = await publish({
      RecommendedVersion: '1.0',
      VersionsToPublish: { '1.0': { AssociatedRuleGroupArn: rules.ARN, ForecastedLifetime: 90 } },
    });
    expect((await refused(publish({}))).name).toBe('WAFOptimisticLockException');
    const { ManagedRuleSet, LockToken } = await other.send(new GetManagedRuleSetCommand(own));
    expect(LockToken).toBe(NextLockToken);
    expect(ManagedRuleSet).toMatchObject({
      Name,
      Description: 'Keeps bots out',
      RecommendedVersion: '1.0',
      PublishedVersions: { '1.0': { AssociatedRuleGroupArn: rules.ARN, Capacity: 50, ForecastedLifetime: 90 } },
    });
    const { ManagedRuleSets } = await other.send(new ListManagedRuleSetsCommand({ Scope }));
    expect(ManagedRuleSets?.map((one) => one.ARN)).toContain(set.ARN);

    const use = (more: object = {}) => refused(makeWebAcl(waf, { Rules: [managed(VendorName, Name, more)] }));
    expect((await use()).name).toBe('WAFSubscriptionNotFoundException');
    const products = await waf.send(new DescribeManagedProductsByVendorCommand({ VendorName, Scope }));
    expect(products.ManagedProducts).toMatchObject([
      { VendorName, ManagedRuleSetName: Name, IsVersioningSupported: true },
    ]);
    const available = async () =>
      (await waf.send(new ListAvailableManagedRuleGroupsCommand({ Scope }))).ManagedRuleGroups?.map((one) => one.Name);
    expect(await available()).not.toContain(Name);
    await other.send(new PutPermissionPolicyCommand({ ResourceArn: rules.ARN, Policy: policyFor(accountId) }));
    expect(await available()).toContain(Name);
    expect((await use()).name).toBe('succeeded');
    expect((await use({ Version: '1.0' })).name).toBe('succeeded');
    for (const Version of ['2.0', 'constructor', '__proto__', 'toString']) {
      expect((await use({ Version })).name).toBe('WAFInvalidParameterException');
    }
    const described = await waf.send(new DescribeManagedRuleGroupCommand({ VendorName, Name, Scope }));
    expect(described).toMatchObject({
      VersionName: '1.0',
      Capacity: 50,
      Rules: [{ Name: 'admin', Action: { Block: {} } }],
    });
    expect(described.AvailableLabels).toEqual([{ Name: `${described.LabelNamespace}admin` }]);

    await other.send(
      new UpdateRuleGroupCommand({
        Name: rules.Name,
        Id: rules.Id,
        Scope,
        LockToken: rules.LockToken,
        VisibilityConfig: visible('group'),
        Rules: [],
      }),
    );
    const still = await waf.send(new DescribeManagedRuleGroupCommand({ VendorName, Name, Scope }));
    expect(still.Rules).toHaveLength(1);

    const expire = (ExpiryTimestamp: Date, more: object = {}) =>
      other.send(
        new UpdateManagedRuleSetVersionExpiryDateCommand({
          ...own,
          LockToken,
          VersionToExpire: '1.0',
          ExpiryTimestamp,
          ...more,
        }),
      );
    expect((await refused(expire(new Date(0)))).name).toBe('WAFInvalidParameterException');
    expect((await refused(expire(new Date(Date.now() + 60_000), { VersionToExpire: '3' }))).name).toBe(
      'WAFUnavailableEntityException',
    );
    const soon = new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000);
    expect(await expire(soon)).toMatchObject({ ExpiringVersion: '1.0', ExpiryTimestamp: soon });
    await instance.advance(120);
    expect((await use({ Version: '1.0' })).name).toBe('WAFExpiredManagedRuleGroupVersionException');
    const versions = await waf.send(new ListAvailableManagedRuleGroupVersionsCommand({ VendorName, Name, Scope }));
    expect(versions.Versions).toEqual([]);
  });

  test('a vendor has a name of its own, and AWS is AWS', async () => {
    const VendorName = anyName('Moat');
    const make = (keys: typeof otherAdminKeys | undefined, more: object) =>
      askBailey(instance, 'CreateManagedRuleSet', { Name: anyName('set'), VendorName, ...more }, keys).then(
        () => 'made',
        (error) => error.code as string,
      );
    expect(await make(undefined, {})).toBe('made');
    expect(await make(otherAdminKeys, {})).toBe('WAFDuplicateItemException');
    for (const alike of [VendorName.toUpperCase(), VendorName.replace('-', '.'), VendorName.replace('-', ' ')]) {
      expect(await make(otherAdminKeys, { VendorName: alike })).toBe('WAFDuplicateItemException');
    }
    for (const name of ['AWS', 'aws', 'AWS ', 'a/b', '', ' x']) {
      expect(await make(otherAdminKeys, { VendorName: name })).toBe('WAFInvalidParameterException');
    }
    expect(await make(nobodyKeys, {})).toBe('AccessDeniedException');
    expect(await make(undefined, { Scope: 'GLOBAL' })).toBe('ValidationException');
  });

  test('everything on offer is described, whoever may use it', async () => {
    const { ManagedProducts } = await waf.send(new DescribeAllManagedProductsCommand({ Scope }));
    expect(ManagedProducts?.filter(({ VendorName }) => VendorName === 'AWS').length).toBeGreaterThan(5);
    const there = wafClient(instance, undefined, 'eu-west-1');
    expect((await refused(there.send(new DescribeAllManagedProductsCommand({ Scope: 'CLOUDFRONT' })))).name).toBe(
      'WAFInvalidParameterException',
    );
    const nobody = new DescribeManagedProductsByVendorCommand({ VendorName: 'Nobody', Scope });
    expect((await refused(waf.send(nobody))).name).toBe('WAFNonexistentItemException');
    const missing = { Name: 'none', Scope, Id: '00000000-0000-4000-8000-000000000000' };
    expect((await refused(waf.send(new GetManagedRuleSetCommand(missing)))).name).toBe('WAFNonexistentItemException');
    const cloud = new ListManagedRuleSetsCommand({ Scope: 'CLOUDFRONT' });
    expect((await refused(there.send(cloud))).name).toBe('WAFInvalidParameterException');
  });
});
