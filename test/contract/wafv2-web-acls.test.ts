/** Web ACLs and rule groups over HTTP: what is put comes back, what is used stays, what is wrong is refused. */
import {
  CheckCapacityCommand,
  CreateIPSetCommand,
  CreateRegexPatternSetCommand,
  CreateRuleGroupCommand,
  type CreateWebACLCommandInput,
  DeleteFirewallManagerRuleGroupsCommand,
  DeleteIPSetCommand,
  DeleteRegexPatternSetCommand,
  DeleteRuleGroupCommand,
  DeleteWebACLCommand,
  GetRuleGroupCommand,
  GetWebACLCommand,
  ListRuleGroupsCommand,
  ListWebACLsCommand,
  type Rule,
  UpdateRuleGroupCommand,
  UpdateWebACLCommand,
  type WAFV2Client,
} from '@aws-sdk/client-wafv2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refused } from '../support/encrypted-objects.ts';
import { accountId, otherAccountId, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { anyName, ipSetRule, makeWebAcl, pathRule, visible, wafClient } from '../support/wafv2.ts';

let instance: TestInstance;
let waf: WAFV2Client;
beforeAll(async () => {
  instance = await startInstance();
  waf = wafClient(instance);
});
afterAll(() => instance.stop());

const Scope = 'REGIONAL' as const;
const nowhere = '00000000-0000-4000-8000-000000000000';

async function ipSet(): Promise<{ Name: string; Id: string; ARN: string; LockToken: string }> {
  const { Summary } = await waf.send(
    new CreateIPSetCommand({
      Name: anyName('ips'),
      Scope,
      IPAddressVersion: 'IPV4',
      Addresses: ['192.0.2.0/24'],
    }),
  );
  return Summary as { Name: string; Id: string; ARN: string; LockToken: string };
}

const get = async ({ Name, Id }: { Name: string; Id: string }) => waf.send(new GetWebACLCommand({ Name, Id, Scope }));

/** Everything that a definition can have, with nothing that has a default left out or put in. */
async function everything(): Promise<Omit<CreateWebACLCommandInput, 'Name' | 'Scope'>> {
  const set = await ipSet();
  const { Summary: patterns } = await waf.send(
    new CreateRegexPatternSetCommand({ Name: anyName('re'), Scope, RegularExpressionList: [{ RegexString: '^/x' }] }),
  );
  const none = [{ Priority: 0, Type: 'NONE' as const }];
  const rules: Rule[] = [
    { ...pathRule('bytes', 10, '/admin\u0000\u00ff'), RuleLabels: [{ Name: 'seen:admin' }], Action: { Count: {} } },
    ipSetRule('addresses', 20, set.ARN),
    {
      Name: 'nested',
      Priority: 30,
      Statement: {
        AndStatement: {
          Statements: [
            { NotStatement: { Statement: { GeoMatchStatement: { CountryCodes: ['NL', 'DE'] } } } },
            {
              OrStatement: {
                Statements: [
                  {
                    RegexPatternSetReferenceStatement: {
                      ARN: patterns?.ARN,
                      FieldToMatch: { UriPath: {} },
                      TextTransformations: none,
                    },
                  },
                  { LabelMatchStatement: { Scope: 'LABEL', Key: 'seen:admin' } },
                  {
                    SizeConstraintStatement: {
                      FieldToMatch: { Body: { OversizeHandling: 'MATCH' } },
                      ComparisonOperator: 'GT',
                      Size: 4096,
                      TextTransformations: none,
                    },
                  },
                ],
              },
            },
          ],
        },
      },
      Action: {
        Block: {
          CustomResponse: {
            ResponseCode: 403,
            CustomResponseBodyKey: 'sorry',
            ResponseHeaders: [{ Name: 'x-why', Value: 'law' }],
          },
        },
      },
      VisibilityConfig: visible('nested'),
    },
    {
      Name: 'rate',
      Priority: 40,
      Statement: {
        RateBasedStatement: {
          Limit: 100,
          EvaluationWindowSec: 60,
          AggregateKeyType: 'CUSTOM_KEYS',
          CustomKeys: [{ IP: {} }, { Header: { Name: 'x-key', TextTransformations: none } }],
          ScopeDownStatement: {
            ByteMatchStatement: {
              SearchString: Buffer.from('/login'),
              FieldToMatch: { UriPath: {} },
              TextTransformations: none,
              PositionalConstraint: 'STARTS_WITH',
            },
          },
        },
      },
      Action: { Captcha: {} },
      CaptchaConfig: { ImmunityTimeProperty: { ImmunityTime: 60 } },
      VisibilityConfig: visible('rate'),
    },
  ];
  return {
    Description: 'For the coffee shop',
    DefaultAction: { Allow: { CustomRequestHandling: { InsertHeaders: [{ Name: 'seen', Value: 'yes' }] } } },
    Rules: rules,
    VisibilityConfig: visible('all'),
    CustomResponseBodies: { sorry: { ContentType: 'TEXT_PLAIN', Content: 'Sorry.' } },
    CaptchaConfig: { ImmunityTimeProperty: { ImmunityTime: 120 } },
    ChallengeConfig: { ImmunityTimeProperty: { ImmunityTime: 300 } },
    TokenDomains: ['coffee.example'],
    DataProtectionConfig: {
      DataProtections: [{ Field: { FieldType: 'SINGLE_HEADER', FieldKeys: ['authorization'] }, Action: 'HASH' }],
    },
    OnSourceDDoSProtectionConfig: { ALBLowReputationMode: 'ACTIVE_UNDER_DDOS' },
  };
}

test('what was put comes back, nothing added: a second run of a script has nothing to change', async () => {
  const wanted = await everything();
  const made = await makeWebAcl(waf, wanted);
  expect(made.ARN).toBe(`arn:aws:wafv2:us-east-1:${accountId}:regional/webacl/${made.Name}/${made.Id}`);
  const { WebACL, LockToken } = await get(made);
  expect(LockToken).toBe(made.LockToken);
  const { Capacity, ...shown } = WebACL ?? {};
  expect(Capacity).toBeGreaterThan(0);
  const { Rules: shownRules, ...rest } = shown as { Rules: Rule[] };
  const { Rules, ...others } = wanted;
  expect(rest).toEqual({
    Name: made.Name,
    Id: made.Id,
    ARN: made.ARN,
    LabelNamespace: `awswaf:${accountId}:webacl:${made.Name}:`,
    ManagedByFirewallManager: false,
    RetrofittedByFirewallManager: false,
    ...others,
  });
  const comparable = (rules: readonly Rule[] | undefined) =>
    JSON.parse(
      JSON.stringify(rules, function (this: Record<string, unknown>, key, value) {
        return key === 'SearchString' ? Buffer.from(this[key] as Uint8Array).toString('hex') : value;
      }),
    );
  expect(comparable(shownRules)).toEqual(comparable(Rules));
  const byArn = await waf.send(new GetWebACLCommand({ ARN: made.ARN }));
  expect(byArn.WebACL?.Id).toBe(made.Id);
});

test('a web ACL without rules has an empty list of them, and no description has none', async () => {
  const made = await makeWebAcl(waf);
  const { WebACL } = await get(made);
  expect(WebACL).toEqual({
    Name: made.Name,
    Id: made.Id,
    ARN: made.ARN,
    DefaultAction: { Allow: {} },
    Rules: [],
    VisibilityConfig: visible('acl'),
    Capacity: 0,
    LabelNamespace: `awswaf:${accountId}:webacl:${made.Name}:`,
    ManagedByFirewallManager: false,
    RetrofittedByFirewallManager: false,
  });
});

test('every change takes the token of the last, and replaces the whole definition', async () => {
  const made = await makeWebAcl(waf, { Description: 'old', Rules: [pathRule('a', 0, '/a')] });
  const { Name, Id, LockToken } = made;
  const change = { Name, Id, Scope, DefaultAction: { Block: {} }, VisibilityConfig: visible('acl') };
  const { NextLockToken } = await waf.send(new UpdateWebACLCommand({ ...change, LockToken }));
  const { WebACL } = await get(made);
  expect([WebACL?.Description, WebACL?.Rules, WebACL?.DefaultAction]).toEqual([undefined, [], { Block: {} }]);
  expect((await refused(waf.send(new UpdateWebACLCommand({ ...change, LockToken })))).name).toBe(
    'WAFOptimisticLockException',
  );
  expect((await refused(waf.send(new DeleteWebACLCommand({ Name, Id, Scope, LockToken })))).name).toBe(
    'WAFOptimisticLockException',
  );
  const { NextWebACLLockToken } = await waf.send(
    new DeleteFirewallManagerRuleGroupsCommand({ WebACLArn: made.ARN, WebACLLockToken: NextLockToken }),
  );
  const again = new DeleteFirewallManagerRuleGroupsCommand({ WebACLArn: made.ARN, WebACLLockToken: NextLockToken });
  expect((await refused(waf.send(again))).name).toBe('WAFOptimisticLockException');
  await waf.send(new DeleteWebACLCommand({ Name, Id, Scope, LockToken: NextWebACLLockToken }));
  expect((await refused(get(made))).name).toBe('WAFNonexistentItemException');
});

test('two changes under one token: one wins', async () => {
  const made = await makeWebAcl(waf);
  const { Name, Id, LockToken } = made;
  const change = (n: number) =>
    waf.send(
      new UpdateWebACLCommand({
        Name,
        Id,
        Scope,
        LockToken,
        DefaultAction: { Allow: {} },
        VisibilityConfig: visible(`acl${n}`),
      }),
    );
  const outcomes = await Promise.all(Array.from({ length: 8 }, (_, n) => refused(change(n))));
  expect(outcomes.filter(({ name }) => name === 'succeeded')).toHaveLength(1);
  expect(outcomes.filter(({ name }) => name === 'WAFOptimisticLockException')).toHaveLength(7);
});

test('M-190 what a rule refers to must be there, of that kind, scope and region, and stays as long', async () => {
  const set = await ipSet();
  const made = await makeWebAcl(waf, { Rules: [ipSetRule('block', 0, set.ARN)] });
  const gone = new DeleteIPSetCommand({ Name: set.Name, Id: set.Id, Scope, LockToken: set.LockToken });
  expect(await refused(waf.send(gone))).toMatchObject({
    name: 'WAFAssociatedItemException',
    message:
      'AWS WAF couldn’t perform the operation because your resource is being used by another resource or it’s associated with another resource.',
  });
  const named = (arn: string) => refused(makeWebAcl(waf, { Rules: [ipSetRule('block', 0, arn)] }));
  const base = `arn:aws:wafv2:us-east-1:${accountId}`;
  expect((await named(`${base}:regional/ipset/none/${nowhere}`)).name).toBe('WAFUnavailableEntityException');
  expect((await named(set.ARN.replace(set.Id, nowhere))).name).toBe('WAFUnavailableEntityException');
  for (const arn of [
    set.ARN.replace('regional', 'global'),
    set.ARN.replace('us-east-1', 'eu-west-1'),
    set.ARN.replace('/ipset/', '/regexpatternset/'),
    'arn:aws:s3:::some-bucket-of-mine',
  ]) {
    expect(await named(arn)).toMatchObject({
      name: 'WAFInvalidParameterException',
      message: 'Error reason: A reference in your rule statement is not valid., field: RULE, parameter: Statement',
    });
  }
  expect((await named(set.ARN.replace(accountId, otherAccountId))).name).toBe('AccessDeniedException');
  const { Name, Id, LockToken } = made;
  await waf.send(
    new UpdateWebACLCommand({
      Name,
      Id,
      Scope,
      LockToken,
      DefaultAction: { Allow: {} },
      VisibilityConfig: visible('acl'),
    }),
  );
  await waf.send(gone);
});

test('a deleted web ACL lets go of what it used', async () => {
  const set = await ipSet();
  const { Name, Id, LockToken } = await makeWebAcl(waf, { Rules: [ipSetRule('block', 0, set.ARN)] });
  await waf.send(new DeleteWebACLCommand({ Name, Id, Scope, LockToken }));
  await waf.send(new DeleteIPSetCommand({ Name: set.Name, Id: set.Id, Scope, LockToken: set.LockToken }));
});

describe('rule groups', () => {
  const group = async (more: object = {}) => {
    const { Summary } = await waf.send(
      new CreateRuleGroupCommand({
        Name: anyName('group'),
        Scope,
        Capacity: 100,
        VisibilityConfig: visible('group'),
        Rules: [{ ...pathRule('admin', 0, '/admin'), RuleLabels: [{ Name: 'admin' }] }],
        ...more,
      }),
    );
    return Summary as { Name: string; Id: string; ARN: string; LockToken: string };
  };

  test('come back as they were put, with their labels', async () => {
    const made = await group({ Description: 'admin pages' });
    const { RuleGroup, LockToken } = await waf.send(new GetRuleGroupCommand({ Name: made.Name, Id: made.Id, Scope }));
    const namespace = `awswaf:${accountId}:rulegroup:${made.Name}:`;
    expect(RuleGroup).toMatchObject({
      Name: made.Name,
      Description: 'admin pages',
      Capacity: 100,
      LabelNamespace: namespace,
      AvailableLabels: [{ Name: `${namespace}admin` }],
      VisibilityConfig: visible('group'),
    });
    const rules = [pathRule('other', 0, '/other')];
    const change = { Name: made.Name, Id: made.Id, Scope, VisibilityConfig: visible('group'), Rules: rules };
    const { NextLockToken } = await waf.send(new UpdateRuleGroupCommand({ ...change, LockToken }));
    expect((await refused(waf.send(new UpdateRuleGroupCommand({ ...change, LockToken })))).name).toBe(
      'WAFOptimisticLockException',
    );
    const { RuleGroup: after } = await waf.send(new GetRuleGroupCommand({ ARN: made.ARN }));
    expect(after?.Capacity).toBe(100);
    expect(after?.AvailableLabels).toBeUndefined();
    const { RuleGroups } = await waf.send(new ListRuleGroupsCommand({ Scope }));
    expect(RuleGroups?.map(({ ARN }) => ARN)).toContain(made.ARN);
    const gone = { Name: made.Name, Id: made.Id, Scope };
    await waf.send(new DeleteRuleGroupCommand({ ...gone, LockToken: NextLockToken }));
    expect((await refused(waf.send(new GetRuleGroupCommand(gone)))).name).toBe('WAFNonexistentItemException');
  });

  test('that are used stay, and so does what they use', async () => {
    const set = await ipSet();
    const made = await group({ Rules: [ipSetRule('block', 0, set.ARN)] });
    await makeWebAcl(waf, {
      Rules: [
        {
          Name: 'group',
          Priority: 0,
          Statement: { RuleGroupReferenceStatement: { ARN: made.ARN } },
          OverrideAction: { None: {} },
          VisibilityConfig: visible('group'),
        },
      ],
    });
    const gone = { Name: made.Name, Id: made.Id, Scope, LockToken: made.LockToken };
    expect((await refused(waf.send(new DeleteRuleGroupCommand(gone)))).name).toBe('WAFAssociatedItemException');
    const { Name, Id, LockToken } = set;
    expect((await refused(waf.send(new DeleteIPSetCommand({ Name, Id, Scope, LockToken })))).name).toBe(
      'WAFAssociatedItemException',
    );
  });

  test('a pattern set in a group in use stays too', async () => {
    const { Summary: patterns } = await waf.send(
      new CreateRegexPatternSetCommand({ Name: anyName('re'), Scope, RegularExpressionList: [{ RegexString: 'x' }] }),
    );
    await group({
      Rules: [
        {
          Name: 'patterns',
          Priority: 0,
          Statement: {
            RegexPatternSetReferenceStatement: {
              ARN: patterns?.ARN,
              FieldToMatch: { UriPath: {} },
              TextTransformations: [{ Priority: 0, Type: 'NONE' }],
            },
          },
          Action: { Block: {} },
          VisibilityConfig: visible('patterns'),
        },
      ],
    });
    const gone = { Name: patterns?.Name, Id: patterns?.Id, Scope, LockToken: patterns?.LockToken };
    expect((await refused(waf.send(new DeleteRegexPatternSetCommand(gone)))).name).toBe('WAFAssociatedItemException');
  });

  test('do not hold other groups', async () => {
    const inner = await group();
    const Rules = [
      {
        Name: 'inner',
        Priority: 0,
        Statement: { RuleGroupReferenceStatement: { ARN: inner.ARN } },
        OverrideAction: { None: {} },
        VisibilityConfig: visible('inner'),
      },
    ];
    expect((await refused(group({ Rules }))).name).toBe('WAFInvalidParameterException');
  });
});

test('settings that make no sense are refused', async () => {
  const protecting = (Field: object) => ({
    DataProtectionConfig: { DataProtections: [{ Field, Action: 'HASH' }] },
  });
  for (const more of [
    protecting({ FieldType: 'SINGLE_HEADER' }),
    protecting({ FieldType: 'BODY', FieldKeys: ['x'] }),
    { TokenDomains: ['localhost'] },
    { DefaultAction: {} },
    { DefaultAction: { Allow: {}, Block: {} } },
    { ChallengeConfig: { ImmunityTimeProperty: { ImmunityTime: 60 } } },
    { Scope: 'CLOUDFRONT', OnSourceDDoSProtectionConfig: { ALBLowReputationMode: 'ACTIVE_UNDER_DDOS' } },
    { OnSourceDDoSProtectionConfig: { ALBLowReputationMode: 'ALWAYS_ON' } },
  ]) {
    expect((await refused(makeWebAcl(waf, more as never))).name).toBe('WAFInvalidParameterException');
  }
  const Content = 'x'.repeat(5_000);
  const CustomResponseBodies = { big: { ContentType: 'TEXT_PLAIN' as const, Content } };
  expect((await refused(makeWebAcl(waf, { CustomResponseBodies }))).name).toBe('WAFLimitsExceededException');
});

/** With the members that `refused` leaves out. */
const faultOf = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => error);

describe('quotas that AWS gives rules as a whole', () => {
  const limited = async (call: Promise<unknown>, SourceType: string) =>
    expect(await faultOf(call)).toMatchObject({ name: 'WAFLimitsExceededException', SourceType });
  const group = (Rules: Rule[]) =>
    waf.send(
      new CreateRuleGroupCommand({ Name: anyName('g'), Scope, Capacity: 500, VisibilityConfig: visible('g'), Rules }),
    );
  const many = (count: number, rule: (n: number) => Partial<Rule>): Rule[] =>
    Array.from({ length: count }, (_, n) => ({ ...pathRule(`r${n}`, n, '/a'), ...rule(n) }));

  test('10 rate-based rules in a web ACL, 4 in a rule group', async () => {
    const RateBasedStatement = { Limit: 100, AggregateKeyType: 'IP' as const };
    const rates = (count: number) => many(count, () => ({ Statement: { RateBasedStatement } }));
    await makeWebAcl(waf, { Rules: rates(10) });
    await limited(makeWebAcl(waf, { Rules: rates(11) }), 'RATE_BASED_RULE');
    await group(rates(4));
    await limited(group(rates(5)), 'RATE_BASED_RULE');
  });

  test('50 statements that refer to something, wherever they stand', async () => {
    const { ARN } = await ipSet();
    const uses = (count: number) => many(count, () => ({ Statement: { IPSetReferenceStatement: { ARN } } }));
    const twice = {
      OrStatement: { Statements: Array.from({ length: 2 }, () => ({ IPSetReferenceStatement: { ARN } })) },
    };
    const nested = [...uses(49), { ...pathRule('two', 60, '/a'), Statement: twice }];
    await makeWebAcl(waf, { Rules: uses(50) });
    await limited(makeWebAcl(waf, { Rules: nested }), 'REFERENCE');
    await group(uses(50));
    await limited(group(nested), 'REFERENCE');
  });

  test('100 headers, of the default action and of overrides too', async () => {
    const headers = (count: number) => Array.from({ length: count }, (_, n) => ({ Name: `h${n}`, Value: 'x' }));
    const counting = { Count: { CustomRequestHandling: { InsertHeaders: headers(10) } } };
    const blocking = { Block: { CustomResponse: { ResponseCode: 403, ResponseHeaders: headers(10) } } };
    await makeWebAcl(waf, { Rules: many(10, () => ({ Action: counting })) });
    await makeWebAcl(waf, { Rules: many(10, () => ({ Action: blocking })) });
    const one = { Allow: { CustomRequestHandling: { InsertHeaders: headers(1) } } };
    await limited(
      makeWebAcl(waf, { Rules: many(10, () => ({ Action: counting })), DefaultAction: one }),
      'CUSTOM_REQUEST_HEADER',
    );
    const { Action: _, ...managed } = pathRule('managed', 20, '/');
    const overriding: Rule = {
      ...managed,
      OverrideAction: { Count: { CustomRequestHandling: { InsertHeaders: headers(1) } } },
      Statement: {
        ManagedRuleGroupStatement: {
          VendorName: 'AWS',
          Name: 'AWSManagedRulesCommonRuleSet',
          RuleActionOverrides: [
            {
              Name: 'NoUserAgent_HEADER',
              ActionToUse: { Block: { CustomResponse: { ResponseCode: 403, ResponseHeaders: headers(1) } } },
            },
          ],
        },
      },
    };
    for (const [Action, source] of [
      [counting, 'CUSTOM_REQUEST_HEADER'],
      [blocking, 'CUSTOM_RESPONSE_HEADER'],
    ] as const) {
      await limited(makeWebAcl(waf, { Rules: [...many(10, () => ({ Action })), overriding] }), source);
      await limited(group(many(11, () => ({ Action }))), source);
    }
  });

  test('10 token domains', async () => {
    const domains = (count: number) => Array.from({ length: count }, (_, n) => `shop${n}.example`);
    await makeWebAcl(waf, { TokenDomains: domains(10) });
    await limited(makeWebAcl(waf, { TokenDomains: domains(11) }), 'TOKEN_DOMAIN');
  });
});

test('payments go to networks of one environment, to addresses that they have', async () => {
  const base = { Chain: 'BASE', WalletAddress: '0x52908400098527886E0F7030069857D2E4169EE7' };
  const solana = { Chain: 'SOLANA', WalletAddress: '7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV' };
  const Prices = [{ Amount: '0.01', Currency: 'USDC' }];
  const config = (CurrencyMode: string | undefined, ...networks: { Chain: string; WalletAddress: string }[]) =>
    ({
      MonetizationConfig: {
        ...(CurrencyMode && { CurrencyMode }),
        CryptoConfig: { PaymentNetworks: networks.map((network) => ({ ...network, Prices })) },
      },
    }) as object;
  const test = [
    { ...base, Chain: 'BASE_SEPOLIA' },
    { ...solana, Chain: 'SOLANA_DEVNET' },
  ];
  await makeWebAcl(waf, config('REAL', base, solana));
  await makeWebAcl(waf, config(undefined, base));
  await makeWebAcl(waf, config('TEST', ...test));
  const refusal = async (more: object) => {
    const fault = (await faultOf(makeWebAcl(waf, more))) as { readonly name: string; readonly Field?: string };
    const group = { Name: anyName('g'), Scope, Capacity: 10, VisibilityConfig: visible('g') };
    const ofGroup = await faultOf(waf.send(new CreateRuleGroupCommand({ ...group, ...more })));
    expect(ofGroup).toMatchObject({ name: 'WAFInvalidParameterException', Field: fault.Field });
    return fault.Field;
  };
  expect(await refusal(config('TEST', base))).toBe('PAYMENT_NETWORK');
  expect(await refusal(config('REAL', base, test[1] ?? solana))).toBe('PAYMENT_NETWORK');
  expect(await refusal(config('REAL', { ...base, WalletAddress: solana.WalletAddress }))).toBe('WALLET_ADDRESS');
  expect(await refusal(config('REAL', { ...solana, WalletAddress: base.WalletAddress }))).toBe('WALLET_ADDRESS');
  expect(await refusal(config('REAL', { ...base, WalletAddress: `${base.WalletAddress}0` }))).toBe('WALLET_ADDRESS');
});

test('attributes of the application stay as they are, and are not changed', async () => {
  const ApplicationConfig = { Attributes: [{ Name: 'app', Values: ['shop', 'api'] }] };
  const made = await makeWebAcl(waf, { ApplicationConfig });
  const definition = { DefaultAction: { Allow: {} }, VisibilityConfig: visible('shop') };
  const shown = async () => (await get(made)).WebACL?.ApplicationConfig;
  const update = async (more: object) => {
    const { LockToken } = await get(made);
    const { Name, Id } = made;
    return waf.send(new UpdateWebACLCommand({ Name, Id, Scope, LockToken, ...definition, ...more }));
  };
  await update({});
  expect(await shown()).toEqual(ApplicationConfig);
  await update({ ApplicationConfig: { Attributes: [{ Values: ['shop', 'api'], Name: 'app' }] } });
  expect(await shown()).toEqual(ApplicationConfig);
  for (const Attributes of [[], [{ Name: 'app', Values: ['shop'] }], [{ Name: 'other', Values: ['shop', 'api'] }]]) {
    expect((await refused(update({ ApplicationConfig: { Attributes } }))).name).toMatch(/Exception$/);
  }
  expect(await shown()).toEqual(ApplicationConfig);
});

test('names of metrics that stand for more than one rule are refused', async () => {
  const refusal = { name: 'WAFInvalidParameterException', Field: 'METRIC_NAME' };
  for (const name of ['All', 'Default_Action']) {
    const VisibilityConfig = visible(name);
    expect(await faultOf(makeWebAcl(waf, { VisibilityConfig }))).toMatchObject({ ...refusal, Parameter: name });
    const Rules = [{ ...pathRule('a', 0, '/a'), VisibilityConfig }];
    expect(await faultOf(makeWebAcl(waf, { Rules }))).toMatchObject({ ...refusal, Parameter: name });
    const group = { Name: anyName('g'), Scope, Capacity: 10 };
    expect(await faultOf(waf.send(new CreateRuleGroupCommand({ ...group, VisibilityConfig })))).toMatchObject(refusal);
  }
});

test('lists come in pages, of the account alone', async () => {
  const there = wafClient(instance, undefined, 'eu-west-3');
  for (const Name of ['a', 'b', 'c']) await makeWebAcl(there, { Name });
  const first = await there.send(new ListWebACLsCommand({ Scope, Limit: 2 }));
  const second = await there.send(new ListWebACLsCommand({ Scope, Limit: 2, NextMarker: first.NextMarker }));
  expect([...(first.WebACLs ?? []), ...(second.WebACLs ?? [])].map(({ Name }) => Name)).toEqual(['a', 'b', 'c']);
  const others = await wafClient(instance, otherAdminKeys, 'eu-west-3').send(new ListWebACLsCommand({ Scope }));
  expect(others.WebACLs).toEqual([]);
  expect((await refused(there.send(new ListWebACLsCommand({ Scope: 'CLOUDFRONT' })))).name).toBe(
    'WAFInvalidParameterException',
  );
});

test('M-195 M-196 rules that are wrong in one point are refused, and say in which', async () => {
  const rule = pathRule('a', 0, '/a');
  const bytes = rule.Statement?.ByteMatchStatement;
  const wrong: [string, Rule][] = [
    ['no statement', { ...rule, Statement: {} }],
    ['two statements', { ...rule, Statement: { ...rule.Statement, GeoMatchStatement: { CountryCodes: ['NL'] } } }],
    ['no action', { ...rule, Action: undefined }],
    ['two actions', { ...rule, Action: { Block: {}, Allow: {} } }],
    ['no field', { ...rule, Statement: { ByteMatchStatement: { ...bytes, FieldToMatch: {} } as typeof bytes } }],
    [
      'a group of one under And',
      { ...rule, Statement: { AndStatement: { Statements: [{ GeoMatchStatement: { CountryCodes: ['NL'] } }] } } },
    ],
    [
      'a rate-based statement within another',
      {
        ...rule,
        Statement: { NotStatement: { Statement: { RateBasedStatement: { Limit: 10, AggregateKeyType: 'IP' } } } },
      },
    ],
    [
      'a response body that is not there',
      { ...rule, Action: { Block: { CustomResponse: { ResponseCode: 403, CustomResponseBodyKey: 'none' } } } },
    ],
  ];
  for (const [what, one] of wrong) {
    const answer = await makeWebAcl(waf, { Rules: [one] }).then(
      () => ({ name: 'succeeded', Field: '', Reason: '' }),
      (error) => error,
    );
    expect({ what, name: answer.name }).toEqual({ what, name: 'WAFInvalidParameterException' });
    expect(answer.Field).toMatch(/^[A-Z_]+$/);
    expect(answer.Reason).not.toBe('');
  }
  const twice = [pathRule('a', 0, '/a'), pathRule('b', 0, '/b')];
  expect((await refused(makeWebAcl(waf, { Rules: twice }))).name).toMatch(/^WAF/);
  expect((await refused(waf.send(new CheckCapacityCommand({ Scope, Rules: [{ ...rule, Statement: {} }] })))).name).toBe(
    'WAFInvalidParameterException',
  );
});
