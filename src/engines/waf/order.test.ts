/** Sixty orders of rules: priorities as numbers, what ends an inspection and what does not, groups, overrides, labels. */
import { describe, expect, it } from 'vitest';
import type { ManagedRuleGroupDefinition, Resources } from './resources.ts';
import { createWafState } from './state.ts';
import type { Rule, RuleAction, RuleGroupDefinition, Statement } from './types.ts';
import {
  aclPrefix,
  always,
  compiled,
  never,
  noResources,
  request,
  rule,
  verdictOf,
  visibility,
} from './waf.fixture.ts';

const block: RuleAction = { Block: {} };
const allow: RuleAction = { Allow: {} };
const count: RuleAction = { Count: {} };
const labelled = (Key: string, Scope: 'LABEL' | 'NAMESPACE' = 'LABEL'): Statement => ({
  LabelMatchStatement: { Key, Scope },
});
const not = (statement: Statement): Statement => ({ NotStatement: { Statement: statement } });
const and = (...Statements: Statement[]): Statement => ({ AndStatement: { Statements } });
const or = (...Statements: Statement[]): Statement => ({ OrStatement: { Statements } });

const groupArn = 'arn:aws:wafv2:us-east-1:444455556666:regional/rulegroup/team/1';
const groupPrefix = 'awswaf:444455556666:rulegroup:team:';

function group(rules: readonly Rule[]): RuleGroupDefinition {
  return { Name: 'team', ARN: groupArn, Rules: rules, VisibilityConfig: visibility('team') };
}

const vendorRules: ManagedRuleGroupDefinition = {
  VendorName: 'AWS',
  Name: 'AWSManagedRulesTest',
  Version: 'Version_1.0',
  Capacity: 10,
  LabelNamespace: 'awswaf:managed:aws:test:',
  Rules: [
    { Name: 'Never', Action: block, inspect: () => [] },
    {
      Name: 'First',
      Action: block,
      Labels: ['awswaf:managed:aws:test:First'],
      inspect: () => [{ conditionType: 'XSS', location: 'URI', matchedData: ['x'] }],
    },
    { Name: 'Second', Action: allow, Labels: ['awswaf:managed:aws:test:Second'], Statement: always },
  ],
};

const withGroup = (rules: readonly Rule[]): Partial<Resources> => ({
  ruleGroup: (arn) => (arn === groupArn ? group(rules) : undefined),
});
const withVendor: Partial<Resources> = {
  managedRuleGroup: (_, name) => (name === vendorRules.Name ? vendorRules : undefined),
};

function refers(name: string, priority: number, over: Partial<Rule> = {}, more: object = {}): Rule {
  return {
    Name: name,
    Priority: priority,
    Statement: { RuleGroupReferenceStatement: { ARN: groupArn, ...more } },
    OverrideAction: { None: {} },
    VisibilityConfig: visibility(name),
    ...over,
  };
}

const managed = (name: string, priority: number, over: Partial<Rule> = {}, more: object = {}): Rule =>
  refers(name, priority, {
    Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name: vendorRules.Name, ...more } },
    ...over,
  });

/** `[name, rules, resources, who ends it and how, labels]` */
type Row = readonly [string, readonly Rule[], Partial<Resources>, string, (readonly string[])?];

const rows: Row[] = [];

// 36: each order of three actions over priorities that sort otherwise as texts, with each choice of what matches.
for (const [first, second, third] of [
  ['A', 'B', 'C'],
  ['A', 'C', 'B'],
  ['B', 'A', 'C'],
  ['B', 'C', 'A'],
  ['C', 'A', 'B'],
  ['C', 'B', 'A'],
] as const) {
  for (const matching of ['ABC', 'AB', 'BC', 'AC', 'C', 'B'] as const) {
    const actions = { A: allow, B: block, C: count };
    const made = ([first, second, third] as const).map((name, index) =>
      rule(name, [9, 10, 100][index]!, matching.includes(name) ? always : never, actions[name]),
    );
    const ends = [first, second, third].find((name) => name !== 'C' && matching.includes(name));
    const outcome = ends === 'A' ? 'A ALLOW' : ends === 'B' ? 'B BLOCK' : 'Default_Action ALLOW';
    // Their order in the list must not matter.
    rows.push([`${first}${second}${third} of which ${matching} match`, [made[2]!, made[0]!, made[1]!], {}, outcome]);
  }
}

rows.push(
  [
    'labels are seen by later rules',
    [rule('l', 1, always, count, ['x']), rule('b', 2, labelled('x'), block)],
    {},
    'b BLOCK',
    [`${aclPrefix}x`],
  ],
  [
    'labels are not seen by earlier rules',
    [rule('l', 2, always, count, ['x']), rule('b', 1, labelled('x'), block)],
    {},
    'Default_Action ALLOW',
    [`${aclPrefix}x`],
  ],
  [
    'labels are not seen by their own rule',
    [rule('l', 1, or(labelled('x'), never), block, ['x'])],
    {},
    'Default_Action ALLOW',
    [],
  ],
  [
    'labels of rules that do not match are not there',
    [rule('l', 1, never, count, ['x']), rule('b', 2, labelled('x'), block)],
    {},
    'Default_Action ALLOW',
    [],
  ],
  [
    'labels by their full name',
    [rule('l', 1, always, count, ['n:x']), rule('b', 2, labelled(`${aclPrefix}n:x`), block)],
    {},
    'b BLOCK',
  ],
  [
    'labels by the end of their name',
    [rule('l', 1, always, count, ['n:m:x']), rule('b', 2, labelled('m:x'), block)],
    {},
    'b BLOCK',
  ],
  [
    'labels not by the beginning of their name',
    [rule('l', 1, always, count, ['n:m:x']), rule('b', 2, labelled('n:m'), block)],
    {},
    'Default_Action ALLOW',
  ],
  [
    'labels not by a part of a word',
    [rule('l', 1, always, count, ['max']), rule('b', 2, labelled('x'), block)],
    {},
    'Default_Action ALLOW',
  ],
  [
    'namespaces in the middle',
    [rule('l', 1, always, count, ['n:m:x']), rule('b', 2, labelled('m:', 'NAMESPACE'), block)],
    {},
    'b BLOCK',
  ],
  [
    'names are no namespaces',
    [rule('l', 1, always, count, ['n:m:x']), rule('b', 2, labelled('x:', 'NAMESPACE'), block)],
    {},
    'Default_Action ALLOW',
  ],
  [
    'labels are case sensitive',
    [rule('l', 1, always, count, ['X']), rule('b', 2, labelled('x'), block)],
    {},
    'Default_Action ALLOW',
  ],
  [
    'a group ends by its own rule',
    [refers('g', 1), rule('a', 2, always, allow)],
    withGroup([rule('in', 1, always, block, ['y'])]),
    'g BLOCK',
    [`${groupPrefix}y`],
  ],
  [
    'a group that only counts goes on',
    [refers('g', 1, { OverrideAction: { Count: {} } }), rule('a', 2, always, allow)],
    withGroup([rule('in', 1, always, block)]),
    'a ALLOW',
  ],
  [
    'a rule overridden to count goes on within its group',
    [refers('g', 1, {}, { RuleActionOverrides: [{ Name: 'in', ActionToUse: count }] })],
    withGroup([rule('in', 1, always, block, ['y']), rule('next', 2, labelled('y'), block)]),
    'g BLOCK',
  ],
  [
    'a rule overridden to block',
    [refers('g', 1, {}, { RuleActionOverrides: [{ Name: 'in', ActionToUse: block }] })],
    withGroup([rule('in', 1, always, count)]),
    'g BLOCK',
  ],
  [
    'an excluded rule counts',
    [refers('g', 1, {}, { ExcludedRules: [{ Name: 'in' }] }), rule('b', 2, always, block)],
    withGroup([rule('in', 1, always, allow)]),
    'b BLOCK',
  ],
  [
    'overrides of rules that are not there do nothing',
    [refers('g', 1, {}, { RuleActionOverrides: [{ Name: 'other', ActionToUse: count }] })],
    withGroup([rule('in', 1, always, block)]),
    'g BLOCK',
  ],
  [
    'a group allows',
    [refers('g', 1), rule('b', 2, always, block)],
    withGroup([rule('in', 1, always, allow)]),
    'g ALLOW',
  ],
  [
    'labels of a group are seen outside by their full name',
    [refers('g', 1), rule('b', 2, labelled(`${groupPrefix}y`), block)],
    withGroup([rule('in', 1, always, count, ['y'])]),
    'b BLOCK',
  ],
  [
    'and not by their short one',
    [refers('g', 1), rule('b', 2, labelled('y'), block)],
    withGroup([rule('in', 1, always, count, ['y'])]),
    'Default_Action ALLOW',
  ],
  [
    'a managed group ends by its first match',
    [managed('m', 1)],
    withVendor,
    'm BLOCK',
    ['awswaf:managed:aws:test:First'],
  ],
  [
    'a managed rule overridden lets the next one decide',
    [managed('m', 1, {}, { RuleActionOverrides: [{ Name: 'First', ActionToUse: count }] })],
    withVendor,
    'm ALLOW',
    ['awswaf:managed:aws:test:First', 'awswaf:managed:aws:test:Second'],
  ],
  [
    'out of scope a managed group does nothing',
    [managed('m', 1, {}, { ScopeDownStatement: never })],
    withVendor,
    'Default_Action ALLOW',
    [],
  ],
  ['in scope it does', [managed('m', 1, {}, { ScopeDownStatement: and(always, not(never)) })], withVendor, 'm BLOCK'],
  [
    'its scope sees labels of the web ACL',
    [rule('l', 1, always, count, ['x']), managed('m', 2, {}, { ScopeDownStatement: labelled('x') })],
    withVendor,
    'm BLOCK',
  ],
  [
    'labels of a counting managed group decide later',
    [
      managed('m', 1, { OverrideAction: { Count: {} } }),
      rule('b', 2, labelled('awswaf:managed:aws:test:', 'NAMESPACE'), block),
    ],
    withVendor,
    'b BLOCK',
  ],
  [
    'Allow stops before a group',
    [rule('a', 1, always, allow), refers('g', 2)],
    withGroup([rule('in', 1, always, block)]),
    'a ALLOW',
    [],
  ],
  ['Not of Not', [rule('b', 1, not(not(always)), block)], {}, 'b BLOCK'],
);

const forwarded = (fallback: 'MATCH' | 'NO_MATCH'): Statement => ({
  IPSetReferenceStatement: {
    ARN: 'set',
    IPSetForwardedIPConfig: { HeaderName: 'X-Forwarded-For', FallbackBehavior: fallback, Position: 'FIRST' },
  },
});
const withSet: Partial<Resources> = { ipSet: () => ({ Addresses: ['203.0.113.0/24'] }) };

describe('WAF trap 4: M-190 M-196 rules in their order', () => {
  it.each(rows.map((row) => [row[0], row] as const))('%s', (_, [, rules, resources, outcome, labels]) => {
    const verdict = verdictOf(compiled(rules, resources), request());
    expect(`${verdict.terminatingRuleId} ${verdict.action}`).toBe(outcome);
    if (labels) expect(verdict.labels).toEqual(labels);
  });

  it('are sixty at least', () => {
    expect(rows.length).toBeGreaterThanOrEqual(60);
  });

  it.each<readonly [string, string | undefined, Statement, string]>([
    ['Not over a fallback that does not match matches', 'junk', not(forwarded('NO_MATCH')), 'BLOCK'],
    ['Not over a fallback that matches does not', 'junk', not(forwarded('MATCH')), 'ALLOW'],
    ['Not over an address of the set', '203.0.113.7', not(forwarded('MATCH')), 'ALLOW'],
    ['Not over another address', '198.51.100.7', not(forwarded('MATCH')), 'BLOCK'],
    ['without the header the rule does not apply', undefined, forwarded('MATCH'), 'ALLOW'],
    ['without the header its negation does not apply either', undefined, not(forwarded('NO_MATCH')), 'ALLOW'],
    ['without the header another reason is enough', undefined, or(forwarded('MATCH'), always), 'BLOCK'],
    ['without the header a conjunction does not apply', undefined, not(and(always, forwarded('NO_MATCH'))), 'ALLOW'],
    ['without the header a false conjunction is false', undefined, not(and(never, forwarded('NO_MATCH'))), 'BLOCK'],
  ])('%s', (_, header, statement, action) => {
    const of = request({ headers: header === undefined ? [] : [['X-Forwarded-For', header]] });
    expect(verdictOf(compiled([rule('r', 1, statement, block)], withSet), of).action).toBe(action);
  });
});

describe('a verdict', () => {
  it('says all that logs say of groups', () => {
    const web = compiled(
      [
        refers(
          'g',
          1,
          {},
          { ExcludedRules: [{ Name: 'out' }], RuleActionOverrides: [{ Name: 'soft', ActionToUse: count }] },
        ),
      ],
      withGroup([rule('out', 1, always, block), rule('soft', 2, always, block), rule('hard', 3, always, block)]),
    );
    expect(verdictOf(web, request())).toMatchObject({
      action: 'BLOCK',
      terminatingRuleId: 'g',
      terminatingRuleType: 'GROUP',
      ruleGroupList: [
        {
          ruleGroupId: groupArn,
          terminatingRule: { ruleId: 'hard', action: 'BLOCK' },
          nonTerminatingMatchingRules: [{ ruleId: 'soft', action: 'COUNT', overriddenAction: 'BLOCK' }],
          excludedRules: [{ exclusionType: 'EXCLUDED_AS_COUNT', ruleId: 'out' }],
        },
      ],
      outcomes: [
        { ruleName: 'out', action: 'EXCLUDED_AS_COUNT', overriddenAction: 'BLOCK', ruleGroupId: groupArn },
        { ruleName: 'soft', action: 'COUNT', overriddenAction: 'BLOCK', ruleGroupId: groupArn },
        { ruleName: 'hard', action: 'BLOCK', ruleGroupId: groupArn, metricName: 'hard', isSampled: true },
        { ruleName: 'g', action: 'BLOCK', metricName: 'g' },
      ],
      isDefaultSampled: false,
    });
  });

  it('names managed groups by vendor, name and version', () => {
    const web = compiled([managed('m', 1, {}, { Version: 'Version_1.0' })], withVendor);
    expect(verdictOf(web, request())).toMatchObject({
      terminatingRuleType: 'MANAGED_RULE_GROUP',
      terminatingRuleMatchDetails: [{ conditionType: 'XSS', location: 'URI', matchedData: ['x'] }],
      ruleGroupList: [{ ruleGroupId: 'AWS#AWSManagedRulesTest#Version_1.0', terminatingRule: { ruleId: 'First' } }],
    });
  });

  it('has the responses and headers that were configured', () => {
    const bodies = { sorry: { ContentType: 'APPLICATION_JSON', Content: '{"sorry":true}' } } as const;
    const custom: RuleAction = {
      Block: {
        CustomResponse: {
          ResponseCode: 429,
          CustomResponseBodyKey: 'sorry',
          ResponseHeaders: [{ Name: 'Retry-After', Value: '5' }],
        },
      },
    };
    const blocked = verdictOf(
      compiled([rule('b', 1, always, custom)], {}, { CustomResponseBodies: bodies }),
      request(),
    );
    expect(blocked.response).toEqual({
      status: 429,
      headers: [['Retry-After', '5']],
      bodyKey: 'sorry',
      contentType: 'application/json',
      body: '{"sorry":true}',
    });
    const insert = (Value: string) => ({ CustomRequestHandling: { InsertHeaders: [{ Name: 'Sample', Value }] } });
    const passed = verdictOf(
      compiled(
        [rule('c', 1, always, { Count: insert('1') }), rule('d', 2, always, { Count: insert('2') })],
        {},
        {
          DefaultAction: { Allow: { CustomRequestHandling: { InsertHeaders: [{ Name: 'Last', Value: '3' }] } } },
        },
      ),
      request(),
    );
    expect(passed.insertedHeaders).toEqual([
      ['x-amzn-waf-sample', '2'],
      ['x-amzn-waf-last', '3'],
    ]);
    const stopped = verdictOf(
      compiled([rule('c', 1, always, { Count: insert('1') }), rule('b', 2, always, block)]),
      request(),
    );
    expect(stopped.insertedHeaders).toEqual([]);
  });

  it('sends values in UTF-8, one character per byte, and no header of its own about where a message ends', () => {
    const Value = 'né ✓ 😀';
    const bytes = Buffer.from(Value).toString('latin1');
    const passed = verdictOf(
      compiled([rule('a', 1, always, { Count: { CustomRequestHandling: { InsertHeaders: [{ Name: 'x', Value }] } } })]),
      request(),
    );
    expect(passed.insertedHeaders).toEqual([['x-amzn-waf-x', bytes]]);
    const ResponseHeaders = [
      { Name: 'Content-Length', Value: '3' },
      { Name: 'transfer-encoding', Value: 'chunked' },
      { Name: 'x', Value },
    ];
    const stopped = verdictOf(
      compiled([rule('a', 1, always, { Block: { CustomResponse: { ResponseCode: 403, ResponseHeaders } } })]),
      request(),
    );
    expect(stopped.response?.headers).toEqual([['x', bytes]]);
  });

  it('inserts what a group’s rule inserts where that allows, and nothing where the group only counts', () => {
    const insert = { CustomRequestHandling: { InsertHeaders: [{ Name: 'in', Value: '1' }] } };
    const resources = withGroup([rule('in', 1, always, { Allow: insert })]);
    expect(verdictOf(compiled([refers('g', 1)], resources), request()).insertedHeaders).toEqual([
      ['x-amzn-waf-in', '1'],
    ]);
    const counting = refers('g', 1, { OverrideAction: { Count: {} } });
    expect(verdictOf(compiled([counting], resources), request()).insertedHeaders).toEqual([]);
  });

  it('lets a group answer with its own bodies, and overrides with those of the web ACL', () => {
    const response = (key: string): RuleAction => ({
      Block: { CustomResponse: { ResponseCode: 403, CustomResponseBodyKey: key } },
    });
    const own = { ContentType: 'TEXT_PLAIN', Content: 'of the group' } as const;
    const acls = { ContentType: 'TEXT_PLAIN', Content: 'of the web ACL' } as const;
    const resources: Partial<Resources> = {
      ruleGroup: () => ({ ...group([rule('in', 1, always, response('a'))]), CustomResponseBodies: { a: own } }),
    };
    const over = { CustomResponseBodies: { a: acls } };
    expect(verdictOf(compiled([refers('g', 1)], resources, over), request()).response?.body).toBe('of the group');
    const overridden = refers('g', 1, {}, { RuleActionOverrides: [{ Name: 'in', ActionToUse: response('a') }] });
    expect(verdictOf(compiled([overridden], resources, over), request()).response?.body).toBe('of the web ACL');
  });

  it('puts groups of a firewall manager before and after the rules', () => {
    const placed = (name: string) => ({
      Name: name,
      Priority: 0,
      FirewallManagerStatement: { RuleGroupReferenceStatement: { ARN: groupArn } },
      OverrideAction: { None: {} },
      VisibilityConfig: visibility(name),
    });
    const resources = withGroup([rule('in', 1, always, block)]);
    const own = [rule('a', 1, always, allow)];
    expect(
      verdictOf(compiled(own, resources, { PreProcessFirewallManagerRuleGroups: [placed('p')] }), request())
        .terminatingRuleId,
    ).toBe('p');
    expect(
      verdictOf(compiled(own, resources, { PostProcessFirewallManagerRuleGroups: [placed('p')] }), request())
        .terminatingRuleId,
    ).toBe('a');
  });

  it.each([
    ['closed', 'BLOCK', 500],
    ['open', 'ALLOW', undefined],
  ] as const)(
    'WAF trap 14: is the fail mode’s (%s) when a rule throws, and nothing that rules before it did acts',
    (failMode, action, status) => {
      const broken: ManagedRuleGroupDefinition = {
        ...vendorRules,
        Rules: [
          {
            Name: 'Broken',
            Action: block,
            inspect: () => {
              throw new Error('table missing');
            },
          },
        ],
      };
      const insert = { CustomRequestHandling: { InsertHeaders: [{ Name: 'a', Value: '1' }] } };
      const web = compiled([rule('c', 1, always, { Count: insert }), managed('m', 2), rule('b', 3, always, block)], {
        managedRuleGroup: () => broken,
      });
      const verdict = verdictOf(web, request(), createWafState({ failMode }));
      expect(verdict).toMatchObject({
        action,
        terminatingRuleId: 'Engine_Failure',
        insertedHeaders: [],
        failure: { ruleId: 'm/Broken', message: 'table missing', mode: failMode },
      });
      expect(verdict.response?.status).toBe(status);
    },
  );

  it('is not reached by definitions that refer to nothing', () => {
    expect(() => compiled([refers('g', 1)], noResources)).toThrow('There is no such rule group.');
    expect(() => compiled([managed('m', 1)], noResources)).toThrow('There is no such managed rule group or version.');
    expect(() => compiled([rule('r', 1, forwarded('MATCH'), block)], noResources)).toThrow('There is no such IP set.');
    expect(() =>
      compiled([
        rule('r', 1, always, { Block: { CustomResponse: { ResponseCode: 403, CustomResponseBodyKey: 'x' } } }),
      ]),
    ).toThrow('CUSTOM_RESPONSE_BODY');
  });
});
