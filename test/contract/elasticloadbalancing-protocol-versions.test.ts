/** Target groups of the protocol versions HTTP2 and GRPC: what they are, who may forward to them, and that calls get there. */
import { connect as connectHttp2 } from 'node:http2';
import {
  CreateRuleCommand,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  DescribeTargetHealthCommand,
  ModifyListenerCommand,
  ModifyTargetGroupCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient, UploadServerCertificateCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort, until } from '../edge/edge.fixture.ts';
import { bodyOf, call, http2Target, reply, unframed } from '../edge/grpc.fixture.ts';
import { type Made, makeCertificate } from '../support/certificates.ts';
import {
  admitLoopback,
  elbClient,
  makeHttpsListener,
  makeListener,
  makeLoadBalancer,
  makeTargetGroup,
  refusal,
  vpcId,
} from '../support/elb.ts';
import { startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let elb: ReturnType<typeof elbClient>;
let balancer: string;
let certificate: string;
let shop: Made;
beforeAll(async () => {
  instance = await startInstance();
  elb = elbClient(instance);
  balancer = (await makeLoadBalancer(elb, 'calls')).LoadBalancerArn;
  shop = await makeCertificate({ name: 'shop.example' });
  const upload = new UploadServerCertificateCommand({
    ServerCertificateName: 'shop',
    CertificateBody: shop.pem,
    PrivateKey: shop.privateKey,
  });
  const { ServerCertificateMetadata } = await new IAMClient(instance.clientOptions()).send(upload);
  certificate = ServerCertificateMetadata?.Arn as string;
});
afterAll(() => instance.stop());

describe('a target group', () => {
  test('of GRPC is well where a method is unknown, and says so', async () => {
    const made = await makeTargetGroup(elb, 'grpc', { ProtocolVersion: 'GRPC' });
    expect(made).toMatchObject({
      Protocol: 'HTTP',
      ProtocolVersion: 'GRPC',
      HealthCheckProtocol: 'HTTP',
      HealthCheckPath: '/AWS.ALB/healthcheck',
      Matcher: { GrpcCode: '12' },
    });
    expect(made.Matcher).not.toHaveProperty('HttpCode');
    expect(await makeTargetGroup(elb, 'grpc', { ProtocolVersion: 'GRPC' })).toEqual(made);
    expect(await refusal(makeTargetGroup(elb, 'grpc', { ProtocolVersion: 'HTTP2' }))).toMatch(/^DuplicateTargetGroupN/);
    const modify = (more: object) =>
      elb.send(new ModifyTargetGroupCommand({ TargetGroupArn: made.TargetGroupArn, ...more }));
    const modified = await modify({
      HealthCheckPath: '/grpc.health.v1.Health/Check',
      Matcher: { GrpcCode: '0,12-14' },
    });
    expect(modified.TargetGroups?.[0]).toMatchObject({
      ProtocolVersion: 'GRPC',
      HealthCheckPath: '/grpc.health.v1.Health/Check',
      Matcher: { GrpcCode: '0,12-14' },
    });
    expect(await refusal(modify({ Matcher: { HttpCode: '200' } }))).toBe(
      'ValidationError: The matcher of a target group with GRPC must be a GRPC code',
    );
  });

  test('of HTTP2 is checked like one of HTTP1', async () => {
    const made = await makeTargetGroup(elb, 'two', { ProtocolVersion: 'HTTP2', Protocol: 'HTTPS' });
    expect(made).toMatchObject({
      Protocol: 'HTTPS',
      ProtocolVersion: 'HTTP2',
      HealthCheckPath: '/',
      Matcher: { HttpCode: '200' },
    });
  });

  test.each([
    [
      { Matcher: { HttpCode: '200' } },
      /^ValidationError: The matcher of a target group with GRPC must be a GRPC code$/,
    ],
    [
      { Matcher: { GrpcCode: '200' } },
      /^ValidationError: Health check matcher GRPC code '200' must be within '0-99' inclusive$/,
    ],
    [{ Matcher: { GrpcCode: '3-1' } }, /^ValidationError: Health check matcher GRPC code '3-1'/],
    [{ Matcher: { GrpcCode: '1,' } }, /^ValidationError: Health check matcher GRPC code '1,'/],
    [
      { ProtocolVersion: 'HTTP2', Matcher: { GrpcCode: '0' } },
      /^ValidationError: The matcher of a target group without/,
    ],
    [{ Protocol: 'TCP' }, /^ValidationError: A protocol version cannot be specified/],
    [{ TargetType: 'lambda' }, /^NotImplemented: The target type 'lambda' is not built by Bailey.$/],
  ] as [Partial<CreateTargetGroupCommandInput>, RegExp][])('refuses %j', async (more, expected) => {
    const input = { Name: 'refused', Protocol: 'HTTP', Port: 80, VpcId: vpcId, ProtocolVersion: 'GRPC', ...more };
    expect(await refusal(elb.send(new CreateTargetGroupCommand(input as CreateTargetGroupCommandInput)))).toMatch(
      expected,
    );
  });
});

test('only HTTPS listeners forward to HTTP2 and GRPC', async () => {
  const plain = await makeListener(elb, balancer, await freePort());
  const secure = await makeHttpsListener(elb, balancer, await freePort(), certificate);
  for (const version of ['HTTP2', 'GRPC'] as const) {
    const { TargetGroupArn } = await makeTargetGroup(elb, `for-${version}`, { ProtocolVersion: version });
    const action = { Type: 'forward', TargetGroupArn } as const;
    const said = `InvalidLoadBalancerAction: Listener protocol 'HTTP' is not supported with a target group with the protocol-version '${version}'`;
    expect(await refusal(makeListener(elb, balancer, await freePort(), action))).toBe(said);
    const rule = (ListenerArn: string) =>
      elb.send(
        new CreateRuleCommand({
          ListenerArn,
          Priority: 1,
          Conditions: [{ Field: 'path-pattern', Values: ['/a'] }],
          Actions: [action],
        }),
      );
    expect(await refusal(rule(plain.ListenerArn))).toBe(said);
    if (version === 'GRPC') await rule(secure.ListenerArn);
  }
  const back = new ModifyListenerCommand({ ListenerArn: secure.ListenerArn, Protocol: 'HTTP' });
  expect(await refusal(elb.send(back))).toMatch(
    /^InvalidLoadBalancerAction: Listener protocol 'HTTP' is not supported/,
  );
});

test('a call reaches a target that is well by its status, and the target that is not is told why', async () => {
  await admitLoopback(instance);
  const checks: string[] = [];
  const target = await http2Target((stream, headers) => {
    void bodyOf(stream).then((body) => {
      const path = String(headers[':path']);
      if (path === '/shop.Menu/List') reply(stream, [`heard ${unframed(body)[0]}`], { 'grpc-status': '0' });
      else {
        checks.push(path);
        stream.respond(
          { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12' },
          { endStream: true },
        );
      }
    });
  });
  const quick = { ProtocolVersion: 'GRPC', HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 2 } as const;
  const well = await makeTargetGroup(elb, 'well', quick);
  const ill = await makeTargetGroup(elb, 'ill', { ...quick, Matcher: { GrpcCode: '0' } });
  for (const { TargetGroupArn } of [well, ill]) {
    await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: '127.0.0.1', Port: target.port }] }));
  }
  const port = await freePort();
  await makeHttpsListener(elb, balancer, port, certificate, {
    DefaultActions: [
      {
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: [
            { TargetGroupArn: well.TargetGroupArn, Weight: 1 },
            { TargetGroupArn: ill.TargetGroupArn, Weight: 0 },
          ],
        },
      },
    ],
  });
  const healthOf = async (TargetGroupArn: string) => {
    const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return TargetHealthDescriptions?.[0]?.TargetHealth;
  };
  await until(async () => (await healthOf(well.TargetGroupArn))?.State === 'healthy');
  await until(async () => (await healthOf(ill.TargetGroupArn))?.State === 'unhealthy');
  expect(await healthOf(ill.TargetGroupArn)).toMatchObject({
    Reason: 'Target.ResponseCodeMismatch',
    Description: 'Health checks failed with these codes: [12]',
  });
  expect(new Set(checks)).toEqual(new Set(['/AWS.ALB/healthcheck']));
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: shop.pem, servername: 'shop.example' });
  expect(await call(session, '/shop.Menu/List', 'tea')).toMatchObject({ grpcStatus: '0', messages: ['heard tea'] });
  session.destroy();
  await target.close();
}, 60_000);
