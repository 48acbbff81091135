/** What the SDK's types say fits what the engine takes: services hand it over as it came. */
import type { CreateWebACLRequest, Rule as SdkRule } from '@aws-sdk/client-wafv2';
import { expect, it } from 'vitest';
import { capacityOf, compileWebAcl, createWafState, inspect, validateDefaultAction, validateRules } from './index.ts';
import type { Given, Rule, WebACLDefinition } from './types.ts';
import { noResources, request } from './waf.fixture.ts';

it('rules and web ACLs of the SDK are validated, counted, compiled and asked as they are', () => {
  const rules: SdkRule[] = [
    {
      Name: 'bots',
      Priority: 0,
      Statement: {
        ByteMatchStatement: {
          SearchString: new TextEncoder().encode('BadBot'),
          PositionalConstraint: 'CONTAINS',
          FieldToMatch: { SingleHeader: { Name: 'user-agent' } },
          TextTransformations: [{ Priority: 0, Type: 'NONE' }],
        },
      },
      Action: { Block: {} },
      VisibilityConfig: { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: 'bots' },
    },
  ];
  const input: CreateWebACLRequest = {
    Name: 'shop',
    Scope: 'REGIONAL',
    DefaultAction: { Allow: {} },
    Rules: rules,
    VisibilityConfig: { SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName: 'shop' },
  };
  const given: Given<readonly Rule[]> = rules;
  const definition: Given<WebACLDefinition> = {
    ...input,
    ARN: 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/shop/1',
  };
  const options = { isRuleGroup: false, scope: 'REGIONAL', bodies: {}, hasMonetization: false } as const;
  validateRules(given, options);
  validateDefaultAction({ Allow: {} }, options);
  expect(capacityOf(given, { ruleGroup: () => undefined, managedRuleGroup: () => undefined })).toBe(10);
  const compiled = compileWebAcl(definition, noResources);
  const bot = request({ headers: [['User-Agent', 'BadBot/1.0']] });
  expect(inspect(compiled, bot, createWafState(), 1_800_000_000_000)).toMatchObject({
    action: 'BLOCK',
    terminatingRuleId: 'bots',
    terminatingRuleMatchDetails: [{ location: 'HEADER', matchedFieldName: 'user-agent', matchedData: ['BadBot'] }],
  });
});
