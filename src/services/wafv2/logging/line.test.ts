/** Lines of the log, where AWS's "Log examples" show how they look. */
import { describe, expect, test } from 'vitest';
import { inspected, verdict } from '../../../../test/support/waf-requests.ts';
import type { Verdict } from '../../../engines/waf/verdict.ts';
import { logLine } from './line.ts';
import { Protection } from './protection.ts';

const arn = 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/shop/00000000-0000-4000-8000-000000000001';
const lineOf = (more: Partial<Verdict>) =>
  JSON.parse(logLine(inspected(arn, { verdict: verdict(more) }), new Protection(undefined, '')));

describe('puzzles', () => {
  test('no token: the answer, and nothing solved', () => {
    const line = lineOf({
      action: 'CAPTCHA',
      captchaResponse: { responseCode: 405, failureReason: 'TOKEN_MISSING' },
    });
    expect(line.captchaResponse).toEqual({ responseCode: 405, solveTimestamp: 0, failureReason: 'TOKEN_MISSING' });
    expect(line.challengeResponse).toBeUndefined();
  });

  test('a token that is good: no answer, and when it was solved, with the rule and with the request', () => {
    const solved = { responseCode: 0, solveTimestamp: 1_632_420_429 };
    const captcha = { ruleId: 'captcha-rule', action: 'CAPTCHA', ruleMatchDetails: [] } as const;
    const line = lineOf({
      captchaResponse: { solveTimestamp: 1_632_420_429 },
      nonTerminatingMatchingRules: [captcha, { ...captcha, ruleId: 'count', action: 'COUNT' }],
      ruleGroupList: [{ ruleGroupId: 'g', nonTerminatingMatchingRules: [captcha] }],
    });
    expect(line.captchaResponse).toEqual(solved);
    expect(line.nonTerminatingMatchingRules).toEqual([
      { ...captcha, captchaResponse: solved },
      { ruleId: 'count', action: 'COUNT', ruleMatchDetails: [] },
    ]);
    expect(line.ruleGroupList[0].nonTerminatingMatchingRules).toEqual([{ ...captcha, captchaResponse: solved }]);
  });

  test('good for one rule and too old for the next: each says its own', () => {
    const line = lineOf({
      action: 'CHALLENGE',
      challengeResponse: { responseCode: 202, solveTimestamp: 1_632_420_429, failureReason: 'TOKEN_EXPIRED' },
      nonTerminatingMatchingRules: [{ ruleId: 'long', action: 'CHALLENGE', ruleMatchDetails: [] }],
    });
    expect(line.challengeResponse).toMatchObject({ responseCode: 202, failureReason: 'TOKEN_EXPIRED' });
    expect(line.nonTerminatingMatchingRules[0].challengeResponse).toEqual({
      responseCode: 0,
      solveTimestamp: 1_632_420_429,
    });
  });
});
