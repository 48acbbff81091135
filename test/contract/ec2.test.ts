/** EC2 with the SDK: the decision first, then what a dry run says, then that hosts do not exist yet. */
import {
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { DecodeAuthorizationMessageCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accountId, nobodyKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let admin: EC2Client;
let nobody: EC2Client;

beforeAll(async () => {
  instance = await startInstance();
  admin = new EC2Client(instance.clientOptions());
  nobody = new EC2Client(instance.clientOptions(nobodyKeys));
});

afterAll(async () => {
  admin.destroy();
  nobody.destroy();
  await instance.stop();
});

const launch: RunInstancesCommandInput = {
  ImageId: 'ami-12345678',
  MinCount: 1,
  MaxCount: 1,
  InstanceType: 't3.micro',
};

test('M-049 a user without permissions cannot launch, dry run or not, and the message can be decoded', async () => {
  for (const DryRun of [true, false]) {
    await expect(nobody.send(new RunInstancesCommand({ ...launch, DryRun }))).rejects.toMatchObject({
      name: 'UnauthorizedOperation',
      $metadata: { httpStatusCode: 403 },
    });
  }
  const denial = await nobody.send(new RunInstancesCommand({ ...launch, DryRun: true })).catch((error: Error) => error);
  const encoded = /Encoded authorization failure message: (\S+)/.exec((denial as Error).message)?.[1];
  const sts = new STSClient(instance.clientOptions());
  const { DecodedMessage: decoded } = await sts.send(
    new DecodeAuthorizationMessageCommand({ EncodedMessage: encoded }),
  );
  sts.destroy();
  expect(JSON.parse(decoded ?? '')).toMatchObject({ allowed: false });
});

test('M-051 a policy makes the same call succeed at once', async () => {
  const iam = new IAMClient(instance.clientOptions());
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 'ec2:RunInstances', Resource: '*' },
      {
        Effect: 'Deny',
        Action: 'ec2:RunInstances',
        Resource: 'arn:aws:ec2:*:*:instance/*',
        Condition: { StringNotEquals: { 'ec2:InstanceType': 't3.micro' } },
      },
    ],
  });
  await iam.send(new PutUserPolicyCommand({ UserName: 'nobody', PolicyName: 'launch', PolicyDocument }));
  iam.destroy();
  const dryRun = (more: object) => nobody.send(new RunInstancesCommand({ ...launch, DryRun: true, ...more }));
  await expect(dryRun({})).rejects.toMatchObject({
    name: 'DryRunOperation',
    message: 'Request would have succeeded, but DryRun flag is set.',
    $metadata: { httpStatusCode: 412 },
  });
  const denied = { name: 'UnauthorizedOperation' };
  await expect(dryRun({ InstanceType: 'm5.large' })).rejects.toMatchObject(denied);
  await expect(dryRun({ InstanceType: undefined })).rejects.toMatchObject(denied);
  // Tags need ec2:CreateTags, and an instance profile iam:PassRole.
  await expect(
    dryRun({ TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'a', Value: 'b' }] }] }),
  ).rejects.toMatchObject(denied);
  await expect(dryRun({ IamInstanceProfile: { Name: 'bar' } })).rejects.toMatchObject(denied);
});

test.each([
  ['RunInstances', (DryRun: boolean) => new RunInstancesCommand({ ...launch, DryRun })],
  ['DescribeInstances', (DryRun: boolean) => new DescribeInstancesCommand({ DryRun })],
  ['TerminateInstances', (DryRun: boolean) => new TerminateInstancesCommand({ InstanceIds: ['i-1'], DryRun })],
])('%s: an allowed dry run says so; the deed is not built', async (name, command) => {
  const run = (dry: boolean) => admin.send(command(dry) as DescribeInstancesCommand);
  await expect(run(true)).rejects.toMatchObject({ name: 'DryRunOperation', $metadata: { httpStatusCode: 412 } });
  await expect(run(false)).rejects.toMatchObject({
    name: 'NotImplemented',
    message: `${name} is not built by Bailey until hosts exist.`,
  });
  await expect(nobody.send(new DescribeInstancesCommand({ DryRun: true }))).rejects.toMatchObject({
    name: 'UnauthorizedOperation',
  });
});

test('an instance profile that is not there is refused after the decision', async () => {
  const IamInstanceProfile = { Arn: `arn:aws:iam::${accountId}:instance-profile/none` };
  await expect(
    admin.send(new RunInstancesCommand({ ...launch, IamInstanceProfile, DryRun: true })),
  ).rejects.toMatchObject({ name: 'InvalidParameterValue' });
});
