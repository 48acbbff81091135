/** What a launch is checked for, and what EC2 answers while there are no hosts. */
import { describe, expect, test } from 'vitest';
import { account, Bench } from '../../../test/support/call.ts';
import { DescribeInstances, TerminateInstances } from './operations/instances.ts';
import { RunInstances } from './operations/run-instances.ts';
import type { Ec2Ports } from './ports.ts';

const profileArn = `arn:aws:iam::${account}:instance-profile/bar`;
const roleArn = `arn:aws:iam::${account}:role/bar`;
const bench = new Bench<Ec2Ports>({
  regions: [],
  regionsNotEnabled: [],
  loadBalancers: { use: async () => false },
  instanceProfiles: {
    find: async (_account, { name, arn }) =>
      name === 'bar' || arn === profileArn ? { arn: profileArn, roleArn } : undefined,
  },
});
const launch = { ImageId: 'ami-1', MinCount: 1, MaxCount: 1 };
const arn = (rest: string) => `arn:aws:ec2:us-east-1:${account}:${rest}`;
const checksOf = (input: object) => bench.checks('RunInstances', RunInstances, { ...launch, ...input });
const run = (input: object) => bench.run('RunInstances', RunInstances, { ...launch, ...input });

describe('RunInstances', () => {
  test('asks for every kind of resource that a plain launch makes or uses', async () => {
    const checks = await checksOf({});
    expect(checks.map((check) => [check.action, check.resource.arn])).toEqual([
      ['ec2:RunInstances', arn('instance/*')],
      ['ec2:RunInstances', 'arn:aws:ec2:us-east-1::image/ami-1'],
      ['ec2:RunInstances', arn('security-group/*')],
      ['ec2:RunInstances', arn('subnet/*')],
      ['ec2:RunInstances', arn('network-interface/*')],
      ['ec2:RunInstances', arn('volume/*')],
    ]);
    expect(checks[0]?.context).toMatchObject({
      'ec2:Region': 'us-east-1',
      'ec2:InstanceType': 'm1.small',
      'ec2:Tenancy': 'default',
      'ec2:InstanceMarketType': 'on-demand',
    });
  });

  test('names what the caller names', async () => {
    const checks = await checksOf({
      InstanceType: 't3.micro',
      SubnetId: 'subnet-1',
      SecurityGroupIds: ['sg-1', 'sg-2'],
      KeyName: 'rudy',
      Placement: { GroupName: 'close', Tenancy: 'dedicated' },
      LaunchTemplate: { LaunchTemplateId: 'lt-1' },
      BlockDeviceMappings: [{ Ebs: { VolumeSize: 8, Encrypted: true, SnapshotId: 'snap-1' } }],
      MetadataOptions: { HttpTokens: 'required' },
    });
    expect(checks.map((check) => check.resource.arn)).toEqual([
      arn('instance/*'),
      'arn:aws:ec2:us-east-1::image/ami-1',
      arn('security-group/sg-1'),
      arn('security-group/sg-2'),
      arn('subnet/subnet-1'),
      arn('network-interface/*'),
      arn('volume/*'),
      'arn:aws:ec2:us-east-1::snapshot/snap-1',
      arn('key-pair/rudy'),
      arn('placement-group/close'),
      arn('launch-template/lt-1'),
    ]);
    expect(checks[0]?.context).toMatchObject({
      'ec2:InstanceType': 't3.micro',
      'ec2:MetadataHttpTokens': 'required',
      'ec2:Tenancy': 'dedicated',
      'ec2:LaunchTemplate': arn('launch-template/lt-1'),
    });
    expect(checks[6]?.context).toMatchObject({
      'ec2:Encrypted': 'true',
      'ec2:VolumeSize': '8',
      'ec2:ParentSnapshot': 'arn:aws:ec2:us-east-1::snapshot/snap-1',
    });
  });

  test('asks for CreateTags on each tagged kind, and shows tags only to that kind', async () => {
    const checks = await checksOf({
      TagSpecifications: [{ ResourceType: 'volume', Tags: [{ Key: 'team', Value: 'bar' }] }],
    });
    expect(checks.at(-1)).toMatchObject({
      action: 'ec2:CreateTags',
      resource: { arn: arn('volume/*') },
      context: { 'ec2:CreateAction': 'RunInstances', 'aws:RequestTag/team': 'bar', 'aws:TagKeys': ['team'] },
    });
    expect(checks[0]?.context).not.toHaveProperty('aws:RequestTag/team');
    expect(checks.find((check) => check.resource.arn === arn('volume/*'))?.context).toHaveProperty(
      'aws:RequestTag/team',
    );
  });

  test('asks for PassRole when it hands out a role, also when the profile is not there', async () => {
    expect((await checksOf({ IamInstanceProfile: { Name: 'bar' } })).at(-1)).toMatchObject({
      action: 'iam:PassRole',
      resource: { arn: roleArn },
      context: { 'iam:PassedToService': 'ec2.amazonaws.com' },
    });
    expect((await checksOf({ IamInstanceProfile: { Name: 'nope' } })).at(-1)).toMatchObject({
      action: 'iam:PassRole',
      resource: { arn: `arn:aws:iam::${account}:role/*` },
    });
    await expect(run({ IamInstanceProfile: { Name: 'nope' }, DryRun: true })).rejects.toMatchObject({
      code: 'InvalidParameterValue',
      message: 'Value (nope) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name',
    });
  });

  test('says what a dry run would have done, and that the deed is not built', async () => {
    await expect(run({ DryRun: true })).rejects.toMatchObject({
      code: 'DryRunOperation',
      status: 412,
      message: 'Request would have succeeded, but DryRun flag is set.',
    });
    await expect(run({})).rejects.toMatchObject({ code: 'NotImplemented', status: 501 });
    await expect(run({ ImageId: undefined })).rejects.toMatchObject({ code: 'MissingParameter' });
    await expect(run({ MinCount: 2 })).rejects.toMatchObject({ code: 'InvalidParameterValue' });
  });
});

test('TerminateInstances is checked for each instance once; DescribeInstances for none in particular', async () => {
  const input = { InstanceIds: ['i-1', 'i-2', 'i-1'] };
  const checks = await bench.checks('TerminateInstances', TerminateInstances, input);
  expect(checks.map((check) => check.resource.arn)).toEqual([arn('instance/i-1'), arn('instance/i-2')]);
  const describing = await bench.checks('DescribeInstances', DescribeInstances, {});
  expect(describing).toMatchObject([{ action: 'ec2:DescribeInstances', resource: { arn: '*' } }]);
  await expect(bench.run('TerminateInstances', TerminateInstances, { ...input, DryRun: true })).rejects.toMatchObject({
    code: 'DryRunOperation',
  });
  await expect(bench.run('DescribeInstances', DescribeInstances, {})).rejects.toMatchObject({ code: 'NotImplemented' });
});
