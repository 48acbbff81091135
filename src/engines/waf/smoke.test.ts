import { expect, it } from 'vitest';
import { aclPrefix, compiled, contains, request, rule, verdictOf } from './waf.fixture.ts';

it('blocks what a rule says and allows the rest, with everything that logs need', () => {
  const web = compiled([
    rule('label', 1, contains('admin', { UriPath: {} }, 'LOWERCASE'), { Count: {} }, ['area:admin']),
    rule('stop', 2, { LabelMatchStatement: { Scope: 'LABEL', Key: 'area:admin' } }, { Block: {} }),
  ]);
  const blocked = verdictOf(web, request({ path: '/ADMIN/x' }));
  expect(blocked).toMatchObject({
    action: 'BLOCK',
    terminatingRuleId: 'stop',
    labels: [`${aclPrefix}area:admin`],
    response: { status: 403 },
    nonTerminatingMatchingRules: [
      {
        ruleId: 'label',
        action: 'COUNT',
        ruleMatchDetails: [{ conditionType: 'BYTE_MATCH', location: 'URI', matchedData: ['admin'] }],
      },
    ],
  });
  expect(verdictOf(web, request())).toMatchObject({ action: 'ALLOW', terminatingRuleId: 'Default_Action' });
});
