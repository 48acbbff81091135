/** Regions and availability zones as the operator has configured them. */
import {
  CreateSubnetCommand,
  DescribeAvailabilityZonesCommand,
  DescribeRegionsCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { CreateKeyCommand, KMSClient, ReplicateKeyCommand } from '@aws-sdk/client-kms';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { placesOf } from '../../src/instance/places.ts';
import { refusal } from '../support/elb.ts';
import { startInstance, type TestInstance, testConfig } from '../support/instance.ts';

let instance: TestInstance;
let ec2: EC2Client;

beforeAll(async () => {
  const regions = [{ name: 'us-east-1', zones: ['c', 'a'] }, { name: 'eu-west-1' }];
  instance = await startInstance({ ...testConfig, regions });
  ec2 = new EC2Client(instance.clientOptions());
});
afterAll(() => instance.stop());

const names = (all: readonly { readonly RegionName?: string | undefined }[] | undefined) =>
  all?.map(({ RegionName }) => RegionName);

test('DescribeRegions shows the regions that are configured, and the others to whoever asks for them', async () => {
  const enabled = await ec2.send(new DescribeRegionsCommand({}));
  expect(names(enabled.Regions)).toEqual(['us-east-1', 'eu-west-1']);
  const all = await ec2.send(new DescribeRegionsCommand({ AllRegions: true }));
  expect(names(all.Regions)?.length).toBeGreaterThan(30);
  const other = { RegionName: 'eu-north-1', Endpoint: 'ec2.eu-north-1.amazonaws.com', OptInStatus: 'not-opted-in' };
  expect(all.Regions).toContainEqual(other);
  const named = await ec2.send(new DescribeRegionsCommand({ RegionNames: ['eu-north-1'] }));
  expect(named.Regions).toEqual([other]);
  const Filters = [{ Name: 'opt-in-status', Values: ['opt-in-not-required'] }];
  const filtered = await ec2.send(new DescribeRegionsCommand({ AllRegions: true, Filters }));
  expect(names(filtered.Regions)).toEqual(['us-east-1', 'eu-west-1']);
  expect(await refusal(ec2.send(new DescribeRegionsCommand({ RegionNames: ['mars-1'] })))).toContain(
    'InvalidParameterValue',
  );
});

test('DescribeAvailabilityZones shows the zones that are configured, or the usual ones', async () => {
  const shown = async (region: string) => {
    const client = new EC2Client(instance.clientOptions(undefined, region));
    const { AvailabilityZones = [] } = await client.send(new DescribeAvailabilityZonesCommand({}));
    return AvailabilityZones.map(({ ZoneName, ZoneId }) => `${ZoneName} ${ZoneId}`);
  };
  expect(await shown('us-east-1')).toEqual(['us-east-1a use1-az1', 'us-east-1c use1-az3']);
  expect(await shown('eu-west-1')).toEqual(['eu-west-1a euw1-az1', 'eu-west-1b euw1-az2', 'eu-west-1c euw1-az3']);
  expect(await refusal(ec2.send(new DescribeAvailabilityZonesCommand({ ZoneNames: ['us-east-1b'] })))).toContain(
    'InvalidParameterValue',
  );
});

test('subnets lie in these zones: the default ones, and those that are made', async () => {
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  expect(Subnets.map((one) => `${one.AvailabilityZone} ${one.CidrBlock}`).sort()).toEqual([
    'us-east-1a 172.31.0.0/20',
    'us-east-1c 172.31.32.0/20',
  ]);
  const make = (AvailabilityZone: string) =>
    ec2.send(new CreateSubnetCommand({ VpcId: Subnets[0]?.VpcId, CidrBlock: '172.31.64.0/20', AvailabilityZone }));
  expect(await refusal(make('us-east-1b'))).toContain('us-east-1a, us-east-1c');
  expect((await make('us-east-1c')).Subnet?.AvailabilityZoneId).toBe('use1-az3');
});

test('in a region that is not enabled nobody is known, and no key is replicated to it', async () => {
  const there = instance.clientOptions(undefined, 'eu-north-1');
  expect(await refusal(new EC2Client(there).send(new DescribeRegionsCommand({})))).toBe(
    'AuthFailure: AWS was not able to validate the provided access credentials',
  );
  expect(await refusal(new KMSClient(there).send(new CreateKeyCommand({})))).toContain('UnrecognizedClientException');
  expect(await refusal(new STSClient(there).send(new GetCallerIdentityCommand({})))).toContain('InvalidClientTokenId');
  expect(await refusal(new S3Client(there).send(new ListBucketsCommand({})))).toContain('InvalidAccessKeyId');
  const kms = new KMSClient(instance.clientOptions());
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ MultiRegion: true }));
  const replicate = (ReplicaRegion: string) =>
    kms.send(new ReplicateKeyCommand({ KeyId: KeyMetadata?.KeyId, ReplicaRegion }));
  expect(await refusal(replicate('eu-north-1'))).toContain('Invalid replica region');
  expect((await replicate('eu-west-1')).ReplicaKeyMetadata?.Arn).toContain(':eu-west-1:');
});

describe('a configuration is refused', () => {
  const cases: readonly (readonly [object, string])[] = [
    [{ regions: [{ name: 'mars-north-1' }, { name: 'us-east-1' }] }, 'no region mars-north-1'],
    [{ region: 'eu-west-1', regions: [{ name: 'eu-west-1' }] }, 'name us-east-1, too'],
    [{ region: 'eu-west-1', regions: [{ name: 'us-east-1' }] }, 'the home region eu-west-1'],
    [{ regions: [{ name: 'us-east-1' }, { name: 'us-east-1' }] }, 'us-east-1 stands there twice'],
    [{ regions: [{ name: 'us-east-1', zones: [] }] }, 'needs a zone'],
    [{ regions: [{ name: 'us-east-1', zones: ['a', 'a'] }] }, 'a stands there twice'],
    [{ regions: [{ name: 'us-east-1' }], listeners: [{ region: 'eu-west-1' }] }, 'listeners: eu-west-1'],
    [{ edge: { zone: 'us-east-1g' } }, 'us-east-1 has us-east-1a, us-east-1b'],
    [{ regions: [{ name: 'us-east-1', zones: ['a'] }], edge: { zone: 'us-east-1b' } }, 'us-east-1 has us-east-1a.'],
    [{ regions: [{ name: 'us-east-1' }], edge: { zone: 'eu-west-1a' } }, 'There is no availability zone eu-west-1a'],
    [{ edgeLocations: ['FRA'], edge: { edgeLocation: 'LHR' } }, 'There is no edge location LHR: there are FRA.'],
    [{ edge: { zone: 'us-east-1a', edgeLocation: 'FRA' } }, 'name one of the two'],
  ];
  test.each(cases)('%j', (config, sentence) => {
    expect(() => placesOf(config as never)).toThrow(sentence);
  });

  test('but not the usual places', () => {
    expect(placesOf({}).regionsNotEnabled.size).toBe(0);
    expect(placesOf({ edge: { zone: 'us-east-1f' } }).ownNode).toEqual({ zone: 'us-east-1f' });
    expect(placesOf({ edge: { edgeLocation: 'FRA50-C1' } }).ownNode).toEqual({ edgeLocation: 'FRA50-C1' });
  });
});
