/** Who may do what with load balancers: ARNs, tags and the condition keys of the service, over HTTP with the real SDK. */
import {
  AddTagsCommand,
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteLoadBalancerCommand,
  DescribeLoadBalancersCommand,
  type ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
  UploadServerCertificateCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCertificate } from '../support/certificates.ts';
import {
  answering,
  defaultGroupId,
  elbClient,
  makeListener,
  makeLoadBalancer,
  refusal,
  region,
  subnetIds,
  vpcId,
} from '../support/elb.ts';
import { accountId, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let iam: IAMClient;
let admin: ElasticLoadBalancingV2Client;
let elb: ElasticLoadBalancingV2Client;
beforeAll(async () => {
  instance = await startInstance();
  iam = new IAMClient(instance.clientOptions());
  admin = elbClient(instance);
  await iam.send(new CreateUserCommand({ UserName: 'balancer' }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'balancer' }));
  elb = elbClient(instance, {
    accessKeyId: AccessKey?.AccessKeyId as string,
    secretAccessKey: AccessKey?.SecretAccessKey as string,
  });
});
afterAll(() => instance.stop());

interface Statement {
  readonly Action: string | string[];
  readonly Resource?: string | string[];
  readonly Condition?: object;
}

/** The whole policy of the user from now on. */
async function allow(...statements: Statement[]): Promise<void> {
  const Statement = statements.map((one) => ({ Effect: 'Allow', Resource: '*', ...one }));
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
  await iam.send(new PutUserPolicyCommand({ UserName: 'balancer', PolicyName: 'p', PolicyDocument }));
}

const action = (name: string): string => `elasticloadbalancing:${name}`;
const arn = (rest: string): string => `arn:aws:elasticloadbalancing:${region}:${accountId}:${rest}`;
const denied = (name: string): RegExp => new RegExp(`^AccessDenied: .* ${action(name)} `);
const twoSubnets = subnetIds.slice(0, 2);
const createLoadBalancer = (Name: string, more: object = {}) =>
  elb.send(new CreateLoadBalancerCommand({ Name, Subnets: twoSubnets, ...more }));

test('resources are named by ARN: NAME/* stands for what is yet to be made', async () => {
  await allow(
    { Action: action('CreateLoadBalancer'), Resource: arn('loadbalancer/app/team-*/*') },
    { Action: action('CreateTargetGroup'), Resource: arn('targetgroup/team-*/*') },
  );
  await createLoadBalancer('team-a');
  expect(await refusal(createLoadBalancer('other'))).toMatch(denied('CreateLoadBalancer'));
  expect(await refusal(createLoadBalancer('team-n', { Type: 'network' }))).toMatch(denied('CreateLoadBalancer'));
  const group = (Name: string) =>
    elb.send(new CreateTargetGroupCommand({ Name, Protocol: 'HTTP', Port: 80, VpcId: vpcId }));
  await group('team-g');
  expect(await refusal(group('others'))).toMatch(denied('CreateTargetGroup'));
  expect(await refusal(elb.send(new DescribeLoadBalancersCommand({})))).toMatch(denied('DescribeLoadBalancers'));
});

test('elasticloadbalancing:Scheme, :Subnet and :SecurityGroup', async () => {
  await allow({
    Action: action('CreateLoadBalancer'),
    Condition: { StringEquals: { 'elasticloadbalancing:Scheme': 'internal' } },
  });
  // The default is internet-facing.
  expect(await refusal(createLoadBalancer('scheme'))).toMatch(denied('CreateLoadBalancer'));
  await createLoadBalancer('scheme', { Scheme: 'internal' });

  await allow({
    Action: [action('CreateLoadBalancer'), action('SetSubnets')],
    Condition: { 'ForAllValues:StringEquals': { 'elasticloadbalancing:Subnet': twoSubnets } },
  });
  const { LoadBalancers } = await createLoadBalancer('subnets');
  expect(await refusal(createLoadBalancer('wide', { Subnets: subnetIds.slice(1, 3) }))).toMatch(
    denied('CreateLoadBalancer'),
  );
  const SubnetMappings = subnetIds.slice(1, 3).map((SubnetId) => ({ SubnetId }));
  expect(await refusal(createLoadBalancer('wide', { Subnets: undefined, SubnetMappings }))).toMatch(
    denied('CreateLoadBalancer'),
  );
  const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn as string;
  const subnets = (Subnets: string[]) => elb.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets }));
  await subnets(twoSubnets);
  expect(await refusal(subnets(subnetIds.slice(1, 3)))).toMatch(denied('SetSubnets'));

  await allow({
    Action: [action('CreateLoadBalancer'), action('SetSecurityGroups')],
    Condition: { 'ForAnyValue:StringEquals': { 'elasticloadbalancing:SecurityGroup': defaultGroupId } },
  });
  expect(await refusal(createLoadBalancer('groups'))).toMatch(denied('CreateLoadBalancer'));
  await createLoadBalancer('groups', { SecurityGroups: [defaultGroupId] });
  const groups = (SecurityGroups: string[]) =>
    elb.send(new SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups }));
  await groups([defaultGroupId]);
  expect(await refusal(groups(['sg-00000000000000000']))).toMatch(denied('SetSecurityGroups'));
});

test('elasticloadbalancing:ListenerProtocol and :SecurityPolicy; the default policy counts too', async () => {
  const { LoadBalancerArn } = await makeLoadBalancer(admin, 'speaking');
  const { pem, privateKey } = await makeCertificate({ name: 'speaking.example.com' });
  const { ServerCertificateMetadata } = await iam.send(
    new UploadServerCertificateCommand({ ServerCertificateName: 's', CertificateBody: pem, PrivateKey: privateKey }),
  );
  const secure = { Protocol: 'HTTPS', Certificates: [{ CertificateArn: ServerCertificateMetadata?.Arn }] } as const;
  const listen = (Port: number, more: object) =>
    elb.send(new CreateListenerCommand({ LoadBalancerArn, Port, DefaultActions: [answering('x')], ...more } as never));
  await allow({
    Action: action('CreateListener'),
    Condition: { 'ForAllValues:StringEquals': { 'elasticloadbalancing:ListenerProtocol': 'HTTPS' } },
  });
  expect(await refusal(listen(8701, { Protocol: 'HTTP' }))).toMatch(denied('CreateListener'));
  await listen(8702, secure);
  await allow({
    Action: [action('CreateListener'), action('ModifyListener')],
    Condition: {
      'ForAllValues:StringEquals': {
        'elasticloadbalancing:SecurityPolicy': 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
      },
    },
  });
  expect(await refusal(listen(8703, secure))).toMatch(denied('CreateListener'));
  const { Listeners } = await listen(8703, { ...secure, SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06' });
  const ListenerArn = Listeners?.[0]?.ListenerArn as string;
  const weaken = new ModifyListenerCommand({ ListenerArn, SslPolicy: 'ELBSecurityPolicy-2016-08' });
  expect(await refusal(elb.send(weaken))).toMatch(denied('ModifyListener'));
});

test('tags: on what is there, on what is asked for, and AddTags for tags at creation', async () => {
  const bar = await makeLoadBalancer(admin, 'bar', { Tags: [{ Key: 'team', Value: 'bar' }] });
  const kitchen = await makeLoadBalancer(admin, 'kitchen', { Tags: [{ Key: 'team', Value: 'kitchen' }] });
  for (const key of ['aws:ResourceTag/team', 'elasticloadbalancing:ResourceTag/team']) {
    await allow({ Action: action('CreateListener'), Condition: { StringEquals: { [key]: 'bar' } } });
    const port = key.startsWith('aws:') ? 8711 : 8712;
    await makeListener(elb, bar.LoadBalancerArn, port);
    expect(await refusal(makeListener(elb, kitchen.LoadBalancerArn, port))).toMatch(denied('CreateListener'));
  }
  const Tags = [{ Key: 'team', Value: 'bar' }];
  await allow({ Action: action('CreateLoadBalancer') });
  expect(await refusal(createLoadBalancer('tagged', { Tags }))).toMatch(denied('AddTags'));
  await allow(
    { Action: action('CreateLoadBalancer'), Condition: { StringEquals: { 'aws:RequestTag/team': 'bar' } } },
    {
      Action: action('AddTags'),
      Resource: arn('loadbalancer/app/*'),
      Condition: { StringEquals: { 'elasticloadbalancing:CreateAction': 'CreateLoadBalancer' } },
    },
  );
  await createLoadBalancer('tagged', { Tags });
  expect(await refusal(createLoadBalancer('untagged'))).toMatch(denied('CreateLoadBalancer'));
  // Tagging for its own sake is another thing.
  const add = new AddTagsCommand({ ResourceArns: [bar.LoadBalancerArn], Tags: [{ Key: 'a', Value: 'b' }] });
  expect(await refusal(elb.send(add))).toMatch(denied('AddTags'));
  // Of two resources both must be allowed.
  await allow({ Action: action('AddTags'), Condition: { StringEquals: { 'aws:ResourceTag/team': 'bar' } } });
  await elb.send(add);
  const both = new AddTagsCommand({
    ResourceArns: [bar.LoadBalancerArn, kitchen.LoadBalancerArn],
    Tags: [{ Key: 'team', Value: 'bar' }],
  });
  expect(await refusal(elb.send(both))).toMatch(denied('AddTags'));
});

test('tags of listeners and rules at creation are asked for on their own ARNs', async () => {
  const { LoadBalancerArn } = await makeLoadBalancer(admin, 'nested');
  const { ListenerArn } = await makeListener(admin, LoadBalancerArn, 8721);
  const rule = (Priority: number) =>
    elb.send(
      new CreateRuleCommand({
        ListenerArn,
        Priority,
        Conditions: [{ Field: 'path-pattern', Values: ['/x'] }],
        Actions: [answering('x')],
        Tags: [{ Key: 'a', Value: 'b' }],
      }),
    );
  await allow({ Action: action('CreateRule') }, { Action: action('AddTags'), Resource: arn('listener/*') });
  expect(await refusal(rule(1))).toMatch(denied('AddTags'));
  await allow(
    { Action: action('CreateRule') },
    { Action: action('AddTags'), Resource: arn('listener-rule/app/nested/*') },
  );
  await rule(1);
});

test('what is not there answers the same to those who may not ask', async () => {
  await allow({ Action: action('DeleteLoadBalancer'), Resource: arn('loadbalancer/app/mine/*') });
  const nobody = arn('loadbalancer/app/theirs/0123456789abcdef');
  const remove = (LoadBalancerArn: string) => elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn }));
  expect(await refusal(remove(nobody))).toMatch(denied('DeleteLoadBalancer'));
  await remove(arn('loadbalancer/app/mine/0123456789abcdef'));
});
