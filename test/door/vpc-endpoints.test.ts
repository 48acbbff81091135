/** Calls that come by a VPC endpoint: its policy is asked, policies can name it, and the record does. */
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CreateRouteTableCommand,
  CreateVpcCommand,
  CreateVpcEndpointCommand,
  DeleteVpcEndpointsCommand,
  DescribeRouteTablesCommand,
  DescribeVpcsCommand,
  EC2Client,
  ModifyVpcEndpointCommand,
} from '@aws-sdk/client-ec2';
import { IAMClient, ListUsersCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../../src/main.ts';
import { accountId, nobodyKeys, startInstance, type TestInstance, testConfig } from '../support/instance.ts';

let instance: TestInstance;
let vpc: string;
let mainTable: string;
let inside: ReturnType<TestInstance['clientOptions']>;
const clients: { destroy(): void }[] = [];
const kept = <T extends { destroy(): void }>(one: T): T => {
  clients.push(one);
  return one;
};
let ec2: EC2Client;
/** From outside and from within the default VPC. */
let s3: { readonly out: S3Client; readonly in: S3Client };

const statement = (more: object) => ({ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*', ...more });
const document = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const onlyMenu = document(statement({ Resource: ['arn:aws:s3:::menu', 'arn:aws:s3:::menu/*'] }));

async function makeEndpoint(service: string, more: object = {}): Promise<string> {
  const { VpcEndpoint } = await ec2.send(
    new CreateVpcEndpointCommand({
      VpcId: vpc,
      ServiceName: `com.amazonaws.us-east-1.${service}`,
      VpcEndpointType: 'Interface',
      ...more,
    }),
  );
  return VpcEndpoint?.VpcEndpointId ?? '';
}
const removeEndpoint = (id: string) => ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] }));

beforeAll(async () => {
  instance = await startInstance({
    ...testConfig,
    listeners: [
      { port: 0, account: accountId, vpc: 'default' },
      { port: 0, account: accountId, vpc: 'default', region: 'eu-west-1' },
    ],
  });
  inside = { ...instance.clientOptions(), endpoint: instance.vpcListeners?.[0] ?? '' };
  ec2 = kept(new EC2Client(instance.clientOptions()));
  s3 = { out: kept(new S3Client(instance.clientOptions())), in: kept(new S3Client(inside)) };
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }));
  vpc = Vpcs?.[0]?.VpcId ?? '';
  const { RouteTables } = await ec2.send(new DescribeRouteTablesCommand({}));
  mainTable = RouteTables?.[0]?.RouteTableId ?? '';
  for (const Bucket of ['menu', 'till']) await s3.out.send(new CreateBucketCommand({ Bucket }));
});
afterAll(async () => {
  for (const one of clients) one.destroy();
  await instance.stop();
});

it('without an endpoint calls come as by the internet', async () => {
  expect(instance.vpcListeners).toHaveLength(2);
  await s3.in.send(new ListObjectsV2Command({ Bucket: 'till' }));
});

describe('an interface endpoint', () => {
  let id: string;
  beforeAll(async () => {
    id = await makeEndpoint('s3', { PolicyDocument: onlyMenu, PrivateDnsEnabled: true });
  });
  afterAll(() => removeEndpoint(id));

  it('lets by what its policy allows, and nobody notices who does not come by it', async () => {
    await s3.in.send(new ListObjectsV2Command({ Bucket: 'menu' }));
    await expect(s3.in.send(new ListObjectsV2Command({ Bucket: 'till' }))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringMatching(
        /not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::till" because no VPC endpoint policy allows the s3:ListBucket action$/,
      ),
    });
    await s3.out.send(new ListObjectsV2Command({ Bucket: 'till' }));
  });

  it('is led to by the service’s own name alone: other services are reached as before', async () => {
    const sts = kept(new STSClient(inside));
    expect((await sts.send(new GetCallerIdentityCommand({}))).Account).toBe(accountId);
    await kept(new IAMClient(inside)).send(new ListUsersCommand({}));
  });

  it('is not the way of calls to other regions', async () => {
    const elsewhere = kept(new S3Client({ ...inside, region: 'eu-west-1' }));
    await elsewhere.send(new ListBucketsCommand({}));
    // Nobody gets around it by signing for another region: what lies in this one is not reached from there.
    await expect(elsewhere.send(new ListObjectsV2Command({ Bucket: 'till' }))).rejects.toMatchObject({
      name: 'PermanentRedirect',
    });
    await expect(s3.in.send(new ListBucketsCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('a changed policy holds for the next call, and a Deny in it ends the matter', async () => {
    const change = (PolicyDocument: string) =>
      ec2.send(new ModifyVpcEndpointCommand({ VpcEndpointId: id, PolicyDocument }));
    await change(document(statement({}), statement({ Effect: 'Deny', Action: 's3:ListBucket' })));
    await expect(s3.in.send(new ListObjectsV2Command({ Bucket: 'menu' }))).rejects.toMatchObject({
      message: expect.stringContaining('with an explicit deny in a VPC endpoint policy'),
    });
    await ec2.send(new ModifyVpcEndpointCommand({ VpcEndpointId: id, ResetPolicy: true }));
    await s3.in.send(new ListObjectsV2Command({ Bucket: 'till' }));
    await change(onlyMenu);
  });

  it('policies can ask by which way a call came', async () => {
    const only = (condition: object) =>
      s3.out.send(
        new PutBucketPolicyCommand({
          Bucket: 'menu',
          Policy: document(
            statement({
              Effect: 'Deny',
              Action: 's3:ListBucket',
              Resource: 'arn:aws:s3:::menu',
              Condition: condition,
            }),
          ),
        }),
      );
    const list = (client: S3Client) =>
      client.send(new ListObjectsV2Command({ Bucket: 'menu' })).then(
        () => 'listed',
        (error: Error) => error.name,
      );
    for (const [key, value] of [
      ['aws:SourceVpce', id],
      ['aws:SourceVpc', vpc],
      ['aws:SourceVpcArn', `arn:aws:ec2:us-east-1:${accountId}:vpc/${vpc}`],
      ['aws:VpceAccount', accountId],
      ['aws:VpcSourceIp', '127.0.0.1'],
    ] as const) {
      await only({ StringNotEquals: { [key]: value } });
      expect([key, await list(s3.in), await list(s3.out)]).toEqual([key, 'listed', 'AccessDenied']);
      await only({ StringEquals: { [key]: value } });
      expect([key, await list(s3.in), await list(s3.out)]).toEqual([key, 'AccessDenied', 'listed']);
    }
    // Addresses within VPCs say nothing outside them.
    await only({ Null: { 'aws:SourceIp': 'true' } });
    expect([await list(s3.in), await list(s3.out)]).toEqual(['AccessDenied', 'listed']);
    await s3.out.send(new DeleteBucketPolicyCommand({ Bucket: 'menu' }));
  });

  it('identity policies see it too', async () => {
    const iam = kept(new IAMClient(instance.clientOptions()));
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: 's3:ListBucket',
          Resource: '*',
          Condition: { StringEquals: { 'aws:SourceVpce': id } },
        },
      ],
    });
    await iam.send(new PutUserPolicyCommand({ UserName: 'nobody', PolicyName: 'by-endpoint', PolicyDocument }));
    const of = (endpoint: string) => kept(new S3Client({ ...instance.clientOptions(nobodyKeys), endpoint }));
    await of(inside.endpoint).send(new ListObjectsV2Command({ Bucket: 'menu' }));
    await expect(of(instance.endpoint).send(new ListObjectsV2Command({ Bucket: 'menu' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });
  });

  it('is on record', async () => {
    const trail = kept(new CloudTrailClient(instance.clientOptions()));
    await expect(s3.in.send(new ListBucketsCommand({}))).rejects.toMatchObject({ name: 'AccessDenied' });
    const { Events } = await trail.send(
      new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'ListBuckets' }] }),
    );
    const [last] = (Events ?? []).map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent ?? '{}'));
    expect(last).toMatchObject({ vpcEndpointId: id, vpcEndpointAccountId: accountId, errorCode: 'AccessDenied' });
  });
});

it('an interface endpoint without private DNS is not where the service’s name leads', async () => {
  const id = await makeEndpoint('s3', { PolicyDocument: onlyMenu, PrivateDnsEnabled: false });
  await s3.in.send(new ListObjectsV2Command({ Bucket: 'till' }));
  await removeEndpoint(id);
});

it('an endpoint of another VPC is not', async () => {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.9.0.0/16' }));
  const id = await makeEndpoint('s3', { VpcId: Vpc?.VpcId, PolicyDocument: onlyMenu });
  await s3.in.send(new ListObjectsV2Command({ Bucket: 'till' }));
  await removeEndpoint(id);
});

it('a gateway leads on where the route table of the place has it', async () => {
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId: vpc }));
  const id = await makeEndpoint('s3', {
    VpcEndpointType: 'Gateway',
    PolicyDocument: onlyMenu,
    RouteTableIds: [RouteTable?.RouteTableId],
  });
  await s3.in.send(new ListObjectsV2Command({ Bucket: 'till' }));
  await ec2.send(new ModifyVpcEndpointCommand({ VpcEndpointId: id, AddRouteTableIds: [mainTable] }));
  await expect(s3.in.send(new ListObjectsV2Command({ Bucket: 'till' }))).rejects.toMatchObject({
    name: 'AccessDenied',
  });
  await removeEndpoint(id);
  await s3.in.send(new ListObjectsV2Command({ Bucket: 'till' }));
});

it('goes by the names that endpoints have', async () => {
  const id = await makeEndpoint('monitoring', {
    PolicyDocument: document(statement({ Action: 'cloudwatch:PutMetricData' })),
  });
  await expect(kept(new CloudWatchClient(inside)).send(new ListMetricsCommand({}))).rejects.toMatchObject({
    message: expect.stringContaining('no VPC endpoint policy allows the cloudwatch:ListMetrics action'),
  });
  await removeEndpoint(id);
});

it('nobody gets around an endpoint without a signature', async () => {
  const far = { ...instance.clientOptions(), region: 'eu-west-1' };
  const [farEc2, farS3] = [kept(new EC2Client(far)), kept(new S3Client(far))];
  const open = {
    BlockPublicPolicy: false,
    RestrictPublicBuckets: false,
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
  };
  for (const Bucket of ['far-menu', 'far-till']) {
    const CreateBucketConfiguration = { LocationConstraint: 'eu-west-1' as const };
    await farS3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
    await farS3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: open }));
    const Policy = document(statement({ Action: 's3:ListBucket', Resource: `arn:aws:s3:::${Bucket}` }));
    await farS3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  }
  const { Vpcs } = await farEc2.send(new DescribeVpcsCommand({}));
  await farEc2.send(
    new CreateVpcEndpointCommand({
      VpcId: Vpcs?.[0]?.VpcId,
      ServiceName: 'com.amazonaws.eu-west-1.s3',
      VpcEndpointType: 'Interface',
      PrivateDnsEnabled: true,
      PolicyDocument: document(statement({ Resource: 'arn:aws:s3:::far-menu' })),
    }),
  );
  const status = async (from: string, bucket: string) => (await fetch(`${from}/${bucket}?list-type=2`)).status;
  const within = instance.vpcListeners?.[1] ?? '';
  expect(await status(instance.endpoint, 'far-till')).toBe(200);
  expect([await status(within, 'far-menu'), await status(within, 'far-till')]).toEqual([200, 403]);
});

it('a listener that anybody could reach needs TLS', async () => {
  const listeners = [{ port: 0, host: '0.0.0.0', account: accountId, vpc: 'default' }];
  const config = { ...testConfig, listeners };
  await expect(start({ port: 0, config })).rejects.toThrow('0.0.0.0 is not a loopback address');
});
