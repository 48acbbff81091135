/** Records as AWS writes them, for every kind of caller and for the services that have ways of their own. */
import { describe, expect, test } from 'vitest';
import { type CloudTrailRecord, readStoredCall, userNameOf } from '../events/api-call.ts';
import type { Caller } from '../services/service.ts';
import { buildRecord, type RecordFacts, readsOnly, recordEntry } from './record.ts';

const account = '111122223333';
const user: Caller = {
  principal: {
    kind: 'user',
    account,
    arn: `arn:aws:iam::${account}:user/rudy`,
    id: 'AIDAEXAMPLEEXAMPLE001',
    name: 'rudy',
  },
  account,
  accessKeyId: 'AKIAUSEREXAMPLE00001',
};

const base: RecordFacts = {
  caller: user,
  scope: { account, region: 'eu-west-1' },
  connection: { sourceIp: '192.0.2.7', secure: false, userAgent: 'aws-cli/2.9', host: '127.0.0.1:4566' },
  service: 'iam',
  operation: 'CreateUser',
  now: Date.UTC(2026, 10, 22, 21, 59, 1, 500),
  requestId: '0a1b2c3d-0000-4000-8000-000000000001',
  eventId: '0a1b2c3d-0000-4000-8000-000000000002',
};

const record = (facts: Partial<RecordFacts>): CloudTrailRecord =>
  JSON.parse(buildRecord({ ...base, ...facts })) as CloudTrailRecord;

describe('the record of a call', () => {
  test('of a user who makes a user', () => {
    const made = record({
      input: { UserName: 'blaine', Path: '/staff/', Tags: [{ Key: 'Shift', Value: 'Morning' }] },
      output: { User: { UserName: 'blaine', CreateDate: new Date(base.now), UserId: 'AIDA…' } },
    });
    expect(made).toEqual({
      eventVersion: '1.11',
      userIdentity: {
        type: 'IAMUser',
        principalId: 'AIDAEXAMPLEEXAMPLE001',
        arn: 'arn:aws:iam::111122223333:user/rudy',
        accountId: account,
        accessKeyId: 'AKIAUSEREXAMPLE00001',
        userName: 'rudy',
      },
      eventTime: '2026-11-22T21:59:01Z',
      eventSource: 'iam.amazonaws.com',
      eventName: 'CreateUser',
      awsRegion: 'us-east-1',
      sourceIPAddress: '192.0.2.7',
      userAgent: 'aws-cli/2.9',
      requestParameters: { userName: 'blaine', path: '/staff/', tags: [{ key: 'Shift', value: 'Morning' }] },
      responseElements: { user: { userName: 'blaine', createDate: 'Nov 22, 2026 9:59:01 PM', userId: 'AIDA…' } },
      requestID: base.requestId,
      eventID: base.eventId,
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: account,
      eventCategory: 'Management',
    });
  });

  test('of a denied call names the error as CloudTrail does, and answers nothing', () => {
    const denied = record({ error: { code: 'AccessDenied', message: 'no' }, output: { User: {} } });
    expect(denied).toMatchObject({ errorCode: 'AccessDenied', errorMessage: 'no', responseElements: null });
    expect(record({ error: { code: 'NoSuchEntity', message: '' } }).errorCode).toBe('NoSuchEntityException');
    const code = (service: string, name: string) => record({ service, error: { code: name, message: '' } }).errorCode;
    expect(code('ec2', 'UnauthorizedOperation')).toBe('Client.UnauthorizedOperation');
    expect(code('cloudtrail', 'AccessDeniedException')).toBe('AccessDenied');
    expect(code('s3', 'NoSuchKey')).toBe('NoSuchKey');
  });

  test('of a read has no response elements, and null for no parameters', () => {
    const read = record({ operation: 'ListUsers', input: {}, output: { Users: [] } });
    expect(read).toMatchObject({ readOnly: true, requestParameters: null, responseElements: null });
  });

  test('keeps no secret that masking let through', () => {
    const text = buildRecord({
      ...base,
      input: { UserName: 'x', Password: 'hunter2', UserData: 'c2VjcmV0' },
      output: { AccessKey: { AccessKeyId: 'AKIA', SecretAccessKey: 'topsecret' } },
    });
    expect(text).not.toMatch(/hunter2|c2VjcmV0|topsecret/);
    expect(text).toContain('AKIA');
  });

  test('leaves out what the operation hides', () => {
    const made = record({ input: { Name: 'x', Inner: { Keep: 1, Drop: 2 } }, hide: ['Inner.Drop'] });
    expect(made.requestParameters).toEqual({ name: 'x', inner: { keep: 1 } });
  });

  test('replaces parameters that are larger than a record keeps', () => {
    expect(record({ input: { PolicyDocument: 'x'.repeat(100_001) } }).requestParameters).toMatchObject({
      omitted: true,
    });
  });

  test('is well-formed JSON whatever callers send', () => {
    const nasty = '"\\\u0000\n\u2028\ud800","userIdentity":{"type":"Root"}';
    const made = record({
      scope: { account, region: nasty },
      connection: { ...base.connection, userAgent: nasty, host: nasty },
      service: 's3',
      operation: 'PutObject',
      owner: nasty,
      recipient: nasty,
      input: { Bucket: nasty, Key: nasty, Metadata: { [nasty]: nasty } },
      error: { code: nasty, message: nasty },
    });
    expect(made.userIdentity.type).not.toBe('Root');
    expect(made.userAgent).toBe(nasty);
  });
});

describe('userIdentity', () => {
  const session = { kind: 'assumed-role', issuedAt: base.now, expiresAt: base.now + 1, mfaAuthenticatedAt: 5 } as const;

  test('of the root user', () => {
    const arn = `arn:aws:iam::${account}:root`;
    const root: Caller = { principal: { kind: 'root', account, arn, id: account }, account, accessKeyId: 'AKIAROOT' };
    expect(record({ caller: root }).userIdentity).toEqual({
      type: 'Root',
      principalId: account,
      arn,
      accountId: account,
      accessKeyId: 'AKIAROOT',
    });
    expect(userNameOf(record({ caller: root }))).toBe('root');
  });

  test('of a role session, with its issuer and source identity', () => {
    const caller: Caller = {
      principal: {
        kind: 'assumed-role',
        account,
        arn: `arn:aws:sts::${account}:assumed-role/Inventory/blaine`,
        id: 'AROAEXAMPLEEXAMPLE001:blaine',
        roleArn: `arn:aws:iam::${account}:role/Inventory`,
        roleId: 'AROAEXAMPLEEXAMPLE001',
        roleName: 'Inventory',
        sessionName: 'blaine',
        serviceLinked: false,
      },
      account,
      accessKeyId: 'ASIAEXAMPLE',
      session: { ...session, sourceIdentity: 'blaine' },
    };
    const made = record({ caller });
    expect(made.userIdentity).toEqual({
      type: 'AssumedRole',
      principalId: 'AROAEXAMPLEEXAMPLE001:blaine',
      arn: `arn:aws:sts::${account}:assumed-role/Inventory/blaine`,
      accountId: account,
      accessKeyId: 'ASIAEXAMPLE',
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: 'AROAEXAMPLEEXAMPLE001',
          arn: `arn:aws:iam::${account}:role/Inventory`,
          accountId: account,
          userName: 'Inventory',
        },
        attributes: { creationDate: '2026-11-22T21:59:01Z', mfaAuthenticated: 'true' },
        sourceIdentity: 'blaine',
      },
    });
    expect(userNameOf(made)).toBe('blaine');
    expect(recordEntry({ ...base, caller }).tags).toMatchObject({ Username: 'blaine', AccessKeyId: 'ASIAEXAMPLE' });
  });

  test('of a federated user, whom a user vouched for', () => {
    const caller: Caller = {
      principal: {
        kind: 'federated-user',
        account,
        arn: `arn:aws:sts::${account}:federated-user/temp`,
        id: `${account}:temp`,
        name: 'temp',
        issuer: { kind: 'user', arn: `arn:aws:iam::${account}:user/staff/rudy`, id: 'AIDAEXAMPLEEXAMPLE001' },
      },
      account,
      session: { ...session, kind: 'federated-user' },
    };
    expect(record({ caller }).userIdentity).toMatchObject({
      type: 'FederatedUser',
      sessionContext: { sessionIssuer: { type: 'IAMUser', userName: 'rudy' } },
    });
  });

  test('of a service, which is its own address and agent', () => {
    const caller: Caller = { principal: { kind: 'service', name: 'cloudtrail.amazonaws.com' }, account: '' };
    const made = record({ caller, service: 's3', operation: 'PutObject', data: true, owner: account });
    expect(made).toMatchObject({
      userIdentity: { type: 'AWSService', invokedBy: 'cloudtrail.amazonaws.com' },
      sourceIPAddress: 'cloudtrail.amazonaws.com',
      userAgent: 'cloudtrail.amazonaws.com',
      recipientAccountId: account,
    });
  });

  test('of a call that a service forwards names the service beside the caller', () => {
    const made = record({ calledVia: ['athena.amazonaws.com'] });
    expect(made.userIdentity).toMatchObject({ type: 'IAMUser', userName: 'rudy', invokedBy: 'athena.amazonaws.com' });
    expect(made.sourceIPAddress).toBe('athena.amazonaws.com');
  });

  test('tells another account only the account and the unique id', () => {
    const facts = { ...base, recipient: '444455556666', sharedEventId: 'shared' };
    const { record: copy } = readStoredCall(Buffer.from(recordEntry(facts).body));
    expect(copy.userIdentity).toEqual({ type: 'AWSAccount', principalId: 'AIDAEXAMPLEEXAMPLE001', accountId: account });
    expect(copy).toMatchObject({ recipientAccountId: '444455556666', sharedEventID: 'shared' });
    expect(recordEntry(facts)).toMatchObject({ partition: '444455556666/us-east-1', id: base.eventId });
    expect(recordEntry(facts).tags).not.toHaveProperty('Username');
  });

  test('of nobody', () => {
    const caller: Caller = { principal: { kind: 'anonymous' }, account: '' };
    const made = record({ caller, service: 's3', operation: 'GetObject', data: true, owner: account });
    expect(made.userIdentity).toEqual({ type: 'AWSAccount', principalId: '', accountId: 'anonymous' });
    expect(made.recipientAccountId).toBe(account);
  });
});

describe('services with ways of their own', () => {
  test('S3 names bucket, key and host, the signature, and the resources', () => {
    const made = record({
      service: 's3',
      operation: 'PutObject',
      data: true,
      owner: account,
      input: { Bucket: 'receipts', Key: 'a/b.txt', ACL: 'private', Metadata: { Shift: 'x' } },
      signature: { authType: 'REST-HEADER', version: 'AWS4-HMAC-SHA256' },
      additionalEventData: { bytesTransferredIn: 3 },
    });
    expect(made).toMatchObject({
      awsRegion: 'eu-west-1',
      requestParameters: { bucketName: 'receipts', key: 'a/b.txt', 'x-amz-acl': 'private', Host: '127.0.0.1:4566' },
      additionalEventData: { SignatureVersion: 'SigV4', AuthenticationMethod: 'AuthHeader', bytesTransferredIn: 3 },
      resources: [
        { type: 'AWS::S3::Object', ARN: 'arn:aws:s3:::receipts/a/b.txt' },
        { accountId: account, type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::receipts' },
      ],
      managementEvent: false,
      eventCategory: 'Data',
    });
    expect(made.requestParameters).toMatchObject({ Metadata: { Shift: 'x' } });
  });

  test('S3 calls on several objects, or none in particular, name where the keys begin', () => {
    const input = { Bucket: 'receipts', Prefix: '2026/' };
    const made = record({ service: 's3', operation: 'ListObjectsV2', data: true, owner: account, input });
    expect(made).toMatchObject({
      eventName: 'ListObjects',
      readOnly: true,
      requestParameters: { 'list-type': '2', prefix: '2026/' },
      resources: [{ type: 'AWS::S3::Object', ARNPrefix: 'arn:aws:s3:::receipts/2026/' }, { accountId: account }],
    });
    expect(record({ service: 's3', operation: 'ListObjects', data: true, input }).requestParameters).not.toHaveProperty(
      'list-type',
    );
    const whole = record({ service: 's3', operation: 'HeadBucket', data: true, input: { Bucket: 'receipts' } });
    expect(whole.resources).toMatchObject([{ ARNPrefix: 'arn:aws:s3:::receipts/' }, {}]);
    const management = record({ service: 's3', operation: 'GetBucketAcl', input: { Bucket: 'receipts' } });
    expect(management.resources).toMatchObject([{ type: 'AWS::S3::Bucket' }]);
  });

  test.each([
    ['s3', 'PutPublicAccessBlock', 'PutBucketPublicAccessBlock'],
    ['s3', 'PutBucketLifecycleConfiguration', 'PutBucketLifecycle'],
    ['s3', 'PutBucketPolicy', 'PutBucketPolicy'],
    ['ec2', 'ListObjectsV2', 'ListObjectsV2'],
  ])('%s shows %s as %s, and is found by that name', (service, operation, name) => {
    const facts = { ...base, service, operation };
    expect(record(facts).eventName).toBe(name);
    expect(recordEntry(facts).tags.EventName).toBe(name);
  });

  test('S3 request bodies keep the case of their elements', () => {
    const input = { Bucket: 'receipts', VersioningConfiguration: { Status: 'Enabled' } };
    const made = record({ service: 's3', operation: 'PutBucketVersioning', input, additionalEventData: {} });
    expect(made.requestParameters).toMatchObject({ VersioningConfiguration: { Status: 'Enabled' } });
    expect(made).not.toHaveProperty('additionalEventData');
  });

  test('EC2 wraps lists and instances in sets', () => {
    const input = { ImageId: 'ami-1', MinCount: 1, MaxCount: 2, InstanceType: 't3.micro' };
    expect(record({ service: 'ec2', operation: 'RunInstances', input }).requestParameters).toEqual({
      instancesSet: { items: [{ imageId: 'ami-1', minCount: 1, maxCount: 2 }] },
      instanceType: 't3.micro',
    });
  });

  test('a call for temporary credentials counts as a read but shows whom they are for', () => {
    const made = record({
      service: 'sts',
      operation: 'AssumeRole',
      input: { RoleArn: 'arn:aws:iam::111122223333:role/Inventory' },
      output: { Credentials: { AccessKeyId: 'ASIA', SecretAccessKey: 's', SessionToken: 't' } },
    });
    expect(made.readOnly).toBe(true);
    expect(JSON.stringify(made.responseElements)).toContain('ASIA');
    expect(made.responseElements).toEqual({ credentials: { accessKeyId: 'ASIA' } });
  });
});

describe('the stored entry', () => {
  test('can be looked up by every attribute', () => {
    const entry = recordEntry({ ...base, input: { UserName: 'blaine' }, why: '[{"action":"iam:CreateUser"}]' });
    expect(entry).toMatchObject({
      stream: 'cloudtrail',
      partition: '111122223333/us-east-1',
      id: base.requestId,
      tags: {
        EventId: base.eventId,
        EventName: 'CreateUser',
        ReadOnly: 'false',
        EventSource: 'iam.amazonaws.com',
        Username: 'rudy',
        AccessKeyId: 'AKIAUSEREXAMPLE00001',
        ResourceType: 'AWS::IAM::User',
        ResourceName: 'blaine',
      },
    });
    const stored = readStoredCall(Buffer.from(entry.body));
    expect(stored.touched).toEqual([{ type: 'AWS::IAM::User', name: 'blaine' }]);
    expect(stored.why).toEqual([{ action: 'iam:CreateUser' }]);
    expect(stored.record).not.toHaveProperty('why');
  });

  test('of a call on several resources is found by each', () => {
    const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
    const { tags } = recordEntry({ ...base, operation: 'AttachUserPolicy', input: { UserName: 'blaine', PolicyArn } });
    expect(tags).toMatchObject({
      ResourceType: ['AWS::IAM::User', 'AWS::IAM::Policy'],
      ResourceName: ['blaine', PolicyArn],
    });
  });

  test('of a data event lies in a stream of its own', () => {
    expect(recordEntry({ ...base, service: 's3', operation: 'GetObject', data: true }).stream).toBe('cloudtrail.data');
  });

  test.each([
    ['GetUser', true],
    ['ListBuckets', true],
    ['HeadObject', true],
    ['Getaway', false],
    ['AssumeRole', true],
    ['GenerateCredentialReport', false],
    ['PutObject', false],
  ])('%s only reads: %s', (name, expected) => {
    expect(readsOnly(name)).toBe(expected);
  });
});
