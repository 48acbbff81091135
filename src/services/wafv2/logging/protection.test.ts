/** What is protected appears nowhere: not in the request's parts, not in what rules found, not under another spelling. */
import type { DataProtection } from '@aws-sdk/client-wafv2';
import { describe, expect, test } from 'vitest';
import { httpRequest, inspected, verdict } from '../../../../test/support/waf-requests.ts';
import type { MatchDetail } from '../../../engines/waf/verdict.ts';
import { logLine } from './line.ts';
import { Protection } from './protection.ts';

const arn = 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/shop/00000000-0000-4000-8000-000000000001';
const secret = 'c2VjcmV0';
const protect = (...DataProtections: DataProtection[]) => new Protection({ DataProtections }, secret);
const evidence = { family: 'sqli', reason: 's3cret ends a string', matched: "s3cret' or 1", confidence: 1 } as const;

const detail = (more: Partial<MatchDetail>): MatchDetail => ({
  conditionType: 'SQL_INJECTION',
  location: 'QUERY_STRING',
  matchedData: ["s3cret' or 1=1"],
  evidence,
  ...more,
});

describe('WAF trap 16: everything that a request shows, with its secret in one place', () => {
  const places: readonly [string, DataProtection, Parameters<typeof httpRequest>[0], Partial<MatchDetail>][] = [
    [
      'a header, whatever its case',
      { Field: { FieldType: 'SINGLE_HEADER', FieldKeys: ['authorization'] }, Action: 'SUBSTITUTION' },
      { headers: [['AUTHORIZATION', 'Bearer s3cret']], query: '' },
      { location: 'HEADER', matchedFieldName: 'Authorization' },
    ],
    [
      'a header, where a rule does not say which',
      { Field: { FieldType: 'SINGLE_HEADER', FieldKeys: ['x-key'] }, Action: 'SUBSTITUTION' },
      { headers: [['x-key', 's3cret']], query: '' },
      { location: 'HEADER' },
    ],
    [
      'a cookie',
      { Field: { FieldType: 'SINGLE_COOKIE', FieldKeys: ['session'] }, Action: 'SUBSTITUTION' },
      { headers: [['Cookie', 'a=1;session=s3cret; session = s3cret']], query: '' },
      { location: 'COOKIE', matchedFieldName: 'session' },
    ],
    [
      'a cookie, found in its header',
      { Field: { FieldType: 'SINGLE_COOKIE', FieldKeys: ['session'] }, Action: 'SUBSTITUTION' },
      { headers: [['cookie', 'session=s3cret']], query: '' },
      { location: 'HEADER', matchedFieldName: 'cookie' },
    ],
    [
      'an argument, by an escaped name and twice',
      { Field: { FieldType: 'SINGLE_QUERY_ARGUMENT', FieldKeys: ['token'] }, Action: 'SUBSTITUTION' },
      { headers: [], query: 'a=1&%74oken=s3cret&TOKEN=s3cret&token=s3cret' },
      { location: 'ALL_QUERY_ARGS', matchedFieldName: 'token' },
    ],
    [
      'an argument, found in the whole query string',
      { Field: { FieldType: 'SINGLE_QUERY_ARGUMENT', FieldKeys: ['token'] }, Action: 'SUBSTITUTION' },
      { headers: [], query: 'token=s3cret' },
      { location: 'QUERY_STRING' },
    ],
    [
      'the query string',
      { Field: { FieldType: 'QUERY_STRING' }, Action: 'SUBSTITUTION' },
      { headers: [], query: 's3cret' },
      { location: 'SINGLE_QUERY_ARG', matchedFieldName: 'x' },
    ],
    [
      'the body',
      { Field: { FieldType: 'BODY' }, Action: 'SUBSTITUTION' },
      { headers: [], query: '' },
      { location: 'JSON_BODY', matchedFieldName: '/pass' },
    ],
    [
      'a header, hashed',
      { Field: { FieldType: 'SINGLE_HEADER', FieldKeys: ['x-key'] }, Action: 'HASH' },
      { headers: [['X-Key', 's3cret']], query: '' },
      { location: 'HEADER', matchedFieldName: 'x-key' },
    ],
  ];
  test.each(places)('%s', (_name, rule, request, found) => {
    const one = inspected(arn, {
      request: httpRequest(request),
      verdict: verdict({
        terminatingRuleMatchDetails: [detail(found)],
        nonTerminatingMatchingRules: [{ ruleId: 'r', action: 'COUNT', ruleMatchDetails: [detail(found)] }],
        ruleGroupList: [
          {
            ruleGroupId: 'g',
            terminatingRule: { ruleId: 'r', action: 'BLOCK', ruleMatchDetails: [detail(found)] },
            nonTerminatingMatchingRules: [{ ruleId: 'r', action: 'COUNT', ruleMatchDetails: [detail(found)] }],
          },
        ],
      }),
    });
    expect(logLine(one, new Protection(undefined, secret))).toContain('s3cret');
    expect(logLine(one, protect(rule))).not.toContain('s3cret');
    expect(JSON.stringify(protect(rule).details([detail(found)]))).not.toContain('s3cret');
  });
});

test('other names of the same part stay readable', () => {
  const some = protect(
    { Field: { FieldType: 'SINGLE_COOKIE', FieldKeys: ['session'] }, Action: 'SUBSTITUTION' },
    { Field: { FieldType: 'SINGLE_QUERY_ARGUMENT', FieldKeys: ['token'] }, Action: 'SUBSTITUTION' },
  );
  expect(some.query('q=coffee&token=s3cret&flag')).toBe('q=coffee&token=REDACTED&flag');
  expect(some.headers([['Cookie', 'theme=dark; session=s3cret']])).toEqual([
    { name: 'Cookie', value: 'theme=dark; session=REDACTED' },
  ]);
  const found = detail({ location: 'SINGLE_QUERY_ARG', matchedFieldName: 'q' });
  expect(some.details([found])).toEqual([found]);
});

test('a hash is the same for the same value, and nobody else can make it', () => {
  const rule: DataProtection = { Field: { FieldType: 'SINGLE_HEADER', FieldKeys: ['x'] }, Action: 'HASH' };
  const [first, second] = protect(rule).headers([
    ['x', '1234'],
    ['x', '1234'],
  ]);
  expect(first).toEqual(second);
  const other = new Protection({ DataProtections: [rule] }, 'b3RoZXI=').headers([['x', '1234']]);
  expect(other[0]?.value).not.toBe(first?.value);
});

test('match details and rates are left alone where the configuration says so', () => {
  const rule: DataProtection = {
    Field: { FieldType: 'SINGLE_HEADER', FieldKeys: ['x-key'] },
    Action: 'SUBSTITUTION',
    ExcludeRuleMatchDetails: true,
    ExcludeRateBasedDetails: true,
  };
  const found = detail({ location: 'HEADER', matchedFieldName: 'x-key' });
  const rate = {
    rateBasedRuleId: 'r',
    rateBasedRuleName: 'r',
    limitKey: 'CUSTOMKEYS',
    maxRateAllowed: 10,
    evaluationWindowSec: 60,
    customValues: [{ key: 'HEADER', name: 'x-key', value: 's3cret' }],
  };
  expect(protect(rule).details([found])).toEqual([found]);
  expect(protect(rule).rates([rate])).toEqual([rate]);
  const strict = protect({ ...rule, ExcludeRuleMatchDetails: false, ExcludeRateBasedDetails: false });
  expect(JSON.stringify(strict.rates([rate]))).not.toContain('s3cret');
});

describe('WAF trap 16: the keys that rates are counted by, and what was found in parts of a protected part', () => {
  const keys = [
    { key: 'HEADER', name: 'x-key', value: 'of x-key' },
    { key: 'COOKIE', name: 'session', value: 'of session' },
    { key: 'QUERY_ARGUMENT', name: 'Token', value: 'of token' },
    { key: 'QUERY_STRING', value: 'of query' },
    { key: 'URI_PATH', value: 'of path' },
    { key: 'HTTP_METHOD', value: 'of method' },
  ];
  const locations = [
    ['HEADER', 'x-key'],
    ['COOKIE', 'session'],
    ['SINGLE_QUERY_ARG', 'token'],
    ['QUERY_STRING', undefined],
    ['URI', undefined],
    ['METHOD', undefined],
  ] as const;
  const hiddenBy = (protection: Protection): string[] => {
    const common = { rateBasedRuleId: 'r', rateBasedRuleName: 'r', limitKey: 'CUSTOMKEYS' };
    const rate = { ...common, maxRateAllowed: 10, evaluationWindowSec: 60, customValues: keys };
    const [shown] = protection.rates([rate]);
    const hidden = keys.filter((_, at) => shown?.customValues?.[at]?.value === 'REDACTED').map(({ key }) => key);
    const found = locations.map(([location, matchedFieldName]) =>
      detail({ location, ...(matchedFieldName && { matchedFieldName }) }),
    );
    const inDetails = protection.details(found).map(({ matchedData }) => matchedData[0] === 'REDACTED');
    expect(inDetails).toEqual(keys.map(({ key }) => hidden.includes(key)));
    return hidden;
  };
  const all = (keys: readonly string[]): DataProtection => ({
    Field: { FieldType: keys[0] as 'BODY', ...(keys[1] && { FieldKeys: [keys[1]] }) },
    Action: 'SUBSTITUTION',
  });

  test.each([
    [{ SingleHeader: { Name: 'X-Key' } }, ['HEADER']],
    [{ SingleHeader: { Name: 'Cookie' } }, ['COOKIE']],
    [{ QueryString: {} }, ['QUERY_ARGUMENT', 'QUERY_STRING']],
    [{ UriPath: {} }, ['URI_PATH']],
    [{ Method: {} }, ['HTTP_METHOD']],
  ])('redacted: %j', (field, hidden) => {
    expect(hiddenBy(new Protection(undefined, secret, [field]))).toEqual(hidden);
  });

  test.each([
    [['SINGLE_HEADER', 'cookie'], ['COOKIE']],
    [['SINGLE_COOKIE', 'session'], ['COOKIE']],
    [
      ['SINGLE_QUERY_ARGUMENT', 'token'],
      ['QUERY_ARGUMENT', 'QUERY_STRING'],
    ],
    [['QUERY_STRING'], ['QUERY_ARGUMENT', 'QUERY_STRING']],
    [['SINGLE_QUERY_ARGUMENT', 'other'], ['QUERY_STRING']],
    [['BODY'], []],
  ])('protected: %j', (field, hidden) => {
    expect(hiddenBy(protect(all(field)))).toEqual(hidden);
  });
});

test('WAF trap 16: redacted fields of a log: header, path, query string and method', () => {
  const all = new Protection(undefined, secret, [
    { SingleHeader: { Name: 'authorization' } },
    { UriPath: {} },
    { QueryString: {} },
    { Method: {} },
  ]);
  const line = JSON.parse(logLine(inspected(arn), all));
  expect(line.httpRequest).toMatchObject({ uri: 'REDACTED', args: 'REDACTED', httpMethod: 'REDACTED' });
  expect(line.httpRequest.headers[2]).toEqual({ name: 'Authorization', value: 'REDACTED' });
  expect(line.httpRequest.headers[0]).toEqual({ name: 'Host', value: 'shop.example' });
});
