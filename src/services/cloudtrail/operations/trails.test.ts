/** Trails: names, buckets that must agree, homes and shadows, selectors, tags, and what is refused as not built. */
import { beforeEach, describe, expect, test } from 'vitest';
import { account, Bench, type CallOptions } from '../../../../test/support/call.ts';
import { openMemoryStore } from '../../../store/memory.ts';
import { AwsError, type Call, type Operation } from '../../service.ts';
import type { CloudTrailPorts } from '../ports.ts';
import { CreateTrail } from './create-trail.ts';
import { DeleteTrail } from './delete-trail.ts';
import { DescribeTrails, GetTrail, ListTrails } from './describe-trails.ts';
import { GetEventSelectors, PutEventSelectors } from './event-selectors.ts';
import { ListPublicKeys } from './list-public-keys.ts';
import { StartLogging } from './logging.ts';
import { AddTags, ListTags, RemoveTags } from './tags.ts';
import { UpdateTrail } from './update-trail.ts';

let bench: Bench<CloudTrailPorts>;
let asked: string[];
let refusal: string | undefined;

const actor: Call['actor'] = {
  async call(_identity, _service, operation, input) {
    asked.push(`${operation} ${(input as { Key?: string }).Key ?? ''}`.trim());
    if (refusal) throw new AwsError(refusal, 'refused');
    return {};
  },
  authorize: async () => undefined,
};

async function run<I, O>(declared: Operation<I, O, CloudTrailPorts>, input: I, options: CallOptions = {}) {
  const call = { ...bench.call('x', options), actor };
  const output = await declared.handle(input as never, call, bench.ports);
  await bench.store.commit(call.change);
  return output;
}

const elsewhere: CallOptions = { region: 'eu-west-1' };
const arn = `arn:aws:cloudtrail:us-east-1:${account}:trail/audit`;
const create = (more: object = {}, options?: CallOptions) =>
  run(CreateTrail, { Name: 'audit', S3BucketName: 'logs', ...more }, options);

beforeEach(() => {
  const store = openMemoryStore();
  bench = new Bench({ store, regions: [], deliverySeconds: 5 }, store);
  asked = [];
  refusal = undefined;
});

describe('CreateTrail', () => {
  test('asks the bucket before it accepts', async () => {
    expect(await create({ S3KeyPrefix: 'shop', EnableLogFileValidation: true })).toEqual({
      Name: 'audit',
      S3BucketName: 'logs',
      S3KeyPrefix: 'shop',
      IncludeGlobalServiceEvents: true,
      IsMultiRegionTrail: false,
      TrailARN: arn,
      LogFileValidationEnabled: true,
      IsOrganizationTrail: false,
    });
    expect(asked).toEqual([
      'GetBucketAcl',
      `PutObject shop/AWSLogs/${account}/CloudTrail/`,
      `PutObject shop/AWSLogs/${account}/CloudTrail-Digest/`,
    ]);
  });

  test.each([
    ['NoSuchBucket', 'S3BucketDoesNotExistException', 'S3 bucket logs does not exist!'],
    ['AccessDenied', 'InsufficientS3BucketPolicyException', 'Incorrect S3 bucket policy is detected for bucket: logs'],
  ])('tells what %s means', async (code, expected, message) => {
    refusal = code;
    await expect(create()).rejects.toMatchObject({ code: expected, message });
    expect(await run(ListTrails, {})).toEqual({ Trails: [] });
  });

  test.each([
    ['', 'Trail name cannot be blank!'],
    ['ab', /too short/],
    ['a'.repeat(129), /too long/],
    ['a b c', /can only contain/],
    ['-abc', /starts with/],
    ['abc-', /ends with/],
    ['a..bc', /adjacent/],
    ['192.168.5.4', /IP address/],
  ])('refuses the name %j', async (Name, message) => {
    await expect(create({ Name })).rejects.toMatchObject({ code: 'InvalidTrailNameException' });
    await expect(create({ Name })).rejects.toThrow(message);
  });

  test.each([
    [{ S3BucketName: 'A_B' }, 'InvalidS3BucketNameException'],
    [{ S3KeyPrefix: '/x' }, 'InvalidS3PrefixException'],
    [{ S3KeyPrefix: 'x'.repeat(201) }, 'InvalidS3PrefixException'],
    [{ IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false }, 'InvalidParameterCombinationException'],
    [{ SnsTopicName: 'topic' }, 'UnsupportedOperationException'],
    [{ CloudWatchLogsLogGroupArn: 'arn' }, 'UnsupportedOperationException'],
    [{ IsOrganizationTrail: true }, 'OrganizationsNotInUseException'],
    [{ TagsList: [{ Key: 'aws:x', Value: '' }] }, 'InvalidTagParameterException'],
  ])('refuses %j', async (input, code) => {
    await expect(create(input)).rejects.toMatchObject({ code });
    expect(asked).toEqual([]);
  });

  test('keeps names unique and trails few', async () => {
    await create();
    await expect(create()).rejects.toMatchObject({
      code: 'TrailAlreadyExistsException',
      message: `Trail audit already exists for customer: ${account}`,
    });
    for (const Name of ['two', 'three', 'four', 'five']) await create({ Name });
    await expect(create({ Name: 'six' })).rejects.toMatchObject({
      code: 'MaximumNumberOfTrailsExceededException',
      message: `User: ${account} already has 5 trails in us-east-1.`,
    });
    await create({}, elsewhere);
  });

  test('needs AddTags as well when it tags', async () => {
    const input = { Name: 'audit', S3BucketName: 'logs', TagsList: [{ Key: 'team', Value: 'bar' }] };
    const checks = await bench.checks('CreateTrail', CreateTrail, input);
    expect(checks.map((check) => check.action)).toEqual(['cloudtrail:CreateTrail', 'cloudtrail:AddTags']);
    expect(checks[0]).toMatchObject({
      resource: { arn, account },
      context: { 'aws:RequestTag/team': 'bar', 'aws:TagKeys': ['team'] },
    });
  });
});

describe('homes and shadows', () => {
  test('a single-region trail is unknown elsewhere; a multi-region trail is a shadow there', async () => {
    await create();
    await expect(run(GetTrail, { Name: arn }, elsewhere)).rejects.toMatchObject({
      code: 'TrailNotFoundException',
      message: `Unknown trail: ${arn} for the user: ${account}`,
    });
    await run(UpdateTrail, { Name: 'audit', IsMultiRegionTrail: true });
    expect(await run(GetTrail, { Name: arn }, elsewhere)).toMatchObject({ Trail: { HomeRegion: 'us-east-1' } });
    expect(await run(DescribeTrails, {}, elsewhere)).toMatchObject({ trailList: [{ Name: 'audit' }] });
    expect(await run(DescribeTrails, { includeShadowTrails: false }, elsewhere)).toEqual({ trailList: [] });
    await expect(run(StartLogging, { Name: arn }, elsewhere)).rejects.toMatchObject({
      code: 'InvalidHomeRegionException',
    });
  });

  test.each(['arn:aws:s3:::x', 'arn:aws:cloudtrail:us-east-1:1:trail/abc', `${arn}:x`])(
    '%s is no trail',
    async (Name) => {
      await expect(run(GetTrail, { Name })).rejects.toMatchObject({ code: 'CloudTrailARNInvalidException' });
    },
  );

  test('another account’s trail is unknown', async () => {
    await create();
    const caller = {
      principal: { kind: 'root', account: '444455556666', arn: 'arn:aws:iam::444455556666:root', id: '444455556666' },
      account: '444455556666',
    } as const;
    await expect(run(DeleteTrail, { Name: arn }, { caller })).rejects.toMatchObject({ code: 'TrailNotFoundException' });
    expect(await run(DescribeTrails, { trailNameList: [arn] }, { caller })).toEqual({ trailList: [] });
  });
});

test('UpdateTrail changes only what is given, and an empty prefix takes it away', async () => {
  await create({ S3KeyPrefix: 'shop', EnableLogFileValidation: true });
  expect(await run(UpdateTrail, { Name: 'audit', S3BucketName: 'other-logs' })).toMatchObject({
    S3BucketName: 'other-logs',
    S3KeyPrefix: 'shop',
    LogFileValidationEnabled: true,
  });
  expect(await run(UpdateTrail, { Name: 'audit', S3KeyPrefix: '' })).not.toHaveProperty('S3KeyPrefix');
  refusal = 'AccessDenied';
  await expect(run(UpdateTrail, { Name: 'audit', S3BucketName: 'closed' })).rejects.toMatchObject({
    code: 'InsufficientS3BucketPolicyException',
  });
});

describe('event selectors', () => {
  test('default to all management events', async () => {
    await create();
    expect(await run(GetEventSelectors, { TrailName: 'audit' })).toEqual({
      TrailARN: arn,
      EventSelectors: [
        { ReadWriteType: 'All', IncludeManagementEvents: true, DataResources: [], ExcludeManagementEventSources: [] },
      ],
    });
  });

  test('of one kind replace those of the other', async () => {
    await create();
    const fields = [
      { Field: 'eventCategory', Equals: ['Data'] },
      { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
      { Field: 'resources.ARN', StartsWith: ['arn:aws:s3:::receipts/'] },
    ];
    const advanced = { AdvancedEventSelectors: [{ Name: 'receipts', FieldSelectors: fields }] };
    await run(PutEventSelectors, { TrailName: 'audit', ...advanced });
    expect(await run(GetEventSelectors, { TrailName: 'audit' })).toEqual({ TrailARN: arn, ...advanced });
    await run(PutEventSelectors, { TrailName: 'audit', EventSelectors: [{ ReadWriteType: 'WriteOnly' }] });
    const answer = await run(GetEventSelectors, { TrailName: 'audit' });
    expect(answer).not.toHaveProperty('AdvancedEventSelectors');
    expect(answer).toMatchObject({ EventSelectors: [{ ReadWriteType: 'WriteOnly' }] });
    expect(await run(GetTrail, { Name: 'audit' })).toMatchObject({ Trail: { HasCustomEventSelectors: true } });
  });

  const field = (Field: string, ...Equals: string[]) => ({ Field, Equals });
  test.each([
    {},
    { EventSelectors: [], AdvancedEventSelectors: [] },
    { EventSelectors: [] },
    { EventSelectors: Array.from({ length: 6 }, () => ({})) },
    { EventSelectors: [{ DataResources: [{ Type: 'AWS::Nothing', Values: [] }] }] },
    { EventSelectors: [{ DataResources: [{ Type: 'AWS::S3::Object', Values: ['receipts'] }] }] },
    { EventSelectors: [{ ExcludeManagementEventSources: ['iam.amazonaws.com'] }] },
    { AdvancedEventSelectors: [{ FieldSelectors: [field('readOnly', 'true')] }] },
    { AdvancedEventSelectors: [{ FieldSelectors: [field('eventCategory', 'Data')] }] },
    {
      AdvancedEventSelectors: [{ FieldSelectors: [field('eventCategory', 'Management'), field('resources.ARN', 'x')] }],
    },
    { AdvancedEventSelectors: [{ FieldSelectors: [field('eventCategory', 'Management'), field('readOnly', 'no')] }] },
    { AdvancedEventSelectors: [{ FieldSelectors: [field('eventCategory', 'Management'), { Field: 'eventSource' }] }] },
  ])('%j are refused', async (input) => {
    await create();
    await expect(run(PutEventSelectors, { TrailName: 'audit', ...input } as never)).rejects.toMatchObject({
      code: 'InvalidEventSelectorsException',
    });
  });
});

test('tags come, are listed, and go', async () => {
  await create({ TagsList: [{ Key: 'team', Value: 'bar' }] });
  await run(AddTags, { ResourceId: arn, TagsList: [{ Key: 'shift', Value: 'morning' }] });
  await run(RemoveTags, { ResourceId: arn, TagsList: [{ Key: 'team' }] });
  expect(await run(ListTags, { ResourceIdList: [arn] })).toEqual({
    ResourceTagList: [{ ResourceId: arn, TagsList: [{ Key: 'shift', Value: 'morning' }] }],
  });
  const [check] = await bench.checks('AddTags', AddTags, { ResourceId: arn, TagsList: [] });
  expect(check?.resource.tags).toEqual({ shift: 'morning' });
  const many = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
  await expect(run(AddTags, { ResourceId: arn, TagsList: many })).rejects.toMatchObject({
    code: 'TagsLimitExceededException',
  });
  await expect(run(ListTags, { ResourceIdList: [`${arn}2`] })).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
  });
  await expect(run(ListTags, { ResourceIdList: ['audit'] })).rejects.toMatchObject({
    code: 'CloudTrailARNInvalidException',
  });
});

test('ListPublicKeys wants a start that is not after the end', async () => {
  expect(await run(ListPublicKeys, {})).toEqual({ PublicKeyList: [] });
  await expect(run(ListPublicKeys, { StartTime: new Date(2), EndTime: new Date(1) })).rejects.toMatchObject({
    code: 'InvalidTimeRangeException',
  });
});
