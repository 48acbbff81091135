/** Event selectors over records: basic and advanced, each operator, and what a missing field does. */
import { describe, expect, test } from 'vitest';
import type { CloudTrailRecord } from '../../events/api-call.ts';
import { type Selection, selects, wantsData } from './selectors.ts';

const record = (more: object): CloudTrailRecord =>
  ({
    eventCategory: 'Management',
    managementEvent: true,
    eventSource: 'iam.amazonaws.com',
    eventName: 'CreateUser',
    readOnly: false,
    eventType: 'AwsApiCall',
    userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/rudy' },
    ...more,
  }) as unknown as CloudTrailRecord;

const object = (arn: string, more: object = {}) =>
  record({
    eventCategory: 'Data',
    managementEvent: false,
    eventSource: 's3.amazonaws.com',
    eventName: 'PutObject',
    resources: [
      { type: 'AWS::S3::Object', ARN: arn },
      { type: 'AWS::S3::Bucket', ARN: arn.slice(0, arn.indexOf('/')) },
    ],
    ...more,
  });

const basic = (more: object): Selection => ({
  selectors: [{ readWrite: 'All', management: true, exclude: [], data: [], ...more }],
});
const data = (...values: string[]) => basic({ management: false, data: [{ type: 'AWS::S3::Object', values }] });

describe('basic selectors', () => {
  test('take management events by default and no data events', () => {
    expect(selects({}, record({}))).toBe(true);
    expect(selects({}, object('arn:aws:s3:::b/k'))).toBe(false);
    expect(wantsData({})).toBe(false);
  });

  test('tell reads from writes, and leave sources out', () => {
    expect(selects(basic({ readWrite: 'ReadOnly' }), record({}))).toBe(false);
    expect(selects(basic({ readWrite: 'ReadOnly' }), record({ readOnly: true }))).toBe(true);
    expect(selects(basic({ readWrite: 'WriteOnly' }), record({ readOnly: true }))).toBe(false);
    expect(selects(basic({ exclude: ['kms.amazonaws.com'] }), record({ eventSource: 'kms.amazonaws.com' }))).toBe(
      false,
    );
    expect(selects(basic({ management: false }), record({}))).toBe(false);
  });

  test.each([
    ['arn:aws:s3', true],
    ['arn:aws:s3:::', true],
    ['arn:aws:s3:::receipts/', true],
    ['arn:aws:s3:::receipts/2026/', true],
    ['arn:aws:s3:::receipts/2025/', false],
    ['arn:aws:s3:::receipt/', false],
  ])('%s covers an object of receipts: %s', (value, expected) => {
    expect(selects(data(value), object('arn:aws:s3:::receipts/2026/a'))).toBe(expected);
    expect(selects(data(value), record({}))).toBe(false);
    expect(wantsData(data(value))).toBe(true);
  });
});

test.each([
  ['arn:aws:s3', true],
  ['arn:aws:s3:::receipts/', true],
  ['arn:aws:s3:::receipts/2026/', true],
  ['arn:aws:s3:::receipts/2026/11/', false],
])('%s covers a list of receipts/2026/: %s', (value, expected) => {
  const list = object('', { resources: [{ type: 'AWS::S3::Object', ARNPrefix: 'arn:aws:s3:::receipts/2026/' }] });
  expect(selects(data(value), list)).toBe(expected);
  const fields = [{ field: 'resources.ARN', conditions: { StartsWith: ['arn:aws:s3:::receipts/'] } }];
  expect(selects({ advanced: [{ fields }] }, list)).toBe(true);
});

describe('advanced selectors', () => {
  const advanced = (...fields: [string, object][]): Selection => ({
    advanced: [{ fields: fields.map(([field, conditions]) => ({ field, conditions })) }],
  });
  const s3: [string, object] = ['eventCategory', { Equals: ['Data'] }];

  test.each([
    [{ Equals: ['arn:aws:s3:::b/k.txt'] }, true],
    [{ Equals: ['arn:aws:s3:::b/k'] }, false],
    [{ NotEquals: ['arn:aws:s3:::b/k.txt'] }, false],
    [{ StartsWith: ['arn:aws:s3:::b/'] }, true],
    [{ NotStartsWith: ['arn:aws:s3:::b/'] }, false],
    [{ EndsWith: ['.txt', '.pdf'] }, true],
    [{ NotEndsWith: ['.pdf'] }, true],
    [{ StartsWith: ['arn:aws:s3:::b/'], NotEndsWith: ['.txt'] }, false],
  ])('%j of resources.ARN: %s', (conditions, expected) => {
    expect(selects(advanced(s3, ['resources.ARN', conditions]), object('arn:aws:s3:::b/k.txt'))).toBe(expected);
  });

  test('all fields of a selector must hold, any selector suffices', () => {
    const one = advanced(s3, ['readOnly', { Equals: ['true'] }]);
    const other = advanced(s3, ['eventName', { Equals: ['PutObject'] }]);
    const written = object('arn:aws:s3:::b/k');
    expect(selects(one, written)).toBe(false);
    expect(selects({ advanced: [...(one.advanced ?? []), ...(other.advanced ?? [])] }, written)).toBe(true);
  });

  test('a field that an event lacks fails positive operators and meets negative ones', () => {
    const nobody = record({ userIdentity: { type: 'AWSAccount' } });
    expect(selects(advanced(['userIdentity.arn', { StartsWith: ['arn'] }]), nobody)).toBe(false);
    expect(selects(advanced(['userIdentity.arn', { NotStartsWith: ['arn'] }]), nobody)).toBe(true);
    expect(selects(advanced(['resources.type', { Equals: ['AWS::S3::Bucket'] }]), object('arn:aws:s3:::b/k'))).toBe(
      false,
    );
  });
});
