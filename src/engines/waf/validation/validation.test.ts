import { describe, expect, it } from 'vitest';
import { InvalidParameter } from '../invalid-parameter.ts';
import type { ManagedRuleGroupConfig, Rule, RuleAction, Statement } from '../types.ts';
import { contains, rule } from '../waf.fixture.ts';
import { type ValidationOptions, validateDefaultAction, validateImmunity, validateRules } from './rules.ts';

const options: ValidationOptions = {
  isRuleGroup: false,
  scope: 'REGIONAL',
  bodies: { sorry: { ContentType: 'TEXT_PLAIN', Content: 'Sorry' } },
  hasMonetization: false,
};

const uri = { FieldToMatch: { UriPath: {} }, TextTransformations: [{ Priority: 0, Type: 'NONE' }] } as const;
const good = contains('x', { UriPath: {} }, 'NONE');
const rate = { Limit: 100, AggregateKeyType: 'IP' } as const;
const group: Statement = { RuleGroupReferenceStatement: { ARN: 'arn' } };

const only = (statement: Statement): Rule => rule('r', 0, statement, { Block: {} });
const grouped = (over: Partial<Rule> = {}, statement: Statement = group): Rule => {
  const { Action: _, ...rest } = rule('r', 0, statement, { Block: {} });
  return { ...rest, OverrideAction: { None: {} }, ...over };
};

function faultOf(rules: readonly Rule[], over: Partial<ValidationOptions> = {}): InvalidParameter | undefined {
  try {
    validateRules(rules, { ...options, ...over });
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidParameter);
    return error as InvalidParameter;
  }
}

describe('rules that AWS takes', () => {
  it.each<readonly [string, Rule]>([
    ['a string match', only(good)],
    ['a group', grouped()],
    ['a group that counts', grouped({ OverrideAction: { Count: {} } })],
    [
      'a rate by two keys',
      only({
        RateBasedStatement: {
          Limit: 10,
          AggregateKeyType: 'CUSTOM_KEYS',
          CustomKeys: [{ IP: {} }, { HTTPMethod: {} }],
        },
      }),
    ],
    [
      'a rate for all within a scope',
      only({ RateBasedStatement: { Limit: 10, AggregateKeyType: 'CONSTANT', ScopeDownStatement: good } }),
    ],
    [
      'a fingerprint',
      only({
        ByteMatchStatement: {
          ...uri,
          FieldToMatch: { JA3Fingerprint: { FallbackBehavior: 'MATCH' } },
          SearchString: 'eA==',
          PositionalConstraint: 'EXACTLY',
        },
      }),
    ],
    [
      'a custom response',
      rule('r', 0, good, { Block: { CustomResponse: { ResponseCode: 429, CustomResponseBodyKey: 'sorry' } } }),
    ],
    ['labels with namespaces', rule('r', 0, good, { Count: {} }, ['a:b:c'])],
    [
      'nested logic',
      only({
        NotStatement: { Statement: { OrStatement: { Statements: [good, { NotStatement: { Statement: good } }] } } },
      }),
    ],
  ])('%s', (_, of) => {
    expect(faultOf([of])).toBeUndefined();
  });
});

describe('rules that AWS refuses', () => {
  it.each<readonly [string, string, Rule]>([
    ['no statement', 'STATEMENT', only({})],
    ['two statements', 'STATEMENT', only({ ...good, GeoMatchStatement: { CountryCodes: ['DE'] } })],
    ['an And of one', 'AND_STATEMENT', only({ AndStatement: { Statements: [good] } })],
    ['an Or of none', 'OR_STATEMENT', only({ OrStatement: { Statements: [] } })],
    ['a rate within Not', 'STATEMENT', only({ NotStatement: { Statement: { RateBasedStatement: rate } } })],
    ['a group within And', 'STATEMENT', only({ AndStatement: { Statements: [good, group] } })],
    [
      'a managed group within a scope-down',
      'STATEMENT',
      only({
        RateBasedStatement: {
          ...rate,
          ScopeDownStatement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'x' } },
        },
      }),
    ],
    ['no field', 'FIELD_TO_MATCH', only({ XssMatchStatement: { ...uri, FieldToMatch: {} } })],
    [
      'two fields',
      'FIELD_TO_MATCH',
      only({ XssMatchStatement: { ...uri, FieldToMatch: { UriPath: {}, Method: {} } } }),
    ],
    [
      'a fingerprint in part',
      'FIELD_TO_MATCH',
      only({
        ByteMatchStatement: {
          ...uri,
          FieldToMatch: { JA3Fingerprint: { FallbackBehavior: 'MATCH' } },
          SearchString: 'eA==',
          PositionalConstraint: 'CONTAINS',
        },
      }),
    ],
    [
      'a fingerprint by regular expression',
      'FIELD_TO_MATCH',
      only({
        RegexMatchStatement: {
          ...uri,
          FieldToMatch: { JA4Fingerprint: { FallbackBehavior: 'MATCH' } },
          RegexString: 'x',
        },
      }),
    ],
    [
      'headers, all and some',
      'HEADER_MATCH_PATTERN',
      only({
        XssMatchStatement: {
          ...uri,
          FieldToMatch: {
            Headers: {
              MatchPattern: { All: {}, IncludedHeaders: ['a'] },
              MatchScope: 'ALL',
              OversizeHandling: 'MATCH',
            },
          },
        },
      }),
    ],
    [
      'a JSON path that is none',
      'JSON_MATCH_PATTERN',
      only({
        XssMatchStatement: {
          ...uri,
          FieldToMatch: { JsonBody: { MatchPattern: { IncludedPaths: ['a/b'] }, MatchScope: 'ALL' } },
        },
      }),
    ],
    ['no transformation', 'TEXT_TRANSFORMATION', only({ XssMatchStatement: { ...uri, TextTransformations: [] } })],
    [
      'eleven transformations',
      'TEXT_TRANSFORMATION',
      only({
        XssMatchStatement: {
          ...uri,
          TextTransformations: Array.from({ length: 11 }, (_, Priority) => ({ Priority, Type: 'NONE' as const })),
        },
      }),
    ],
    [
      'two transformations of one priority',
      'TEXT_TRANSFORMATION',
      only({
        XssMatchStatement: {
          ...uri,
          TextTransformations: [
            { Priority: 1, Type: 'TRIM' },
            { Priority: 1, Type: 'LOWERCASE' },
          ],
        },
      }),
    ],
    [
      'pre-parse transformations of a path',
      'PRE_PARSE_TEXT_TRANSFORMATION',
      only({ XssMatchStatement: { ...uri, PreParseTextTransformations: [{ Priority: 0, Type: 'URL_DECODE' }] } }),
    ],
    [
      'a search for nothing',
      'BYTE_MATCH_STATEMENT',
      only({ ByteMatchStatement: { ...uri, SearchString: '', PositionalConstraint: 'CONTAINS' } }),
    ],
    [
      'a search for 201 bytes',
      'BYTE_MATCH_STATEMENT',
      only({ ByteMatchStatement: { ...uri, SearchString: new Uint8Array(201), PositionalConstraint: 'CONTAINS' } }),
    ],
    [
      'a word that is none',
      'BYTE_MATCH_STATEMENT',
      only({ ByteMatchStatement: { ...uri, SearchString: Buffer.from('a b'), PositionalConstraint: 'CONTAINS_WORD' } }),
    ],
    [
      'a regular expression of 513 characters',
      'REGEX_PATTERN_SET',
      only({ RegexMatchStatement: { ...uri, RegexString: 'x'.repeat(513) } }),
    ],
    ['a lookahead', 'REGEX_PATTERN_SET', only({ RegexMatchStatement: { ...uri, RegexString: 'a(?=b)' } })],
    ['no country', 'GEO_MATCH_STATEMENT', only({ GeoMatchStatement: { CountryCodes: [] } })],
    ['a limit of 9', 'RATE_BASED_STATEMENT', only({ RateBasedStatement: { ...rate, Limit: 9 } })],
    ['a window of 90 s', 'RATE_BASED_STATEMENT', only({ RateBasedStatement: { ...rate, EvaluationWindowSec: 90 } })],
    [
      'a constant rate without a scope',
      'SCOPE_DOWN',
      only({ RateBasedStatement: { Limit: 10, AggregateKeyType: 'CONSTANT' } }),
    ],
    [
      'a rate by forwarded address without a header',
      'FORWARDED_IP_CONFIG',
      only({ RateBasedStatement: { Limit: 10, AggregateKeyType: 'FORWARDED_IP' } }),
    ],
    [
      'custom keys without keys',
      'CUSTOM_KEYS',
      only({ RateBasedStatement: { Limit: 10, AggregateKeyType: 'CUSTOM_KEYS' } }),
    ],
    [
      'six custom keys',
      'CUSTOM_KEYS',
      only({
        RateBasedStatement: {
          Limit: 10,
          AggregateKeyType: 'CUSTOM_KEYS',
          CustomKeys: Array.from({ length: 6 }, () => ({ HTTPMethod: {} })),
        },
      }),
    ],
    [
      'an address as the only custom key',
      'CUSTOM_KEYS',
      only({ RateBasedStatement: { Limit: 10, AggregateKeyType: 'CUSTOM_KEYS', CustomKeys: [{ IP: {} }] } }),
    ],
    ['an empty action', 'RULE_ACTION', rule('r', 0, good, {})],
    ['two actions', 'RULE_ACTION', rule('r', 0, good, { Block: {}, Count: {} })],
    ['a group with an empty override', 'OVERRIDE_ACTION', grouped({ OverrideAction: {} })],
    [
      'a body that is not there',
      'CUSTOM_RESPONSE_BODY',
      rule('r', 0, good, { Block: { CustomResponse: { ResponseCode: 403, CustomResponseBodyKey: 'none' } } }),
    ],
    [
      'a status code that is not allowed',
      'CUSTOM_RESPONSE',
      rule('r', 0, good, { Block: { CustomResponse: { ResponseCode: 418 } } }),
    ],
    [
      'a content type in a response',
      'HEADER_NAME',
      rule('r', 0, good, {
        Block: { CustomResponse: { ResponseCode: 403, ResponseHeaders: [{ Name: 'Content-Type', Value: 'x' }] } },
      }),
    ],
    [
      'a header twice',
      'CUSTOM_REQUEST_HANDLING',
      rule('r', 0, good, {
        Count: {
          CustomRequestHandling: {
            InsertHeaders: [
              { Name: 'a', Value: '1' },
              { Name: 'A', Value: '2' },
            ],
          },
        },
      }),
    ],
    ['charging on a load balancer', 'RULE_ACTION', rule('r', 0, good, { Monetize: {} })],
    ['a reserved label', 'RULE', rule('r', 0, good, { Count: {} }, ['a:aws:b'])],
    [
      'a rule overridden and excluded',
      'EXCLUDED_RULE',
      grouped(
        {},
        {
          RuleGroupReferenceStatement: {
            ARN: 'arn',
            ExcludedRules: [{ Name: 'x' }],
            RuleActionOverrides: [{ Name: 'x', ActionToUse: { Count: {} } }],
          },
        },
      ),
    ],
    [
      'an override to nothing',
      'RULE_ACTION',
      grouped(
        {},
        { RuleGroupReferenceStatement: { ARN: 'arn', RuleActionOverrides: [{ Name: 'x', ActionToUse: {} }] } },
      ),
    ],
    [
      'account takeover prevention without a login path',
      'MANAGED_RULE_GROUP_CONFIG',
      grouped({}, { ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'AWSManagedRulesATPRuleSet' } }),
    ],
    [
      'a challenge that holds for a minute',
      'CHALLENGE_CONFIG',
      { ...only(good), ChallengeConfig: { ImmunityTimeProperty: { ImmunityTime: 60 } } },
    ],
  ])('%s', (_, field, of) => {
    expect(faultOf([of])?.Field).toBe(field);
  });

  const { Action: _none, ...unanswered } = only(good);
  const { OverrideAction: _no, ...ungrouped } = grouped();
  const exactlyOne = 'You have used none or multiple values for a field that requires exactly one value.';
  const reference = 'A reference in your rule statement is not valid.';
  it.each<readonly [string, string, string, Rule]>([
    ['no action', 'Rule', exactlyOne, unanswered],
    ['an action and an override', 'Rule', exactlyOne, { ...only(good), OverrideAction: { None: {} } }],
    ['a group without an override', 'Rule', exactlyOne, ungrouped],
    ['a group with both', 'Rule', exactlyOne, grouped({ Action: { Block: {} } })],
    ['a group with an action', 'Statement', reference, { ...ungrouped, Action: { Block: {} } }],
    ['an override without a group', 'Statement', reference, { ...unanswered, OverrideAction: { None: {} } }],
  ])('%s: of the rule as a whole', (_, Parameter, Reason, of) => {
    expect(faultOf([of])).toMatchObject({ Field: 'RULE', Parameter, Reason });
  });

  it('rates that allow or charge', () => {
    const limiting = (action: RuleAction) => rule('r', 0, { RateBasedStatement: rate }, action);
    const paid = { scope: 'CLOUDFRONT', hasMonetization: true } as const;
    expect(faultOf([limiting({ Allow: {} })])).toMatchObject({ Field: 'RULE_ACTION', Parameter: 'Allow' });
    expect(faultOf([limiting({ Monetize: {} })], paid)).toMatchObject({ Field: 'RULE_ACTION', Parameter: 'Monetize' });
    expect(faultOf([rule('r', 0, good, { Monetize: {} })], paid)).toBeUndefined();
    for (const action of [{ Block: {} }, { Count: {} }, { Captcha: {} }, { Challenge: {} }]) {
      expect(faultOf([limiting(action)])).toBeUndefined();
    }
  });

  it('labels with more than five namespaces, or parts of more than 128 characters', () => {
    const labelled = (label: string) => faultOf([rule('r', 0, good, { Count: {} }, [label])])?.Field;
    expect(labelled('a:b:c:d:e:f')).toBeUndefined();
    expect(labelled('a:b:c:d:e:f:g')).toBe('RULE');
    expect(labelled(`a:${'x'.repeat(128)}`)).toBeUndefined();
    expect(labelled(`${'x'.repeat(129)}:a`)).toBe('RULE');
  });

  it('challenges of all, without what is exempt', () => {
    const challenging = (challenge: object) =>
      faultOf([
        grouped(
          {},
          {
            ManagedRuleGroupStatement: {
              VendorName: 'AWS',
              Name: 'AWSManagedRulesAntiDDoSRuleSet',
              ManagedRuleGroupConfigs: [
                { AWSManagedRulesAntiDDoSRuleSet: { ClientSideActionConfig: { Challenge: challenge as never } } },
              ],
            },
          },
        ),
      ])?.Parameter;
    const exempt = (count: number, RegexString = '/api/') => ({
      UsageOfAction: 'ENABLED',
      ExemptUriRegularExpressions: Array.from({ length: count }, () => ({ RegexString })),
    });
    expect(challenging({ UsageOfAction: 'DISABLED' })).toBeUndefined();
    expect(challenging({ UsageOfAction: 'ENABLED' })).toBe('ExemptUriRegularExpressions');
    expect(challenging(exempt(0))).toBe('ExemptUriRegularExpressions');
    expect(challenging(exempt(5))).toBeUndefined();
    expect(challenging(exempt(6))).toBe('ExemptUriRegularExpressions');
    expect(challenging(exempt(1, '('))).toBe('(');
  });

  it('settings of another group, and those that nothing acts upon', () => {
    const of = (VendorName: string, Name: string, ...ManagedRuleGroupConfigs: ManagedRuleGroupConfig[]) =>
      grouped({}, { ManagedRuleGroupStatement: { VendorName, Name, ManagedRuleGroupConfigs } });
    const bots = { AWSManagedRulesBotControlRuleSet: { InspectionLevel: 'TARGETED' } } as const;
    expect(faultOf([of('AWS', 'AWSManagedRulesBotControlRuleSet', bots)])).toBeUndefined();
    const wrong = { Field: 'MANAGED_RULE_GROUP_CONFIG', Parameter: 'AWSManagedRulesBotControlRuleSet' };
    expect(faultOf([of('AWS', 'AWSManagedRulesCommonRuleSet', bots)])).toMatchObject(wrong);
    expect(faultOf([of('Fence', 'AWSManagedRulesBotControlRuleSet', bots)])).toMatchObject(wrong);
    const older = [{ LoginPath: '/in' }, { PayloadType: 'JSON' }, { UsernameField: { Identifier: '/u' } }] as const;
    expect(faultOf([of('AWS', 'AWSManagedRulesATPRuleSet', ...older)])).toBeUndefined();
    expect(faultOf([of('AWS', 'AWSManagedRulesBotControlRuleSet', older[0])])?.Parameter).toBe('LoginPath');
    const ResponseInspection = { StatusCode: { SuccessCodes: [200], FailureCodes: [401] } };
    const logins = { AWSManagedRulesATPRuleSet: { LoginPath: '/in', ResponseInspection } };
    const rules = [of('AWS', 'AWSManagedRulesATPRuleSet', logins)];
    expect(faultOf(rules)).toMatchObject({
      Field: 'ATP_RULE_SET_RESPONSE_INSPECTION',
      Reason: expect.stringContaining("can't be used"),
    });
    expect(faultOf(rules, { scope: 'CLOUDFRONT' })?.Reason).toBe('It is not built. Leave it out.');
    const RequestInspection = { PayloadType: 'JSON' } as const;
    const paths = { CreationPath: '/new', RegistrationPagePath: '/page', RequestInspection };
    const registering = (more: object) =>
      of('AWS', 'AWSManagedRulesACFPRuleSet', { AWSManagedRulesACFPRuleSet: { ...paths, ...more } });
    expect(faultOf([registering({})])).toBeUndefined();
    expect(faultOf([registering({ ResponseInspection })])?.Field).toBe('ACP_RULE_SET_RESPONSE_INSPECTION');
  });

  it('more than 50 countries, or 10 headers, in one place', () => {
    const countries = Array.from({ length: 51 }, (_, n) => `A${n}`);
    const geo = (CountryCodes: readonly string[]) => faultOf([only({ GeoMatchStatement: { CountryCodes } })]);
    expect(geo(countries)).toMatchObject({ Field: 'GEO_MATCH_STATEMENT', Parameter: 'CountryCodes' });
    expect(geo(countries.slice(1))).toBeUndefined();
    const headers = Array.from({ length: 11 }, (_, n) => ({ Name: `h${n}`, Value: 'x' }));
    expect(faultOf([responding(headers)])?.Parameter).toBe('ResponseHeaders');
    expect(faultOf([inserting(headers)])?.Parameter).toBe('InsertHeaders');
    expect(faultOf([responding(headers.slice(1))])).toBeUndefined();
    expect(faultOf([inserting(headers.slice(1))])).toBeUndefined();
  });

  const saying = (Name: string, Value: string) => [{ Name, Value }];
  const responding = (headers: ReturnType<typeof saying>): Rule =>
    rule('r', 0, good, { Block: { CustomResponse: { ResponseCode: 403, ResponseHeaders: headers } } });
  const inserting = (headers: ReturnType<typeof saying>): Rule =>
    rule('r', 0, good, { Count: { CustomRequestHandling: { InsertHeaders: headers } } });
  it.each(['a\r\nb: c', 'a\n', '\0', 'a\x7f', 'a\x85', 'a\u2028b'])('a header whose value is %j', (value) => {
    expect(faultOf([responding(saying('x', value))])).toMatchObject({ Field: 'CUSTOM_RESPONSE', Parameter: 'x' });
    expect(faultOf([inserting(saying('x', value))])).toMatchObject({
      Field: 'CUSTOM_REQUEST_HANDLING',
      Parameter: 'x',
    });
  });

  it('not text in other scripts, nor tabs', () => {
    expect(faultOf([responding(saying('x', 'a\tb é ✓ 😀'))])).toBeUndefined();
    expect(faultOf([inserting(saying('x', 'a\tb é ✓ 😀'))])).toBeUndefined();
  });

  it.each([
    'Content-Type',
    'Content-Length',
    'transfer-encoding',
    'Connection',
    'Trailer',
    'Upgrade',
    'Keep-Alive',
    'TE',
  ])('%s in a response, which those who send it write', (name) => {
    expect(faultOf([responding(saying(name, 'x'))])).toMatchObject({
      Field: 'HEADER_NAME',
      Parameter: name.toLowerCase(),
    });
    expect(faultOf([inserting(saying(name, 'x'))])).toBeUndefined();
  });

  it('two rules of one name, and two of one priority', () => {
    expect(faultOf([rule('r', 0, good, { Block: {} }), rule('r', 1, good, { Block: {} })])?.Parameter).toBe('Name: r');
    expect(faultOf([rule('a', 1, good, { Block: {} }), rule('b', 1, good, { Block: {} })])?.Parameter).toBe(
      'Priority: 1',
    );
  });

  it('groups within groups', () => {
    expect(faultOf([grouped()], { isRuleGroup: true })?.Field).toBe('STATEMENT');
  });

  it('more than a hundred labels', () => {
    const labels = Array.from({ length: 101 }, (_, index) => `l${index}`);
    expect(faultOf([rule('r', 0, good, { Count: {} }, labels)])?.Parameter).toBe('RuleLabels');
  });

  it('default actions and immunity times of the web ACL', () => {
    expect(() => validateDefaultAction({ Block: {}, Allow: {} }, options)).toThrow('DEFAULT_ACTION');
    expect(() => validateDefaultAction({ Block: {} }, options)).not.toThrow();
    expect(() => validateImmunity('CaptchaConfig', { ImmunityTimeProperty: { ImmunityTime: 59 } })).toThrow(
      InvalidParameter,
    );
    expect(() => validateImmunity('CaptchaConfig', { ImmunityTimeProperty: { ImmunityTime: 60 } })).not.toThrow();
  });

  it('says so in the form of AWS', () => {
    const fault = faultOf([only({})]);
    expect(fault?.message).toBe(
      'Error reason: You have used none or multiple values for a field that requires exactly one value., field: STATEMENT, parameter: Statement',
    );
  });
});
