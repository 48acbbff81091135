/** Logging configurations over HTTP: where logs may go, who must allow it, and what comes back. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DescribeResourcePoliciesCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateBucketCommand, GetBucketPolicyCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DeleteLoggingConfigurationCommand,
  DeleteWebACLCommand,
  GetLoggingConfigurationCommand,
  ListLoggingConfigurationsCommand,
  type LoggingConfiguration,
  PutLoggingConfigurationCommand,
  type WAFV2Client,
} from '@aws-sdk/client-wafv2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { refused } from '../support/encrypted-objects.ts';
import { accountId, nobodyKeys, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { allowNobody, anyName, makeWebAcl, wafClient } from '../support/wafv2.ts';

let instance: TestInstance;
let waf: WAFV2Client;
let s3: S3Client;
beforeAll(async () => {
  instance = await startInstance();
  waf = wafClient(instance);
  s3 = new S3Client(instance.clientOptions());
});
afterAll(() => instance.stop());

async function bucket(client = s3): Promise<string> {
  const Bucket = anyName('aws-waf-logs');
  await client.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

const put = (LoggingConfiguration: LoggingConfiguration, client = waf) =>
  client.send(new PutLoggingConfigurationCommand({ LoggingConfiguration }));

test('a configuration comes back as it was put, and the bucket lets the delivery service in', async () => {
  const { ARN: ResourceArn } = await makeWebAcl(waf);
  const Bucket = await bucket();
  const wanted: LoggingConfiguration = {
    ResourceArn,
    LogDestinationConfigs: [`arn:aws:s3:::${Bucket}`],
    RedactedFields: [{ SingleHeader: { Name: 'authorization' } }, { QueryString: {} }],
    LoggingFilter: {
      DefaultBehavior: 'DROP',
      Filters: [
        {
          Behavior: 'KEEP',
          Requirement: 'MEETS_ANY',
          Conditions: [
            { ActionCondition: { Action: 'BLOCK' } },
            { LabelNameCondition: { LabelName: 'awswaf:managed:x' } },
          ],
        },
      ],
    },
  };
  const answer = await put(wanted);
  expect(answer.LoggingConfiguration).toEqual({ ...wanted, ManagedByFirewallManager: false });
  const got = await waf.send(new GetLoggingConfigurationCommand({ ResourceArn }));
  expect(got.LoggingConfiguration).toEqual(answer.LoggingConfiguration);
  const listed = await waf.send(new ListLoggingConfigurationsCommand({ Scope: 'REGIONAL' }));
  expect(listed.LoggingConfigurations?.map((one) => one.ResourceArn)).toContain(ResourceArn);
  const { Policy } = await s3.send(new GetBucketPolicyCommand({ Bucket }));
  expect(JSON.parse(Policy ?? '').Statement).toMatchObject([
    {
      Principal: { Service: 'delivery.logs.amazonaws.com' },
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${Bucket}/AWSLogs/${accountId}/*`,
      Condition: { StringEquals: { 'aws:SourceAccount': [accountId] } },
    },
    { Action: 's3:GetBucketAcl' },
  ]);
  await put({ ResourceArn, LogDestinationConfigs: [`arn:aws:s3:::${Bucket}`] });
  const again = await s3.send(new GetBucketPolicyCommand({ Bucket }));
  expect(again.Policy).toBe(Policy);
  const changed = await waf.send(new GetLoggingConfigurationCommand({ ResourceArn }));
  expect(changed.LoggingConfiguration?.RedactedFields).toBeUndefined();
  await waf.send(new DeleteLoggingConfigurationCommand({ ResourceArn }));
  expect((await refused(waf.send(new GetLoggingConfigurationCommand({ ResourceArn })))).name).toBe(
    'WAFNonexistentItemException',
  );
  expect((await refused(waf.send(new DeleteLoggingConfigurationCommand({ ResourceArn })))).name).toBe(
    'WAFNonexistentItemException',
  );
});

test('statements that are there already stay in the bucket policy', async () => {
  const { ARN: ResourceArn } = await makeWebAcl(waf);
  const Bucket = await bucket();
  const own = {
    Sid: 'mine',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${accountId}:user/nobody` },
    Action: 's3:GetObject',
    Resource: `arn:aws:s3:::${Bucket}/*`,
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: own });
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  await put({ ResourceArn, LogDestinationConfigs: [`arn:aws:s3:::${Bucket}/logs/of/waf`] });
  const after = await s3.send(new GetBucketPolicyCommand({ Bucket }));
  const { Statement } = JSON.parse(after.Policy ?? '');
  expect(Statement[0]).toEqual(own);
  expect(Statement).toHaveLength(3);
  expect(Statement[1].Resource).toBe(`arn:aws:s3:::${Bucket}/logs/of/waf/AWSLogs/${accountId}/*`);
});

test('a destination must be one, of the right kind and name', async () => {
  const { ARN: ResourceArn } = await makeWebAcl(waf);
  const real = `arn:aws:s3:::${await bucket()}`;
  for (const [destination, Reason] of [
    ['arn:aws:s3:::some-other-bucket', /aws-waf-logs-/],
    ['arn:aws:s3:::aws-waf-logs-', /aws-waf-logs-/],
    [`arn:aws:logs:us-east-1:${accountId}:log-group:other`, /aws-waf-logs-/],
    [`arn:aws:logs:eu-west-1:${accountId}:log-group:aws-waf-logs-x`, /aws-waf-logs-/],
    ['arn:aws:logs:us-east-1:444455556666:log-group:aws-waf-logs-x', /aws-waf-logs-/],
    [`arn:aws:firehose:us-east-1:${accountId}:deliverystream/aws-waf-logs-x`, /not built/],
    ['no ARN at all, but long', /ARN/],
  ] as const) {
    const answer = await put({ ResourceArn, LogDestinationConfigs: [destination] }).catch((error) => error);
    expect([destination, answer.name, answer.Field, answer.Parameter]).toEqual([
      destination,
      'WAFInvalidParameterException',
      'LOG_DESTINATION',
      destination,
    ]);
    expect(answer.Reason).toMatch(Reason);
  }
  const two = put({ ResourceArn, LogDestinationConfigs: [real, `${real}/more`] });
  expect((await refused(two)).name).toBe('WAFLimitsExceededException');
  const missing = put({ ResourceArn, LogDestinationConfigs: [`arn:aws:s3:::${anyName('aws-waf-logs')}`] });
  expect((await refused(missing)).name).toBe('WAFLogDestinationPermissionIssueException');
  for (const field of [{ Body: {} }, { AllQueryArguments: {} }, {}, { Method: {}, UriPath: {} }]) {
    const wrong = put({ ResourceArn, LogDestinationConfigs: [real], RedactedFields: [field] });
    expect((await refused(wrong)).name).toBe('WAFInvalidParameterException');
  }
  const Conditions = [{}];
  const LoggingFilter = {
    DefaultBehavior: 'KEEP' as const,
    Filters: [{ Behavior: 'DROP' as const, Requirement: 'MEETS_ALL' as const, Conditions }],
  };
  expect((await refused(put({ ResourceArn, LogDestinationConfigs: [real], LoggingFilter }))).name).toBe(
    'WAFInvalidParameterException',
  );
  const about = (LabelName: string) => ({
    DefaultBehavior: 'KEEP' as const,
    Filters: [
      {
        Behavior: 'DROP' as const,
        Requirement: 'MEETS_ANY' as const,
        Conditions: [{ LabelNameCondition: { LabelName } }],
      },
    ],
  });
  const short = put({ ResourceArn, LogDestinationConfigs: [real], LoggingFilter: about('shop:bot') });
  expect((await refused(short)).message).toContain('field: FILTER_CONDITION, parameter: shop:bot');
});

test('the bucket of another account takes logs only if its policy says so', async () => {
  const { ARN: ResourceArn } = await makeWebAcl(waf);
  const theirs = new S3Client(instance.clientOptions(otherAdminKeys));
  const Bucket = await bucket(theirs);
  const LogDestinationConfigs = [`arn:aws:s3:::${Bucket}`];
  expect((await refused(put({ ResourceArn, LogDestinationConfigs }))).name).toBe(
    'WAFLogDestinationPermissionIssueException',
  );
  const Condition = { StringEquals: { 'aws:SourceAccount': accountId } };
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: ['s3:PutObject', 's3:GetBucketAcl'].map((Action) => ({
      Effect: 'Allow',
      Principal: { Service: 'delivery.logs.amazonaws.com' },
      Action,
      Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`][Action === 's3:PutObject' ? 1 : 0],
      Condition,
    })),
  });
  await theirs.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  await put({ ResourceArn, LogDestinationConfigs });
});

test('nobody opens a bucket for logs who may not change its policy', async () => {
  const { ARN: ResourceArn } = await makeWebAcl(waf);
  const nobody = wafClient(instance, nobodyKeys);
  const Bucket = await bucket();
  const configuration = { ResourceArn, LogDestinationConfigs: [`arn:aws:s3:::${Bucket}`] };
  const logging: [string, string] = ['wafv2:PutLoggingConfiguration', ResourceArn];
  const delivery: [string, string] = ['logs:CreateLogDelivery', '*'];
  await allowNobody(instance, logging);
  expect((await refused(put(configuration, nobody))).message).toContain('logs:CreateLogDelivery');
  await allowNobody(instance, logging, delivery);
  expect((await refused(put(configuration, nobody))).name).toBe('WAFLogDestinationPermissionIssueException');
  expect((await refused(s3.send(new GetBucketPolicyCommand({ Bucket })))).name).toBe('NoSuchBucketPolicy');
  await allowNobody(instance, logging, delivery, ['s3:*BucketPolicy', `arn:aws:s3:::${Bucket}`]);
  await put(configuration, nobody);
});

test('policies see where a log goes, and whose it is', async () => {
  const { ARN: ResourceArn } = await makeWebAcl(waf);
  const nobody = wafClient(instance, nobodyKeys);
  const destination = `arn:aws:s3:::${await bucket()}`;
  const configuration = { ResourceArn, LogDestinationConfigs: [destination] };
  await put(configuration);
  const delivery: [string, string] = ['logs:CreateLogDelivery', '*'];
  const allow = (condition: object) =>
    allowNobody(instance, delivery, ['wafv2:*LoggingConfiguration*', '*', condition]);
  await allow({ ArnLike: { 'wafv2:LogDestinationResource': 'arn:aws:s3:::aws-waf-logs-none' } });
  expect((await refused(put(configuration, nobody))).name).toBe('AccessDeniedException');
  await allow({ ArnLike: { 'wafv2:LogDestinationResource': destination } });
  await put(configuration, nobody);
  await allow({ StringEquals: { 'wafv2:LogScope': 'SecurityLake' } });
  const read = (more: object) => refused(nobody.send(new GetLoggingConfigurationCommand({ ResourceArn, ...more })));
  expect((await read({})).name).toBe('AccessDeniedException');
  expect((await read({ LogScope: 'SECURITY_LAKE' })).name).toBe('WAFNonexistentItemException');
  await allow({ StringEquals: { 'wafv2:LogScope': 'Customer' } });
  expect((await read({})).name).toBe('succeeded');
  const list = (more: object) =>
    refused(nobody.send(new ListLoggingConfigurationsCommand({ Scope: 'REGIONAL', ...more })));
  expect((await list({})).name).toBe('succeeded');
  expect((await list({ LogScope: 'SECURITY_LAKE' })).name).toBe('AccessDeniedException');
  expect((await list({ Scope: 'CLOUDFRONT' })).name).toBe('succeeded');
});

test('a web ACL takes its logging with it, and a list marker opens no other list', async () => {
  const there = wafClient(instance, undefined, 'eu-west-2');
  const made = [await makeWebAcl(there), await makeWebAcl(there)];
  const destination = `arn:aws:s3:::${await bucket()}`;
  for (const { ARN } of made) await put({ ResourceArn: ARN, LogDestinationConfigs: [destination] }, there);
  const first = await there.send(new ListLoggingConfigurationsCommand({ Scope: 'REGIONAL', Limit: 1 }));
  const { NextMarker } = first;
  const second = await there.send(new ListLoggingConfigurationsCommand({ Scope: 'REGIONAL', Limit: 1, NextMarker }));
  expect([...(first.LoggingConfigurations ?? []), ...(second.LoggingConfigurations ?? [])]).toHaveLength(2);
  expect((await refused(waf.send(new ListLoggingConfigurationsCommand({ Scope: 'REGIONAL', NextMarker })))).name).toBe(
    'WAFInvalidOperationException',
  );
  const [gone] = made;
  const { Name, Id, LockToken } = gone ?? { Name: '', Id: '', LockToken: '' };
  await there.send(new DeleteWebACLCommand({ Name, Id, LockToken, Scope: 'REGIONAL' }));
  const rest = await there.send(new ListLoggingConfigurationsCommand({ Scope: 'REGIONAL' }));
  expect(rest.LoggingConfigurations?.map(({ ResourceArn }) => ResourceArn)).toEqual([made[1]?.ARN]);
  const none = put({ ResourceArn: gone?.ARN, LogDestinationConfigs: [destination] }, there);
  expect((await refused(none)).name).toBe('WAFNonexistentItemException');
});

test('a log group is opened by its resource policy, and by nobody who may not change that', async () => {
  const { ARN: ResourceArn } = await makeWebAcl(waf);
  const logs = new CloudWatchLogsClient(instance.clientOptions());
  const logGroupName = anyName('aws-waf-logs');
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  const arn = `arn:aws:logs:us-east-1:${accountId}:log-group:${logGroupName}`;
  const nobody = wafClient(instance, nobodyKeys);
  const missing = put({ ResourceArn, LogDestinationConfigs: [`${arn}-none`] });
  expect((await refused(missing)).name).toBe('WAFLogDestinationPermissionIssueException');
  await allowNobody(instance, ['wafv2:PutLoggingConfiguration', '*'], ['logs:CreateLogDelivery', '*']);
  const theirs = put({ ResourceArn, LogDestinationConfigs: [arn] }, nobody);
  expect((await refused(theirs)).name).toBe('WAFLogDestinationPermissionIssueException');
  await put({ ResourceArn, LogDestinationConfigs: [arn] });
  const second = anyName('aws-waf-logs');
  await logs.send(new CreateLogGroupCommand({ logGroupName: second }));
  const LogDestinationConfigs = [`arn:aws:logs:us-east-1:${accountId}:log-group:${second}:*`];
  const { LoggingConfiguration } = await put({ ResourceArn, LogDestinationConfigs });
  expect(LoggingConfiguration?.LogDestinationConfigs).toEqual(LogDestinationConfigs);
  await put({ ResourceArn, LogDestinationConfigs });
  const { resourcePolicies = [] } = await logs.send(new DescribeResourcePoliciesCommand({}));
  const { Statement } = JSON.parse(resourcePolicies[0]?.policyDocument ?? '{}');
  expect(Statement.map(({ Resource }: { Resource: string }) => Resource)).toEqual([
    `${arn}:log-stream:*`,
    `arn:aws:logs:us-east-1:${accountId}:log-group:${second}:log-stream:*`,
  ]);
});
