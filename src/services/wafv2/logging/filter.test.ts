/** The truth table of logging filters. */
import type { ActionValue, LoggingFilter } from '@aws-sdk/client-wafv2';
import { expect, test } from 'vitest';
import { verdict } from '../../../../test/support/waf-requests.ts';
import { isKept } from './filter.ts';

const action = (Action: ActionValue) => ({ ActionCondition: { Action } });
const label = (LabelName: string) => ({ LabelNameCondition: { LabelName } });
const bot = 'awswaf:managed:aws:bot-control:bot:name:curl';

const blocked = verdict({ action: 'BLOCK', terminatingRuleId: 'r', labels: [bot] });
const counted = verdict({ nonTerminatingMatchingRules: [{ ruleId: 'r', action: 'COUNT', ruleMatchDetails: [] }] });
const excluded = verdict({
  ruleGroupList: [
    {
      ruleGroupId: 'g',
      nonTerminatingMatchingRules: [],
      excludedRules: [{ exclusionType: 'EXCLUDED_AS_COUNT', ruleId: 'x' }],
    },
  ],
});
const ofGroup = (more: object) =>
  verdict({
    ruleGroupList: [
      {
        ruleGroupId: 'g',
        nonTerminatingMatchingRules: [{ ruleId: 'x', action: 'COUNT', ruleMatchDetails: [], ...more }],
      },
    ],
  });
const plain = verdict();

const keepBlocked: LoggingFilter = {
  DefaultBehavior: 'DROP',
  Filters: [{ Behavior: 'KEEP', Requirement: 'MEETS_ANY', Conditions: [action('BLOCK'), action('COUNT')] }],
};
const keepBlockedBots: LoggingFilter = {
  DefaultBehavior: 'DROP',
  Filters: [{ Behavior: 'KEEP', Requirement: 'MEETS_ALL', Conditions: [action('BLOCK'), label(bot)] }],
};
const dropBotsFirst: LoggingFilter = {
  DefaultBehavior: 'KEEP',
  Filters: [
    { Behavior: 'DROP', Requirement: 'MEETS_ANY', Conditions: [label(bot)] },
    { Behavior: 'KEEP', Requirement: 'MEETS_ANY', Conditions: [action('BLOCK')] },
  ],
};
const dropExcluded: LoggingFilter = {
  DefaultBehavior: 'KEEP',
  Filters: [{ Behavior: 'DROP', Requirement: 'MEETS_ALL', Conditions: [action('EXCLUDED_AS_COUNT')] }],
};

test.each([
  ['no filter keeps all', undefined, plain, true],
  ['any: the final action', keepBlocked, blocked, true],
  ['any: what a rule counted', keepBlocked, counted, true],
  ['any: neither', keepBlocked, plain, false],
  ['all: both', keepBlockedBots, blocked, true],
  ['all: the label is missing', keepBlockedBots, verdict({ action: 'BLOCK' }), false],
  ['a label is compared whole', keepBlockedBots, verdict({ action: 'BLOCK', labels: [`${bot}y`] }), false],
  ['the first filter that fits decides', dropBotsFirst, blocked, false],
  ['and the next where it does not', dropBotsFirst, verdict({ action: 'BLOCK' }), true],
  ['an excluded rule', dropExcluded, excluded, false],
  ['no excluded rule', dropExcluded, plain, true],
  ['a rule that is made to count', dropExcluded, ofGroup({ overriddenAction: 'BLOCK' }), false],
  ['a rule that counts by itself', dropExcluded, ofGroup({}), true],
  ['a rule that is made to ask', dropExcluded, ofGroup({ action: 'CAPTCHA', overriddenAction: 'BLOCK' }), true],
] as const)('%s', (_name, filter, of, kept) => {
  expect(isKept(filter, of)).toBe(kept);
});
