/** What the API was told is what the edge does: a request through a load balancer, rules, certificates, health, faults. */
import { createServer, type Server } from 'node:http';
import { request as secureRequest } from 'node:https';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { ACMClient, ImportCertificateCommand } from '@aws-sdk/client-acm';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  type Action,
  CreateListenerCommand,
  CreateRuleCommand,
  DeleteListenerCommand,
  DeregisterTargetsCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesWith, formsOf } from '../support/canary.ts';
import { type Made, makeCertificate } from '../support/certificates.ts';
import {
  admitLoopback,
  answering,
  elbClient,
  makeHttpsListener,
  makeListener,
  makeLoadBalancer,
  makeTargetGroup,
} from '../support/elb.ts';
import { startInstance, type TestInstance } from '../support/instance.ts';
import { freePort } from '../support/ports.ts';

let instance: TestInstance;
let elb: ReturnType<typeof elbClient>;
let shop: Server;
let balancer: string;
let authority: Made;
beforeAll(async () => {
  instance = await startInstance();
  elb = elbClient(instance);
  shop = createServer((incoming, outgoing) => outgoing.end(`shop ${incoming.url}`));
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  // The edge lets in what the groups of the load balancer let in.
  await admitLoopback(instance);
  balancer = (await makeLoadBalancer(elb, 'traffic')).LoadBalancerArn;
  authority = await makeCertificate({ name: 'Authority', isAuthority: true });
});
afterAll(async () => {
  shop.closeAllConnections();
  shop.close();
  await instance.stop();
});

/** Asks again until it is so: configuration reaches the edge a moment later, on a busy machine a longer one. */
async function eventually<T>(ask: () => Promise<T>, isSo: (found: T) => boolean): Promise<T> {
  let last: unknown;
  for (let round = 0; round < 150; round += 1) {
    try {
      const found = await ask();
      if (isSo(found)) return found;
      last = found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`it never became so; at last: ${last instanceof Error ? last.message : JSON.stringify(last)}`);
}

async function get(port: number, path: string): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return `${response.status} ${await response.text()}`;
}

test('a listener forwards to healthy targets, and rules come before it', async () => {
  const { port: Port } = shop.address() as AddressInfo;
  const quick = { HealthCheckIntervalSeconds: 5, HealthCheckTimeoutSeconds: 2 };
  const group = async (name: string, HttpCode: string): Promise<string> => {
    const { TargetGroupArn } = await makeTargetGroup(elb, name, { ...quick, Matcher: { HttpCode } });
    await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: '127.0.0.1', Port }] }));
    return TargetGroupArn;
  };
  const [good, bad] = [await group('good', '200'), await group('bad', '204')];
  const port = await freePort();
  const { ListenerArn } = await makeListener(elb, balancer, port, { Type: 'forward', TargetGroupArn: good });
  const rule = (Priority: number, path: string, action: Action) =>
    elb.send(
      new CreateRuleCommand({
        ListenerArn,
        Priority,
        Conditions: [{ Field: 'path-pattern', Values: [path] }],
        Actions: [action],
      }),
    );
  await rule(1, '/closed/*', answering('we are closed'));
  await rule(2, '/bad/*', { Type: 'forward', TargetGroupArn: bad });
  await eventually(
    () => get(port, '/closed/today'),
    (text) => text === '200 we are closed',
  );
  await eventually(
    () => get(port, '/menu'),
    (text) => text === '200 shop /menu',
  );
  const health = async (TargetGroupArn: string) => {
    const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return TargetHealthDescriptions?.[0]?.TargetHealth;
  };
  const healthy = await eventually(
    () => health(good),
    (found) => found?.State !== 'initial',
  );
  expect(healthy).toEqual({ State: 'healthy' });
  const unhealthy = await eventually(
    () => health(bad),
    (found) => found?.State !== 'initial',
  );
  expect(unhealthy).toEqual({
    State: 'unhealthy',
    Reason: 'Target.ResponseCodeMismatch',
    Description: 'Health checks failed with these codes: [200]',
  });
  await elb.send(new DeleteListenerCommand({ ListenerArn }));
  await eventually(
    () => get(port, '/menu').catch(() => 'refused'),
    (text) => text === 'refused',
  );
}, 60_000);

test('an application load balancer is served through a network load balancer', async () => {
  const [behind, before] = [await freePort(), await freePort()];
  const { ListenerArn } = await makeListener(elb, balancer, behind, answering('through and through'));
  const { LoadBalancerArn } = await makeLoadBalancer(elb, 'front', { Type: 'network' });
  const { TargetGroupArn } = await makeTargetGroup(elb, 'chain', {
    Protocol: 'TCP',
    TargetType: 'alb',
    Port: behind,
    HealthCheckIntervalSeconds: 5,
    HealthCheckTimeoutSeconds: 2,
  });
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: balancer }] }));
  const DefaultActions: Action[] = [{ Type: 'forward', TargetGroupArn }];
  await elb.send(new CreateListenerCommand({ LoadBalancerArn, Protocol: 'TCP', Port: before, DefaultActions }));
  await eventually(
    () => get(before, '/'),
    (text) => text === '200 through and through',
  );
  const health = async () => {
    const { TargetHealthDescriptions } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return TargetHealthDescriptions?.[0]?.TargetHealth;
  };
  expect(await eventually(health, (found) => found?.State !== 'initial')).toEqual({ State: 'healthy' });
  await elb.send(new DeregisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: balancer }] }));
  await elb.send(new DeleteListenerCommand({ ListenerArn }));
}, 30_000);

test('HTTPS presents the certificate that was imported', async () => {
  const leaf = await makeCertificate({ name: 'shop.example.com', issuer: authority });
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  const { CertificateArn } = await new ACMClient(instance.clientOptions()).send(
    new ImportCertificateCommand({
      Certificate: bytes(leaf.pem),
      PrivateKey: bytes(leaf.privateKey),
      CertificateChain: bytes(authority.pem),
    }),
  );
  const port = await freePort();
  await makeHttpsListener(elb, balancer, port, CertificateArn as string);
  const ask = () =>
    new Promise<string>((resolve, reject) => {
      const options = { host: '127.0.0.1', port, servername: 'shop.example.com', ca: authority.pem, path: '/' };
      secureRequest({ ...options, headers: { host: 'shop.example.com' } }, async (incoming) => {
        let text = '';
        for await (const chunk of incoming) text += String(chunk);
        resolve(text);
      })
        .on('error', reject)
        .end();
    });
  expect(await eventually(ask, (text) => text === 'hello')).toBe('hello');
  // The key is in the store, and in the memory of the edge: on the disk it is nowhere in the clear.
  const lines = leaf.privateKey.split('\n').slice(1, 3);
  const forms = lines.flatMap((line) => formsOf(Buffer.from(line)));
  const { found, seen } = filesWith(instance.dataDir as string, forms);
  expect(seen).toBeGreaterThan(5);
  expect(found).toEqual([]);
}, 30_000);

test('a port that is taken is told by the state of the load balancer, and no failed call', async () => {
  const taken = createSocketServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as AddressInfo;
  const { LoadBalancerArn } = await makeLoadBalancer(elb, 'taken');
  const { ListenerArn } = await makeListener(elb, LoadBalancerArn, port);
  const state = async () => {
    const LoadBalancerArns = [LoadBalancerArn];
    return (await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns }))).LoadBalancers?.[0]?.State;
  };
  const found = await eventually(state, (one) => one?.Code === 'active_impaired');
  expect(found?.Reason).toMatch(new RegExp(`^HTTP ${port}: .*EADDRINUSE`));
  await new Promise((resolve) => taken.close(resolve));
  await elb.send(new DeleteListenerCommand({ ListenerArn }));
  expect(await eventually(state, (one) => one?.Code === 'active')).toEqual({ Code: 'active' });
}, 30_000);

test('private keys of certificates are in no record of a call', async () => {
  const cloudtrail = new CloudTrailClient(instance.clientOptions());
  const { Events } = await eventually(
    () =>
      cloudtrail.send(
        new LookupEventsCommand({
          LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'ImportCertificate' }],
        }),
      ),
    (found) => found.Events?.length === 1,
  );
  const [event] = Events ?? [];
  expect(event?.CloudTrailEvent).toContain('"eventSource":"acm.amazonaws.com"');
  expect(event?.CloudTrailEvent).not.toMatch(/PRIVATE|LS0tLS1CRUdJTiBQUklW/);
});
