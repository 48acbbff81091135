/** The contract with SDK clients: what they send is decoded, what is encoded they understand. */
import { AccountClient, GetContactInformationCommand, PutContactInformationCommand } from '@aws-sdk/client-account';
import {
  CloudTrailClient,
  GetTrailCommand,
  LookupEventsCommand,
  TrailNotFoundException,
} from '@aws-sdk/client-cloudtrail';
import {
  CloudWatchClient,
  GetMetricDataCommand,
  ListMetricsCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { DescribeInstancesCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import {
  CreateUserCommand,
  GetAccountSummaryCommand,
  IAMClient,
  ListUsersCommand,
  NoSuchEntityException,
  SimulateCustomPolicyCommand,
} from '@aws-sdk/client-iam';
import { DecryptCommand, EncryptCommand, KMSClient, NotFoundException } from '@aws-sdk/client-kms';
import * as S3 from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import { describe, expect, it } from 'vitest';
import { type Answered, loopback, REQUEST_ID, TestFault } from './loopback.fixture.ts';
import { sources } from './sources.fixture.ts';

/** A client's settings, and what was decoded of its last call. */
function wired(answer: (call: Answered) => object = () => ({})) {
  const seen: Answered[] = [];
  const settings = loopback(sources, (call) => {
    seen.push(call);
    return answer(call);
  });
  return { settings, last: () => seen.at(-1)! };
}

/** The loopback's handler is all that clients need of theirs. */
const as = <T>(settings: unknown): T => settings as T;

describe('awsQuery', () => {
  it('carries IAM calls both ways', async () => {
    const created = new Date('2026-01-02T03:04:05Z');
    const user = {
      UserName: 'rudy',
      Path: '/',
      Arn: 'arn:aws:iam::111122223333:user/rudy',
      UserId: 'AIDA',
      CreateDate: created,
    };
    const { settings, last } = wired(() => ({ User: { ...user, Tags: [{ Key: 'a&b', Value: '<"é">' }] } }));
    const client = new IAMClient(as(settings));
    const out = await client.send(new CreateUserCommand({ UserName: 'rudy', Tags: [{ Key: 'team', Value: '' }] }));
    expect(last().input).toEqual({ UserName: 'rudy', Tags: [{ Key: 'team', Value: '' }] });
    expect(out.User).toEqual({ ...user, Tags: [{ Key: 'a&b', Value: '<"é">' }] });
    expect(out.$metadata.requestId).toBe(REQUEST_ID);
  });

  it('carries empty lists, maps and pages', async () => {
    const { settings } = wired(({ identified }) =>
      identified.operation.name === 'ListUsers'
        ? { Users: [], IsTruncated: false }
        : { SummaryMap: { Users: 3, Roles: 0 } },
    );
    const client = new IAMClient(as(settings));
    expect(await client.send(new ListUsersCommand({}))).toMatchObject({ Users: [], IsTruncated: false });
    expect((await client.send(new GetAccountSummaryCommand({}))).SummaryMap).toEqual({ Users: 3, Roles: 0 });
  });

  it('carries nested lists', async () => {
    const { settings, last } = wired(() => ({ EvaluationResults: [] }));
    const entries = [{ ContextKeyName: 'aws:x', ContextKeyValues: ['a', 'b'], ContextKeyType: 'stringList' as const }];
    const input = { PolicyInputList: ['{}'], ActionNames: ['s3:GetObject', 'iam:*'], ContextEntries: entries };
    await new IAMClient(as(settings)).send(new SimulateCustomPolicyCommand(input));
    expect(last().input).toEqual(input);
  });

  it('gives errors their class, code and status', async () => {
    const { settings } = wired(() => {
      throw new TestFault({ code: 'NoSuchEntity', message: 'The user with name x cannot be found.' });
    });
    const error = await new IAMClient(as(settings)).send(new ListUsersCommand({})).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(NoSuchEntityException);
    expect(error).toMatchObject({
      message: 'The user with name x cannot be found.',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('prints AWS validation texts', async () => {
    const { settings } = wired();
    const client = new IAMClient(as(settings));
    await expect(client.send(new CreateUserCommand({ UserName: 'x'.repeat(65) }))).rejects.toMatchObject({
      name: 'ValidationError',
      message: `1 validation error detected: Value '${'x'.repeat(65)}' at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64`,
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('carries STS calls', async () => {
    const expiry = new Date('2026-01-01T00:00:00Z');
    const Credentials = { AccessKeyId: 'ASIA', SecretAccessKey: 's', SessionToken: 't/+=', Expiration: expiry };
    const { settings, last } = wired(({ identified }) =>
      identified.operation.name === 'AssumeRole'
        ? { Credentials }
        : { Account: '111122223333', Arn: 'arn', UserId: 'AIDA' },
    );
    const client = new STSClient(as(settings));
    expect(await client.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: '111122223333' });
    const input = { RoleArn: 'arn:aws:iam::111122223333:role/r', RoleSessionName: 'se', DurationSeconds: 900 };
    expect((await client.send(new AssumeRoleCommand(input))).Credentials).toEqual(Credentials);
    expect(last().input).toEqual(input);
  });

  it('speaks query for a service whose schemas are JSON', async () => {
    const { settings, last } = wired(() => ({ Metrics: [{ Namespace: 'AWS/X', MetricName: 'Calls' }] }));
    const protocol = new AwsQueryProtocol({
      defaultNamespace: 'com.amazonaws.cloudwatch',
      xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
      version: '2010-08-01',
    });
    const out = await new CloudWatchClient(as({ ...settings, protocol })).send(
      new ListMetricsCommand({ Namespace: 'AWS/X', Dimensions: [{ Name: 'a', Value: 'b' }] }),
    );
    expect(last().identified.protocol).toBe('awsQuery');
    expect(last().input).toEqual({ Namespace: 'AWS/X', Dimensions: [{ Name: 'a', Value: 'b' }] });
    expect(out.Metrics).toEqual([{ Namespace: 'AWS/X', MetricName: 'Calls' }]);
  });
});

describe('ec2Query', () => {
  it('carries EC2 calls both ways', async () => {
    const launched = new Date('2026-01-02T03:04:05Z');
    const { settings, last } = wired(({ identified }) =>
      identified.operation.name === 'RunInstances'
        ? {
            ReservationId: 'r-1',
            Instances: [{ InstanceId: 'i-1', LaunchTime: launched, Tags: [{ Key: 'k', Value: 'v' }] }],
          }
        : { Reservations: [{ ReservationId: 'r-1', Instances: [] }] },
    );
    const client = new EC2Client(as(settings));
    const run = {
      ImageId: 'ami-1',
      MinCount: 1,
      MaxCount: 2,
      InstanceType: 't3.micro' as const,
      SecurityGroupIds: ['sg-1', 'sg-2'],
      DryRun: true,
      TagSpecifications: [{ ResourceType: 'instance' as const, Tags: [{ Key: 'k', Value: 'v' }] }],
      ClientToken: 'token',
    };
    const out = await client.send(new RunInstancesCommand(run));
    expect(last().input).toEqual(run);
    expect(out.Instances).toEqual([{ InstanceId: 'i-1', LaunchTime: launched, Tags: [{ Key: 'k', Value: 'v' }] }]);
    const filters = {
      Filters: [{ Name: 'instance-state-name', Values: ['running', 'stopped'] }],
      InstanceIds: ['i-1'],
    };
    expect((await client.send(new DescribeInstancesCommand(filters))).Reservations).toEqual([
      { ReservationId: 'r-1', Instances: [] },
    ]);
    expect(last().input).toEqual(filters);
  });

  it('answers errors in its own envelope', async () => {
    const { settings } = wired(() => {
      throw new TestFault({
        code: 'DryRunOperation',
        message: 'Request would have succeeded, but DryRun flag is set.',
      });
    });
    await expect(new EC2Client(as(settings)).send(new DescribeInstancesCommand({}))).rejects.toMatchObject({
      name: 'DryRunOperation',
      message: 'Request would have succeeded, but DryRun flag is set.',
      $metadata: { httpStatusCode: 412 },
    });
  });

  it('names missing and invalid parameters as EC2 does', async () => {
    const client = new EC2Client(as(wired().settings));
    const missing = client.send(new RunInstancesCommand(as({ MinCount: 1 })));
    await expect(missing).rejects.toMatchObject({
      name: 'MissingParameter',
      message: 'The request must contain the parameter MaxCount',
    });
    const invalid = client.send(new RunInstancesCommand(as({ MinCount: 1, MaxCount: 1, InstanceType: 'mainframe' })));
    await expect(invalid).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});

describe('awsJson', () => {
  it('carries CloudTrail calls with times', async () => {
    const EventTime = new Date('2026-01-02T03:04:05.500Z');
    const { settings, last } = wired(() => ({ Events: [{ EventId: 'e', EventTime, CloudTrailEvent: '{"a":1}' }] }));
    const input = {
      LookupAttributes: [{ AttributeKey: 'EventName' as const, AttributeValue: 'x' }],
      StartTime: EventTime,
    };
    const out = await new CloudTrailClient(as(settings)).send(new LookupEventsCommand(input));
    expect(last().input).toEqual(input);
    expect(out.Events?.[0]?.EventTime).toEqual(EventTime);
  });

  it('answers 400 with the short type for modelled errors', async () => {
    const { settings } = wired(() => {
      throw new TestFault({ code: 'TrailNotFoundException', message: 'Unknown trail' });
    });
    const error = await new CloudTrailClient(as(settings))
      .send(new GetTrailCommand({ Name: 'abc' }))
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(TrailNotFoundException);
    expect(error).toMatchObject({ message: 'Unknown trail', $metadata: { httpStatusCode: 400 } });
  });

  it('carries KMS blobs and hides none of the errors', async () => {
    const { settings, last } = wired(() => ({ CiphertextBlob: new Uint8Array([1, 2, 255]), KeyId: 'arn' }));
    const client = new KMSClient(as(settings));
    const EncryptionContext = { ['__proto__']: 'x', b: '' };
    const out = await client.send(
      new EncryptCommand({ KeyId: 'k', Plaintext: new Uint8Array([0, 9]), EncryptionContext }),
    );
    expect(last().input.Plaintext).toEqual(new Uint8Array([0, 9]));
    expect(Object.keys(last().input.EncryptionContext as object)).toEqual(Object.keys(EncryptionContext));
    expect(out.CiphertextBlob).toEqual(new Uint8Array([1, 2, 255]));
    const failing = wired(() => {
      throw new TestFault({ code: 'NotFoundException', message: 'Key k does not exist' });
    });
    const error = await new KMSClient(as(failing.settings))
      .send(new DecryptCommand({ CiphertextBlob: new Uint8Array([1]) }))
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(NotFoundException);
    expect(error).toMatchObject({ message: 'Key k does not exist', $metadata: { httpStatusCode: 400 } });
  });

  it('speaks awsJson1_0 with gzip left to the gateway', async () => {
    const { settings, last } = wired(() => ({
      MetricDataResults: [{ Id: 'a', Values: [1.5, 2], Timestamps: [new Date(5000)] }],
    }));
    const client = new CloudWatchClient(as({ ...settings, disableRequestCompression: true }));
    const StartTime = new Date('2026-01-01T00:00:00Z');
    const out = await client.send(new GetMetricDataCommand({ MetricDataQueries: [], StartTime, EndTime: StartTime }));
    expect(last().identified.protocol).toBe('awsJson1_0');
    expect(last().input).toEqual({ MetricDataQueries: [], StartTime, EndTime: StartTime });
    expect(out.MetricDataResults?.[0]).toEqual({ Id: 'a', Values: [1.5, 2], Timestamps: [new Date(5000)] });
  });
});

describe('rpcv2Cbor', () => {
  it('carries CloudWatch calls and errors', async () => {
    const { settings, last } = wired(({ identified }) => {
      if (identified.operation.name === 'ListMetrics')
        throw new TestFault({ code: 'InvalidParameterValue', message: 'no' });
      return { MetricDataResults: [{ Id: 'a', Values: [1.5, -2, 1e300], Timestamps: [new Date(5500)], Label: 'é' }] };
    });
    const protocol = new AwsSmithyRpcV2CborProtocol({ defaultNamespace: 'com.amazonaws.cloudwatch' });
    const client = new CloudWatchClient(as({ ...settings, protocol, disableRequestCompression: true }));
    const Timestamp = new Date('2026-01-01T00:00:00.250Z');
    const MetricData = [{ MetricName: 'm', Timestamp, Value: 1.25, Dimensions: [{ Name: 'n', Value: 'v' }] }];
    await client.send(new PutMetricDataCommand({ Namespace: 'N', MetricData }));
    expect(last().identified.protocol).toBe('rpcv2Cbor');
    expect(last().input).toEqual({ Namespace: 'N', MetricData });
    const out = await client.send(
      new GetMetricDataCommand({ MetricDataQueries: [], StartTime: Timestamp, EndTime: Timestamp }),
    );
    expect(out.MetricDataResults?.[0]).toEqual({
      Id: 'a',
      Values: [1.5, -2, 1e300],
      Timestamps: [new Date(5500)],
      Label: 'é',
    });
    await expect(client.send(new ListMetricsCommand({}))).rejects.toMatchObject({
      name: /InvalidParameterValue/,
      message: 'no',
    });
  });
});

describe('restJson1', () => {
  it('carries Account calls and errors', async () => {
    const ContactInformation = {
      FullName: 'Owner',
      AddressLine1: '1 Street',
      City: 'C',
      CountryCode: 'DE',
      PostalCode: '1',
      PhoneNumber: '+1234567',
    };
    const { settings, last } = wired(({ identified }) => {
      if (identified.operation.name === 'PutContactInformation') return {};
      throw new TestFault({ code: 'ResourceNotFoundException', message: 'nothing here' });
    });
    const client = new AccountClient(as(settings));
    await client.send(new PutContactInformationCommand({ ContactInformation }));
    expect(last().input).toEqual({ ContactInformation });
    await expect(client.send(new GetContactInformationCommand({}))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'nothing here',
      $metadata: { httpStatusCode: 404 },
    });
  });
});

describe('restXml (S3)', () => {
  const client = (answer?: (call: Answered) => object) => {
    const { settings, last } = wired(answer);
    return { s3: new S3.S3Client(as({ ...settings, forcePathStyle: true })), last };
  };

  it('streams objects in and out', async () => {
    let received = '';
    const { settings, last } = wired();
    settings.requestHandler.handle;
    const s3 = new S3.S3Client(
      as(
        loopback(sources, async (call) => {
          if (call.identified.operation.name === 'PutObject') {
            for await (const chunk of call.input.Body as AsyncIterable<Uint8Array>)
              received += Buffer.from(chunk).toString();
            return { ETag: '"abc"' };
          }
          return {
            Body: (async function* () {
              yield new TextEncoder().encode('hello ');
              yield new TextEncoder().encode('world');
            })(),
            ContentLength: 11,
            ContentRange: 'bytes 0-10/20',
            Metadata: { colour: 'grün' },
            LastModified: new Date('2026-01-02T03:04:05Z'),
          };
        }),
      ),
    );
    expect(last).toBeDefined();
    const put = await s3.send(new S3.PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'data', ContentLength: 4 }));
    expect([put.ETag, received]).toEqual(['"abc"', 'data']);
    const got = await s3.send(new S3.GetObjectCommand({ Bucket: 'b', Key: 'k', Range: 'bytes=0-10' }));
    expect(await got.Body?.transformToString()).toBe('hello world');
    expect(got.$metadata.httpStatusCode).toBe(206);
    expect(got.LastModified).toEqual(new Date('2026-01-02T03:04:05Z'));
  });

  it('keeps every byte of a key', async () => {
    for (const Key of ['a//b', '../x', 'a%2Fb', 'a+b c', 'ü/€', '/lead', 'trail/', 'a/./b', '%']) {
      const { s3, last } = client(() => ({}));
      await s3.send(new S3.HeadObjectCommand({ Bucket: 'bucket', Key }));
      expect(last().input).toMatchObject({ Bucket: 'bucket', Key });
    }
  });

  it('reads and writes XML payloads', async () => {
    const { s3, last } = client(({ identified }) =>
      identified.operation.name === 'DeleteObjects'
        ? { Deleted: [{ Key: 'a' }, { Key: 'b' }], Errors: [{ Key: 'c', Code: 'AccessDenied', Message: 'no' }] }
        : {},
    );
    const out = await s3.send(
      new S3.DeleteObjectsCommand({ Bucket: 'b', Delete: { Objects: [{ Key: 'a' }, { Key: 'b' }], Quiet: false } }),
    );
    expect(last().input.Delete).toEqual({ Objects: [{ Key: 'a' }, { Key: 'b' }], Quiet: false });
    expect(out.Deleted).toEqual([{ Key: 'a' }, { Key: 'b' }]);
    expect(out.Errors).toEqual([{ Key: 'c', Code: 'AccessDenied', Message: 'no' }]);
  });

  it('writes lists under the roots that S3 uses', async () => {
    const LastModified = new Date('2026-01-02T03:04:05Z');
    const Contents = [{ Key: 'a&b', LastModified, ETag: '"x"', Size: 3, StorageClass: 'STANDARD' as const }];
    const { s3 } = client(({ identified }) =>
      identified.operation.name === 'ListBuckets'
        ? { Buckets: [{ Name: 'b', CreationDate: LastModified }], Owner: { ID: 'id' } }
        : { Contents, CommonPrefixes: [{ Prefix: 'p/' }], KeyCount: 2, IsTruncated: false },
    );
    expect(await s3.send(new S3.ListBucketsCommand({}))).toMatchObject({
      Buckets: [{ Name: 'b', CreationDate: LastModified }],
    });
    expect(await s3.send(new S3.ListObjectsV2Command({ Bucket: 'b' }))).toMatchObject({
      Contents,
      CommonPrefixes: [{ Prefix: 'p/' }],
    });
  });

  it('unwraps the location, and finds it again', async () => {
    const { s3 } = client(() => ({ LocationConstraint: 'eu-central-1' }));
    expect((await s3.send(new S3.GetBucketLocationCommand({ Bucket: 'b' }))).LocationConstraint).toBe('eu-central-1');
    const { s3: classic } = client(() => ({}));
    const { LocationConstraint } = await classic.send(new S3.GetBucketLocationCommand({ Bucket: 'b' }));
    expect(LocationConstraint || undefined).toBeUndefined();
  });

  it('carries the bucket policy as the body itself', async () => {
    const { s3, last } = client(() => ({ Policy: '{"Statement":[]}' }));
    await s3.send(new S3.PutBucketPolicyCommand({ Bucket: 'b', Policy: '{"a":1}' }));
    expect(last().input).toMatchObject({ Bucket: 'b', Policy: '{"a":1}' });
    expect((await s3.send(new S3.GetBucketPolicyCommand({ Bucket: 'b' }))).Policy).toBe('{"Statement":[]}');
  });

  it('carries grants with their xsi:type', async () => {
    const Grants = [{ Grantee: { Type: 'CanonicalUser' as const, ID: 'x' }, Permission: 'READ' as const }];
    const { s3, last } = client(({ identified }) =>
      identified.operation.name === 'GetBucketAcl' ? { Owner: { ID: 'x' }, Grants } : {},
    );
    await s3.send(new S3.PutBucketAclCommand({ Bucket: 'b', AccessControlPolicy: { Owner: { ID: 'x' }, Grants } }));
    expect(last().input.AccessControlPolicy).toEqual({ Owner: { ID: 'x' }, Grants });
    expect((await s3.send(new S3.GetBucketAclCommand({ Bucket: 'b' }))).Grants).toEqual(Grants);
  });

  it('gives errors their class; none to HEAD but the status', async () => {
    const { s3 } = client(() => {
      throw new TestFault({ code: 'NoSuchKey', message: 'The specified key does not exist.', members: { Key: 'k' } });
    });
    const error = await s3.send(new S3.GetObjectCommand({ Bucket: 'b', Key: 'k' })).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(S3.NoSuchKey);
    expect(error).toMatchObject({
      message: 'The specified key does not exist.',
      Key: 'k',
      $metadata: { httpStatusCode: 404 },
    });
    const head = await s3.send(new S3.HeadObjectCommand({ Bucket: 'b', Key: 'k' })).catch((e: unknown) => e);
    expect(head).toMatchObject({ name: 'NotFound', $metadata: { httpStatusCode: 404 } });
  });

  it('answers 204 without a body', async () => {
    const { s3 } = client(() => ({ VersionId: 'v' }));
    const out = await s3.send(new S3.DeleteObjectCommand({ Bucket: 'b', Key: 'k' }));
    expect([out.$metadata.httpStatusCode, out.VersionId]).toEqual([204, 'v']);
  });

  it('reads bucket configurations of every kind that a client writes', async () => {
    const { s3, last } = client(() => ({}));
    const VersioningConfiguration = { Status: 'Enabled' as const };
    await s3.send(new S3.PutBucketVersioningCommand({ Bucket: 'b', VersioningConfiguration }));
    expect(last().input.VersioningConfiguration).toEqual(VersioningConfiguration);
    const CORSConfiguration = {
      CORSRules: [{ AllowedMethods: ['GET', 'PUT'], AllowedOrigins: ['*'], MaxAgeSeconds: 5 }],
    };
    await s3.send(new S3.PutBucketCorsCommand({ Bucket: 'b', CORSConfiguration }));
    expect(last().input.CORSConfiguration).toEqual(CORSConfiguration);
    const Tagging = { TagSet: [{ Key: 'a', Value: 'b' }] };
    await s3.send(new S3.PutBucketTaggingCommand({ Bucket: 'b', Tagging }));
    expect(last().input.Tagging).toEqual(Tagging);
    await s3.send(
      new S3.CreateBucketCommand({ Bucket: 'b', CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' } }),
    );
    expect(last().input.CreateBucketConfiguration).toEqual({ LocationConstraint: 'eu-central-1' });
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag: '"a"' }] };
    await s3.send(new S3.CompleteMultipartUploadCommand({ Bucket: 'b', Key: 'k', UploadId: 'u', MultipartUpload }));
    expect(last().input).toMatchObject({ UploadId: 'u', MultipartUpload });
  });
});
