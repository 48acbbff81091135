/** Actions that need another permission beside their own: handing out a role, using a key. */

import { CreateFlowLogsCommand, CreateVpcCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { AddRoleToInstanceProfileCommand, CreateInstanceProfileCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssociateDRTRoleCommand, CreateSubscriptionCommand, ShieldClient } from '@aws-sdk/client-shield';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountId, type Keys, startInstance, type TestInstance } from '../support/instance.ts';
import { kmsClient, makeKey } from '../support/kms.ts';
import { allow, outcome, Principals } from '../support/principals.ts';

let instance: TestInstance;
let principals: Principals;
beforeAll(async () => {
  instance = await startInstance();
  principals = new Principals(instance);
});
afterAll(() => instance.stop());

const iam = (keys: Keys) => new IAMClient(instance.clientOptions(keys));

describe('policy trap 15: a role is handed out by nobody who may not pass it', () => {
  const RoleName = 'passed';
  const RoleArn = `arn:aws:iam::${accountId}:role/${RoleName}`;
  let keys: Keys;
  let VpcId: string;

  beforeAll(async () => {
    await principals.role(RoleName, {
      trust: { Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
    });
    keys = await principals.user('passer');
    for (const InstanceProfileName of ['full', 'empty'])
      await principals.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName }));
    await principals.iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'full', RoleName }));
    const ec2 = new EC2Client(instance.clientOptions());
    VpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }))).Vpc?.VpcId ?? '';
    await new ShieldClient(instance.clientOptions()).send(new CreateSubscriptionCommand({}));
  });

  const ec2 = () => new EC2Client(instance.clientOptions(keys));
  const handing: readonly (readonly [
    name: string,
    service: string,
    call: () => Promise<unknown>,
    allowed: string,
    denied: string,
  ])[] = [
    [
      'ec2:RunInstances with an instance profile',
      'ec2.amazonaws.com',
      () =>
        ec2().send(
          new RunInstancesCommand({
            ImageId: 'ami-1',
            MinCount: 1,
            MaxCount: 1,
            DryRun: true,
            IamInstanceProfile: { Name: 'full' },
          }),
        ),
      'DryRunOperation',
      'UnauthorizedOperation',
    ],
    [
      'ec2:CreateFlowLogs with a role for delivery',
      'vpc-flow-logs.amazonaws.com',
      () =>
        ec2().send(
          new CreateFlowLogsCommand({
            ResourceType: 'VPC',
            ResourceIds: [VpcId],
            TrafficType: 'ALL',
            LogGroupName: 'flows',
            DeliverLogsPermissionArn: RoleArn,
            DryRun: true,
          }),
        ),
      'DryRunOperation',
      'UnauthorizedOperation',
    ],
    [
      'shield:AssociateDRTRole',
      'drt.shield.amazonaws.com',
      () => new ShieldClient(instance.clientOptions(keys)).send(new AssociateDRTRoleCommand({ RoleArn })),
      'allowed',
      'AccessDeniedException',
    ],
    [
      'iam:AddRoleToInstanceProfile',
      'ec2.amazonaws.com',
      () => iam(keys).send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'empty', RoleName })),
      'allowed',
      'AccessDenied',
    ],
  ];

  it.each(handing)('%s', async (_, service, call, allowed, denied) => {
    const all = { Effect: 'Allow', NotAction: 'iam:PassRole', Resource: '*' };
    const pass = (Resource: string, to: string) => ({
      ...allow('iam:PassRole', { Condition: { StringEquals: { 'iam:PassedToService': to } } }),
      Resource,
    });
    await principals.userMay('passer', all);
    expect(await outcome(call())).toBe(denied);
    await principals.userMay('passer', all, pass(`${RoleArn}-2`, service));
    expect(await outcome(call())).toBe(denied);
    await principals.userMay('passer', all, pass('*', 'lambda.amazonaws.com'));
    expect(await outcome(call())).toBe(denied);
    await principals.userMay('passer', allow('*'), { ...allow('iam:PassRole'), Effect: 'Deny' });
    expect(await outcome(call())).toBe(denied);
    await principals.userMay('passer', all, pass(RoleArn, service));
    expect(await outcome(call())).toBe(allowed);
  });

  it('and who may read the object but not use its key reads nothing', async () => {
    const s3 = new S3Client(instance.clientOptions());
    const { Arn } = await makeKey(kmsClient(instance));
    await s3.send(new CreateBucketCommand({ Bucket: 'dependent' }));
    await s3.send(
      new PutObjectCommand({
        Bucket: 'dependent',
        Key: 'k',
        Body: 'x',
        ServerSideEncryption: 'aws:kms',
        SSEKMSKeyId: Arn,
      }),
    );
    const reader = await principals.user('reader', { may: [allow('s3:*')] });
    const read = () =>
      outcome(
        new S3Client(instance.clientOptions(reader)).send(new GetObjectCommand({ Bucket: 'dependent', Key: 'k' })),
      );
    expect(await read()).toBe('AccessDenied');
    await principals.userMay('reader', allow('s3:*'), { ...allow('kms:Decrypt'), Resource: Arn });
    expect(await read()).toBe('allowed');
  });
});
