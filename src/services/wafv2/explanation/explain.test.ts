/** Why a request was stopped, and a way out that opens no more than it must: put into the web ACL, it does what it says. */
import type { Rule } from '@aws-sdk/client-wafv2';
import { beforeEach, expect, test } from 'vitest';
import { account, type Bench } from '../../../../test/support/call.ts';
import { type BenchAcl, benchAcl, wafBench } from '../../../../test/support/waf-bench.ts';
import { visible } from '../../../../test/support/wafv2.ts';
import type { Rule as StoredRule } from '../../../engines/waf/types.ts';
import { CreateRuleGroup } from '../operations/rule-groups.ts';
import type { WafPorts } from '../ports.ts';
import { readRules } from '../stored-rules.ts';
import { explainRequest } from './explain.ts';

let bench: Bench<WafPorts>;
beforeEach(() => {
  bench = wafBench();
});

const attack = {
  path: '/search',
  query: 'q=%3Cscript%3Ealert(1)%3C/script%3E',
  headers: [
    ['User-Agent', 'x'],
    ['Host', 'shop.example'],
  ] as [string, string][],
};

const managed = (more: object = {}): Rule => ({
  Name: 'common',
  Priority: 10,
  Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'AWSManagedRulesCommonRuleSet', ...more } },
  OverrideAction: { None: {} },
  VisibilityConfig: visible('common'),
});

const path = (Name: string, Priority: number, text: string, more: Partial<Rule> = {}): Rule => ({
  Name,
  Priority,
  Statement: {
    ByteMatchStatement: {
      SearchString: Buffer.from(text),
      FieldToMatch: { QueryString: {} },
      TextTransformations: [{ Priority: 0, Type: 'NONE' }],
      PositionalConstraint: 'CONTAINS',
    },
  },
  Action: { Block: {} },
  VisibilityConfig: visible(Name),
  ...more,
});

const explain = (requestId: string, of = account) =>
  explainRequest(bench.store, bench.ports.traffic, of, requestId, bench.now);

/** The web ACL with the exclusion in it, in place of rules of the same name. */
async function withExclusion(rules: readonly Rule[], explanation: object, name: string): Promise<BenchAcl> {
  const { exclusion } = explanation as { exclusion: { rules: StoredRule[] } };
  const changed = readRules(exclusion.rules);
  const names = new Set(changed.map(({ Name }) => Name));
  const Rules = [...rules.filter(({ Name }) => !names.has(Name)), ...changed];
  return benchAcl(bench, { Name: name, Rules });
}

test('a managed rule: the rule, the field, the bytes, the score, and an exclusion of one rule on one path', async () => {
  const rules = [managed()];
  const acl = await benchAcl(bench, { Rules: rules });
  const seen = acl.see(attack);
  expect(seen.verdict.action).toBe('BLOCK');
  const found = await explain(seen.requestId);
  expect(found?.text).toContain('blocked with status 403 by the web ACL shop');
  expect(found?.text).toContain(
    'rule CrossSiteScripting_QUERYARGUMENTS of AWS#AWSManagedRulesCommonRuleSet, in rule common',
  );
  expect(found?.text).toMatch(/ in ALL_QUERY_ARGS q: .*script/);
  expect(found?.text).toMatch(/score [01]\.\d\d/);
  expect(found?.text).toContain('192.0.2.44 (NL)');
  expect(found?.text).toContain('block what it labels everywhere but on /search');
  const after = await withExclusion(rules, found?.explanation ?? {}, 'after');
  expect(after.see(attack).verdict.action).toBe('ALLOW');
  expect(after.see({ ...attack, path: '/other' }).verdict.action).toBe('BLOCK');
  expect(after.see({ ...attack, path: '/search/x' }).verdict.action).toBe('BLOCK');
  expect(after.see({ ...attack, query: 'q=../../etc/passwd' }).verdict.action).toBe('BLOCK');
});

test('a rule of its own: everywhere but on that path', async () => {
  const rules = [path('evil', 5, 'evil')];
  const acl = await benchAcl(bench, { Rules: rules });
  const found = await explain(acl.see({ path: '/a', query: 'x=evil' }).requestId);
  expect(found?.text).toContain('by the web ACL shop: rule evil');
  const after = await withExclusion(rules, found?.explanation ?? {}, 'after');
  expect(after.see({ path: '/a', query: 'x=evil' }).verdict.action).toBe('ALLOW');
  expect(after.see({ path: '/b', query: 'x=evil' }).verdict.action).toBe('BLOCK');
});

test('a rule in a group of the account: by its label', async () => {
  const { Summary } = await bench.run('CreateRuleGroup', CreateRuleGroup, {
    Name: 'group',
    Scope: 'REGIONAL',
    Capacity: 50,
    VisibilityConfig: visible('group'),
    Rules: [path('evil', 0, 'evil', { RuleLabels: [{ Name: 'evil' }] })],
  });
  const rules: Rule[] = [
    {
      Name: 'mine',
      Priority: 0,
      Statement: { RuleGroupReferenceStatement: { ARN: Summary?.ARN } },
      OverrideAction: { None: {} },
      VisibilityConfig: visible('mine'),
    },
  ];
  const acl = await benchAcl(bench, { Rules: rules });
  const found = await explain(acl.see({ path: '/a', query: 'x=evil' }).requestId);
  expect(found?.text).toContain(`rule evil of ${Summary?.ARN}, in rule mine`);
  const after = await withExclusion(rules, found?.explanation ?? {}, 'after');
  expect(after.see({ path: '/a', query: 'x=evil' }).verdict.action).toBe('ALLOW');
  expect(after.see({ path: '/b', query: 'x=evil' }).verdict.action).toBe('BLOCK');
});

test('a rate: who asked too often, and not counting one path', async () => {
  const rules: Rule[] = [
    {
      Name: 'rate',
      Priority: 0,
      Statement: { RateBasedStatement: { Limit: 10, AggregateKeyType: 'IP', EvaluationWindowSec: 60 } },
      Action: { Block: {} },
      VisibilityConfig: visible('rate'),
    },
  ];
  const acl = await benchAcl(bench, { Rules: rules });
  let last = acl.see({ path: '/a' });
  for (let n = 1; n < 60; n++) last = acl.see({ path: '/a' }, { at: bench.now + n * 500 });
  expect(last.verdict.action).toBe('BLOCK');
  const found = await explain(last.requestId);
  expect(found?.text).toContain('more than 10 requests in 60 s');
  expect(found?.text).toContain('Do not count requests for /a');
});

test('the default action: which path to allow', async () => {
  const acl = await benchAcl(bench, { DefaultAction: { Block: {} } });
  const found = await explain(acl.see({ path: '/a' }).requestId);
  expect(found?.text).toContain('no rule ended it');
  expect(found?.text).toContain('allow /a');
});

test('a request that was let through: what counted, and nothing to change', async () => {
  const acl = await benchAcl(bench, { Rules: [path('seen', 0, 'evil', { Action: { Count: {} } })] });
  const found = await explain(acl.see({ query: 'evil' }).requestId);
  expect(found?.text).toContain('allowed by the web ACL shop');
  expect(found?.text).toContain('also matched: seen (COUNT)');
  expect(found?.text).not.toContain('If that was wrong');
});

test('other accounts, and ids that nobody reported, learn nothing', async () => {
  const acl = await benchAcl(bench);
  const seen = acl.see({});
  expect(await explain(seen.requestId, '444455556666')).toBeUndefined();
  expect(await explain('none')).toBeUndefined();
});

test('what is protected is not told, and what strangers sent does not reach a terminal as it is', async () => {
  const acl = await benchAcl(bench, {
    Rules: [path('evil', 0, 'evil')],
    DataProtectionConfig: {
      DataProtections: [
        { Field: { FieldType: 'SINGLE_QUERY_ARGUMENT', FieldKeys: ['token'] }, Action: 'SUBSTITUTION' },
        { Field: { FieldType: 'SINGLE_HEADER', FieldKeys: ['authorization'] }, Action: 'SUBSTITUTION' },
        { Field: { FieldType: 'SINGLE_COOKIE', FieldKeys: ['session'] }, Action: 'SUBSTITUTION' },
      ],
    },
  });
  const seen = acl.see({ path: '/\u001b[31m\u0007', query: 'evil&token=s3cret' });
  const found = await explain(seen.requestId);
  expect(JSON.stringify(found)).not.toContain('s3cret');
  expect(found?.text).toContain('\\x1b[31m\\x07');
  expect(found?.text).not.toContain('\u001b');
});
