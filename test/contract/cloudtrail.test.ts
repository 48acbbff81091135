/** CloudTrail with the SDK: what was done is found, delivered, signed, and refused to those who may not know. */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import {
  AddTagsCommand,
  CloudTrailClient,
  CreateTrailCommand,
  DeleteTrailCommand,
  DescribeTrailsCommand,
  type Event,
  GetEventSelectorsCommand,
  GetTrailCommand,
  GetTrailStatusCommand,
  ListPublicKeysCommand,
  ListTagsCommand,
  ListTrailsCommand,
  LookupEventsCommand,
  type LookupEventsCommandInput,
  PutEventSelectorsCommand,
  RemoveTagsCommand,
  StartLoggingCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail';
import { CreateRoleCommand, CreateUserCommand, DeleteUserCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  DeletePublicAccessBlockCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accountId, nobodyKeys, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';

const arn = `arn:aws:cloudtrail:us-east-1:${accountId}:trail/audit`;
let instance: TestInstance;
let cloudtrail: CloudTrailClient;
let nobody: CloudTrailClient;
let iam: IAMClient;
let s3: S3Client;

beforeAll(async () => {
  instance = await startInstance();
  cloudtrail = new CloudTrailClient(instance.clientOptions());
  nobody = new CloudTrailClient(instance.clientOptions(nobodyKeys));
  iam = new IAMClient(instance.clientOptions());
  s3 = new S3Client(instance.clientOptions());
});

afterAll(async () => {
  for (const client of [cloudtrail, nobody, iam, s3]) client.destroy();
  await instance.stop();
});

/** The bucket policy of the CloudTrail User Guide, for one trail. */
const bucketPolicy = (bucket: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'cloudtrail.amazonaws.com' },
        Action: 's3:GetBucketAcl',
        Resource: `arn:aws:s3:::${bucket}`,
        Condition: { StringEquals: { 'aws:SourceArn': arn } },
      },
      {
        Effect: 'Allow',
        Principal: { Service: 'cloudtrail.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: `arn:aws:s3:::${bucket}/AWSLogs/${accountId}/*`,
        Condition: { StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control', 'aws:SourceArn': arn } },
      },
    ],
  });

async function lookup(input: LookupEventsCommandInput): Promise<Event[]> {
  return (await cloudtrail.send(new LookupEventsCommand(input))).Events ?? [];
}

const by = (AttributeKey: 'EventName' | 'Username' | 'ResourceName', AttributeValue: string) => ({
  LookupAttributes: [{ AttributeKey, AttributeValue }],
});

const recordOf = (event: Event | undefined) => JSON.parse(event?.CloudTrailEvent ?? '{}') as Record<string, unknown>;

async function keys(prefix: string): Promise<string[]> {
  const listed = await s3.send(new ListObjectsV2Command({ Bucket: 'audit-logs', Prefix: prefix }));
  return (listed.Contents ?? []).map((object) => object.Key ?? '').filter((key) => key.endsWith('.gz'));
}

interface LogFile {
  readonly Records: Record<string, unknown>[];
}

interface Digest {
  readonly digestEndTime: string;
  readonly digestS3Bucket: string;
  readonly digestS3Object: string;
  readonly digestPublicKeyFingerprint: string;
  readonly previousDigestSignature: string | null;
  readonly logFiles: readonly { readonly s3Object: string; readonly hashValue: string }[];
}

async function read(Key: string) {
  const object = await s3.send(new GetObjectCommand({ Bucket: 'audit-logs', Key }));
  const content = gunzipSync(await object.Body!.transformToByteArray());
  return { content, json: JSON.parse(content.toString()) as LogFile & Digest, metadata: object.Metadata ?? {} };
}

describe('LookupEvents', () => {
  test('finds what was done, by whom, and what was denied', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'rudy', Path: '/cashiers/' }));
    const [created] = await lookup(by('ResourceName', 'rudy'));
    expect(created).toMatchObject({ EventName: 'CreateUser', Username: 'admin', ReadOnly: 'false' });
    expect(recordOf(created)).toMatchObject({
      eventSource: 'iam.amazonaws.com',
      awsRegion: 'us-east-1',
      requestParameters: { userName: 'rudy', path: '/cashiers/' },
      responseElements: { user: { userName: 'rudy' } },
      recipientAccountId: accountId,
    });
    const asNobody = new IAMClient(instance.clientOptions(nobodyKeys));
    await expect(asNobody.send(new DeleteUserCommand({ UserName: 'rudy' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    asNobody.destroy();
    const [denied] = await lookup(by('Username', 'nobody'));
    expect(recordOf(denied)).toMatchObject({
      eventName: 'DeleteUser',
      errorCode: 'AccessDenied',
      responseElements: null,
    });
  });

  test('shows S3 calls by the names of CloudTrail, and none on objects', async () => {
    const Bucket = 'names-of-events';
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
    await s3.send(new ListObjectsV2Command({ Bucket }));
    const events = await lookup({ LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: Bucket }] });
    expect(events.map((event) => event.EventName)).toEqual(['DeleteBucketPublicAccessBlock', 'CreateBucket']);
    const EventName = 'DeleteBucketPublicAccessBlock';
    const named = await lookup({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: EventName }] });
    expect(JSON.parse(named[0]!.CloudTrailEvent!)).toMatchObject({ eventName: EventName, readOnly: false });
  });

  test('pages, with tokens that fit only their question', async () => {
    for (let each = 0; each < 3; each++) await cloudtrail.send(new ListTrailsCommand({}));
    const question = by('EventName', 'ListTrails');
    const first = await cloudtrail.send(new LookupEventsCommand({ ...question, MaxResults: 2 }));
    expect(first.Events).toHaveLength(2);
    const second = await cloudtrail.send(
      new LookupEventsCommand({ ...question, MaxResults: 2, NextToken: first.NextToken }),
    );
    const ids = [...(first.Events ?? []), ...(second.Events ?? [])].map((event) => event.EventId);
    expect(new Set(ids).size).toBe(3);
    const token = first.NextToken ?? '';
    const bent = `${token.slice(0, -2)}${token.endsWith('AA') ? 'BB' : 'AA'}`;
    for (const NextToken of [bent, `${token}x`]) {
      await expect(cloudtrail.send(new LookupEventsCommand({ ...question, NextToken }))).rejects.toMatchObject({
        name: 'InvalidNextTokenException',
      });
    }
  });

  test('shows one account’s events to nobody else', async () => {
    const other = new CloudTrailClient(instance.clientOptions(otherAdminKeys));
    const { Events: events = [] } = await other.send(new LookupEventsCommand(by('ResourceName', 'rudy')));
    expect(events).toEqual([]);
    other.destroy();
    await expect(nobody.send(new LookupEventsCommand({}))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('shows a call that touched two accounts to both, joined by one id', async () => {
    const others = new IAMClient(instance.clientOptions(otherAdminKeys));
    const trust = { Effect: 'Allow', Principal: { AWS: accountId }, Action: 'sts:AssumeRole' };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
    const { Role } = await others.send(new CreateRoleCommand({ RoleName: 'visited', AssumeRolePolicyDocument }));
    const sts = new STSClient(instance.clientOptions());
    await sts.send(new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'visitor' }));
    const records = [];
    for (const keys of [undefined, otherAdminKeys]) {
      const client = new CloudTrailClient(instance.clientOptions(keys));
      const LookupAttributes = [{ AttributeKey: 'EventName', AttributeValue: 'AssumeRole' } as const];
      const { Events = [] } = await client.send(new LookupEventsCommand({ LookupAttributes }));
      expect(Events).toHaveLength(1);
      records.push(JSON.parse(Events[0]?.CloudTrailEvent as string));
      client.destroy();
    }
    const [ours, theirs] = records;
    expect(ours.sharedEventID).toMatch(/^[0-9a-f-]{36}$/);
    expect(theirs.sharedEventID).toBe(ours.sharedEventID);
    expect(new Set([ours.eventID, theirs.eventID, ours.sharedEventID]).size).toBe(3);
    for (const client of [others, sts]) client.destroy();
  });

  test('refuses a range that ends before it begins', async () => {
    const input = { StartTime: new Date(2000), EndTime: new Date(1000) };
    await expect(cloudtrail.send(new LookupEventsCommand(input))).rejects.toMatchObject({
      name: 'InvalidTimeRangeException',
    });
  });
});

describe('a trail', () => {
  test('is refused without a bucket, or with one that does not agree', async () => {
    const create = new CreateTrailCommand({ Name: 'audit', S3BucketName: 'audit-logs' });
    await expect(cloudtrail.send(create)).rejects.toMatchObject({ name: 'S3BucketDoesNotExistException' });
    await s3.send(new CreateBucketCommand({ Bucket: 'audit-logs' }));
    await expect(cloudtrail.send(create)).rejects.toMatchObject({
      name: 'InsufficientS3BucketPolicyException',
      message: 'Incorrect S3 bucket policy is detected for bucket: audit-logs',
    });
    await expect(nobody.send(create)).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('is made, described, tagged, changed and started', async () => {
    await s3.send(new PutBucketPolicyCommand({ Bucket: 'audit-logs', Policy: bucketPolicy('audit-logs') }));
    const made = await cloudtrail.send(
      new CreateTrailCommand({ Name: 'audit', S3BucketName: 'audit-logs', TagsList: [{ Key: 'team', Value: 'bar' }] }),
    );
    expect(made).toMatchObject({ TrailARN: arn, LogFileValidationEnabled: false });
    await expect(
      cloudtrail.send(new CreateTrailCommand({ Name: 'audit', S3BucketName: 'audit-logs' })),
    ).rejects.toMatchObject({ name: 'TrailAlreadyExistsException' });
    await cloudtrail.send(new UpdateTrailCommand({ Name: 'audit', EnableLogFileValidation: true }));
    const { Trail: trail } = await cloudtrail.send(new GetTrailCommand({ Name: 'audit' }));
    expect(trail).toMatchObject({ HomeRegion: 'us-east-1', LogFileValidationEnabled: true });
    const { trailList } = await cloudtrail.send(new DescribeTrailsCommand({}));
    expect(trailList).toEqual([trail]);
    const { Trails: trails } = await cloudtrail.send(new ListTrailsCommand({}));
    expect(trails).toEqual([{ TrailARN: arn, Name: 'audit', HomeRegion: 'us-east-1' }]);
    await cloudtrail.send(new AddTagsCommand({ ResourceId: arn, TagsList: [{ Key: 'shift', Value: 'night' }] }));
    await cloudtrail.send(new RemoveTagsCommand({ ResourceId: arn, TagsList: [{ Key: 'team' }] }));
    const { ResourceTagList: tags } = await cloudtrail.send(new ListTagsCommand({ ResourceIdList: [arn] }));
    expect(tags).toEqual([{ ResourceId: arn, TagsList: [{ Key: 'shift', Value: 'night' }] }]);
    const fields = [
      { Field: 'eventCategory', Equals: ['Data'] },
      { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
    ];
    const selectors = [
      { Name: 'all objects', FieldSelectors: fields },
      { Name: 'management', FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] },
    ];
    await cloudtrail.send(new PutEventSelectorsCommand({ TrailName: 'audit', AdvancedEventSelectors: selectors }));
    const got = await cloudtrail.send(new GetEventSelectorsCommand({ TrailName: arn }));
    expect(got.AdvancedEventSelectors).toEqual(selectors);
    await cloudtrail.send(new StartLoggingCommand({ Name: 'audit' }));
    const status = await cloudtrail.send(new GetTrailStatusCommand({ Name: 'audit' }));
    expect(status).toMatchObject({ IsLogging: true });
  });

  test('delivers events, and hourly digests that prove them', async () => {
    await s3.send(new PutObjectCommand({ Bucket: 'audit-logs', Key: 'note.txt', Body: 'beans' }));
    await s3.send(new ListObjectsV2Command({ Bucket: 'audit-logs', Prefix: 'notes/' }));
    await s3.send(new DeleteObjectsCommand({ Bucket: 'audit-logs', Delete: { Objects: [{ Key: 'old.txt' }] } }));
    const { url, fields } = await createPresignedPost(s3, { Bucket: 'audit-logs', Key: 'form.txt' });
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append('file', new Blob(['milk']));
    expect((await fetch(url, { method: 'POST', body: form })).status).toBe(204);
    await iam.send(new DeleteUserCommand({ UserName: 'rudy' }));
    await instance.advance(10);
    await instance.advance(3_700);
    await instance.advance(3_600);
    const logs = await keys(`AWSLogs/${accountId}/CloudTrail/`);
    const records = (await Promise.all(logs.map(read))).flatMap((file) => file.json.Records);
    const names = records.map((record) => record.eventName);
    expect(names).toContain('DeleteUser');
    expect(records.find((record) => record.eventName === 'PutObject')).toMatchObject({
      eventCategory: 'Data',
      requestParameters: { bucketName: 'audit-logs', key: 'note.txt' },
      userIdentity: { userName: 'admin' },
    });
    const bucket = { accountId, type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::audit-logs' };
    expect(records.find((record) => record.eventName === 'ListObjects')).toMatchObject({
      eventCategory: 'Data',
      requestParameters: { bucketName: 'audit-logs', 'list-type': '2', prefix: 'notes/' },
      resources: [{ type: 'AWS::S3::Object', ARNPrefix: 'arn:aws:s3:::audit-logs/notes/' }, bucket],
    });
    expect(records.find((record) => record.eventName === 'DeleteObjects')).toMatchObject({
      resources: [{ type: 'AWS::S3::Object', ARNPrefix: 'arn:aws:s3:::audit-logs/' }, bucket],
    });
    expect(records.find((record) => record.eventName === 'PostObject')).toMatchObject({
      eventCategory: 'Data',
      requestParameters: { bucketName: 'audit-logs', key: 'form.txt' },
      resources: expect.arrayContaining([{ type: 'AWS::S3::Object', ARN: 'arn:aws:s3:::audit-logs/form.txt' }]),
      userIdentity: { userName: 'admin' },
    });
    expect(new Set(records.map((record) => record.eventID)).size).toBe(records.length);
    expect(
      records.some(
        (record) => JSON.stringify(record.userIdentity).includes('AWSService') && record.eventCategory === 'Data',
      ),
    ).toBe(false);

    const digests = (await keys(`AWSLogs/${accountId}/CloudTrail-Digest/`)).sort();
    expect(digests).toHaveLength(2);
    const { PublicKeyList: publicKeys = [] } = await cloudtrail.send(
      new ListPublicKeysCommand({
        StartTime: new Date(Date.now() - 3_600_000),
        EndTime: new Date(Date.now() + 4 * 3_600_000),
      }),
    );
    let previous: string | null = null;
    for (const key of digests) {
      const { content, json: digest, metadata } = await read(key);
      const signed = [
        digest.digestEndTime,
        `${digest.digestS3Bucket}/${digest.digestS3Object}`,
        createHash('sha256').update(content).digest('hex'),
        previous ?? 'null',
      ].join('\n');
      const publicKey = publicKeys.find((each) => each.Fingerprint === digest.digestPublicKeyFingerprint);
      const loaded = createPublicKey({ key: Buffer.from(publicKey!.Value!), format: 'der', type: 'pkcs1' });
      expect(verify('sha256', Buffer.from(signed), loaded, Buffer.from(metadata.signature ?? '', 'hex'))).toBe(true);
      expect(digest.previousDigestSignature).toBe(previous);
      previous = metadata.signature ?? null;
      for (const file of digest.logFiles) {
        const hash = createHash('sha256')
          .update((await read(file.s3Object)).content)
          .digest('hex');
        expect(hash).toBe(file.hashValue);
      }
    }
  });

  test('takes the events of other regions once it is multi-region', async () => {
    const Policy = bucketPolicy('audit-logs').replaceAll('AWSLogs/', 'shop/AWSLogs/');
    await s3.send(new PutBucketPolicyCommand({ Bucket: 'audit-logs', Policy }));
    const change = { Name: 'audit', IsMultiRegionTrail: true, S3KeyPrefix: 'shop' };
    expect(await cloudtrail.send(new UpdateTrailCommand(change))).toMatchObject({ IsMultiRegionTrail: true });
    const elsewhere = new CloudTrailClient(instance.clientOptions(undefined, 'eu-west-1'));
    const { trailList = [] } = await elsewhere.send(new DescribeTrailsCommand({}));
    expect(trailList).toMatchObject([{ Name: 'audit', HomeRegion: 'us-east-1' }]);
    await expect(elsewhere.send(new StopLoggingCommand({ Name: arn }))).rejects.toMatchObject({
      name: 'InvalidHomeRegionException',
    });
    elsewhere.destroy();
    await instance.advance(10);
    const [key = ''] = await keys(`shop/AWSLogs/${accountId}/CloudTrail/eu-west-1/`);
    const { json } = await read(key);
    expect(json.Records.map((record) => record.eventName)).toEqual(['DescribeTrails', 'StopLogging']);
  });

  test('tells of a bucket that has stopped agreeing, and delivers once it agrees again', async () => {
    await s3.send(new PutBucketPolicyCommand({ Bucket: 'audit-logs', Policy: bucketPolicy('audit-logs') }));
    await instance.advance(600);
    expect(await cloudtrail.send(new GetTrailStatusCommand({ Name: 'audit' }))).toMatchObject({
      LatestDeliveryError: 'AccessDenied',
    });
    const Policy = bucketPolicy('audit-logs').replaceAll('AWSLogs/', 'shop/AWSLogs/');
    await s3.send(new PutBucketPolicyCommand({ Bucket: 'audit-logs', Policy }));
    await instance.advance(600);
    const status = await cloudtrail.send(new GetTrailStatusCommand({ Name: 'audit' }));
    expect(status).not.toHaveProperty('LatestDeliveryError');
  });

  test('stops, and goes', async () => {
    await cloudtrail.send(new StopLoggingCommand({ Name: 'audit' }));
    expect(await cloudtrail.send(new GetTrailStatusCommand({ Name: 'audit' }))).toMatchObject({ IsLogging: false });
    await cloudtrail.send(new DeleteTrailCommand({ Name: 'audit' }));
    for (const command of [
      new GetTrailCommand({ Name: 'audit' }),
      new GetTrailStatusCommand({ Name: 'audit' }),
      new StartLoggingCommand({ Name: 'audit' }),
      new StopLoggingCommand({ Name: 'audit' }),
      new UpdateTrailCommand({ Name: 'audit' }),
      new DeleteTrailCommand({ Name: 'audit' }),
      new GetEventSelectorsCommand({ TrailName: 'audit' }),
    ]) {
      await expect(cloudtrail.send(command as GetTrailCommand)).rejects.toMatchObject({
        name: 'TrailNotFoundException',
        message: `Unknown trail: audit for the user: ${accountId}`,
      });
    }
  });

  test.each([
    ['DescribeTrails', () => new DescribeTrailsCommand({ trailNameList: ['-'] }), 'InvalidTrailNameException'],
    ['ListTags', () => new ListTagsCommand({ ResourceIdList: [arn] }), 'ResourceNotFoundException'],
    ['AddTags', () => new AddTagsCommand({ ResourceId: 'x', TagsList: [] }), 'InvalidTrailNameException'],
    ['RemoveTags', () => new RemoveTagsCommand({ ResourceId: arn, TagsList: [] }), 'ResourceNotFoundException'],
    ['PutEventSelectors', () => new PutEventSelectorsCommand({ TrailName: 'a:b' }), 'InvalidTrailNameException'],
    [
      'ListPublicKeys',
      () => new ListPublicKeysCommand({ StartTime: new Date(2000), EndTime: new Date(1000) }),
      'InvalidTimeRangeException',
    ],
  ])('%s answers a modelled error', async (_name, command, code) => {
    await expect(cloudtrail.send(command() as unknown as GetTrailCommand)).rejects.toMatchObject({ name: code });
  });
});
