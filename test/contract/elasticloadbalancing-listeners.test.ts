/** Listeners: ports, protocols, certificates, attributes, over HTTP with the real SDK. */

import {
  AddListenerCertificatesCommand,
  CreateListenerCommand,
  type CreateListenerCommandInput,
  DeleteListenerCommand,
  DeleteTargetGroupCommand,
  DescribeListenerAttributesCommand,
  DescribeListenerCertificatesCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  ModifyListenerAttributesCommand,
  ModifyListenerCommand,
  RemoveListenerCertificatesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient, UploadServerCertificateCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate } from '../support/certificates.ts';
import {
  answering,
  elbClient,
  makeHttpsListener,
  makeListener,
  makeLoadBalancer,
  makeTargetGroup,
  refusal,
} from '../support/elb.ts';
import { accountId, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let elb: ReturnType<typeof elbClient>;
let balancer: string;
let network: string;
const certificates: string[] = [];
beforeAll(async () => {
  instance = await startInstance();
  elb = elbClient(instance);
  balancer = (await makeLoadBalancer(elb, 'shop')).LoadBalancerArn;
  network = (await makeLoadBalancer(elb, 'net', { Type: 'network' })).LoadBalancerArn;
  const iam = new IAMClient(instance.clientOptions());
  for (const name of ['one', 'two']) {
    const { pem, privateKey } = await makeCertificate({ name: `${name}.example.com` });
    const { ServerCertificateMetadata } = await iam.send(
      new UploadServerCertificateCommand({
        ServerCertificateName: name,
        CertificateBody: pem,
        PrivateKey: privateKey,
      }),
    );
    certificates.push(ServerCertificateMetadata?.Arn as string);
  }
});
afterAll(() => instance.stop());

const nobody = `arn:aws:elasticloadbalancing:us-east-1:${accountId}:listener/app/shop/0123456789abcdef/0123456789abcdef`;
const notFound = 'ListenerNotFound: One or more listeners not found';
const create = (more: Partial<CreateListenerCommandInput>) =>
  elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: balancer,
      Port: 8999,
      Protocol: 'HTTP',
      DefaultActions: [answering('hello')],
      ...more,
    }),
  );

describe('CreateListener', () => {
  test('shows the action with AWS’s defaults, and describes the same', async () => {
    const group = (await makeTargetGroup(elb, 'shop')).TargetGroupArn;
    const made = await makeListener(elb, balancer, 8101, { Type: 'forward', TargetGroupArn: group });
    expect(made).toEqual({
      ListenerArn: expect.stringMatching(/:listener\/app\/shop\/[0-9a-f]{16}\/[0-9a-f]{16}$/),
      LoadBalancerArn: balancer,
      Port: 8101,
      Protocol: 'HTTP',
      DefaultActions: [
        {
          Type: 'forward',
          TargetGroupArn: group,
          ForwardConfig: {
            TargetGroups: [{ TargetGroupArn: group, Weight: 1 }],
            TargetGroupStickinessConfig: { Enabled: false },
          },
        },
      ],
    });
    expect((await elb.send(new DescribeListenersCommand({ ListenerArns: [made.ListenerArn] }))).Listeners).toEqual([
      made,
    ]);
    const again = await makeListener(elb, balancer, 8101, { Type: 'forward', TargetGroupArn: group });
    expect(again).toEqual(made);
    expect(await refusal(elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: group })))).toBe(
      `ResourceInUse: Target group '${group}' is currently in use by a listener or a rule`,
    );
    expect(await refusal(create({ Port: 8101 }))).toBe(
      `DuplicateListener: A listener already exists on this port for this load balancer '${balancer}'`,
    );
    const { Rules } = await elb.send(new DescribeRulesCommand({ ListenerArn: made.ListenerArn }));
    expect(Rules).toEqual([
      {
        RuleArn: expect.stringMatching(/:listener-rule\/app\/shop\/(?:[0-9a-f]{16}\/){2}[0-9a-f]{16}$/),
        Priority: 'default',
        Conditions: [],
        Actions: made.DefaultActions,
        IsDefault: true,
        Transforms: [],
      },
    ]);
  });

  test('HTTPS has a certificate, a policy and mutual authentication', async () => {
    const made = await makeHttpsListener(elb, balancer, 8102, certificates[0] as string);
    expect(made).toMatchObject({
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: certificates[0] }],
      SslPolicy: 'ELBSecurityPolicy-2016-08',
      MutualAuthentication: { Mode: 'off' },
    });
    const passing = await makeHttpsListener(elb, balancer, 8103, certificates[0] as string, {
      MutualAuthentication: { Mode: 'passthrough' },
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
    });
    expect(passing.MutualAuthentication).toEqual({ Mode: 'passthrough' });
  });

  test('of network load balancers: TCP and TLS', async () => {
    const group = await makeTargetGroup(elb, 'streams', { Protocol: 'TCP' });
    const forward = { Type: 'forward', TargetGroupArn: group.TargetGroupArn } as const;
    const on = (more: Partial<CreateListenerCommandInput>) =>
      create({ LoadBalancerArn: network, Protocol: 'TCP', DefaultActions: [forward], ...more });
    expect((await on({ Port: 8105 })).Listeners?.[0]).toMatchObject({ Protocol: 'TCP', Port: 8105 });
    const secure = { Protocol: 'TLS', Port: 8106, Certificates: [{ CertificateArn: certificates[0] }] } as const;
    const tls = await on({ ...secure, Certificates: [...secure.Certificates], AlpnPolicy: ['None'] });
    expect(tls.Listeners?.[0]).toMatchObject({ Protocol: 'TLS', AlpnPolicy: ['None'] });
    expect(tls.Listeners?.[0]?.MutualAuthentication).toBeUndefined();
    expect(await refusal(on({ Port: 8107, DefaultActions: [answering('x')] }))).toBe(
      "InvalidLoadBalancerAction: The action type 'fixed-response' is not valid with network load balancer",
    );
    for (const Protocol of ['QUIC', 'TCP_QUIC', 'GENEVE'] as const) {
      expect(await refusal(on({ Port: 8107, Protocol }))).toMatch(
        new RegExp(`^NotImplemented: The listener protocol '${Protocol}'`),
      );
    }
    expect(await refusal(on({ Port: 8107, AlpnPolicy: ['HTTP1Only'] }))).toMatch(
      /^ValidationError: An ALPN policy cann/,
    );
    const chain = await makeTargetGroup(elb, 'chain', { Protocol: 'TCP', TargetType: 'alb' });
    const toChain = [{ Type: 'forward', TargetGroupArn: chain.TargetGroupArn } as const];
    const secured = { ...secure, Port: 8107, Certificates: [...secure.Certificates], DefaultActions: toChain };
    expect(await refusal(on(secured))).toBe(
      "InvalidLoadBalancerAction: Listener protocol 'TLS' is not supported with a target group with the target-type 'ALB'",
    );
    expect((await on({ Port: 8108, DefaultActions: toChain })).Listeners?.[0]).toMatchObject({ Protocol: 'TCP' });
    const http = await makeTargetGroup(elb, 'pages');
    const mixed = on({ Port: 8107, DefaultActions: [{ Type: 'forward', TargetGroupArn: http.TargetGroupArn }] });
    expect(await refusal(mixed)).toMatch(/^IncompatibleProtocols: /);
  });

  test('of network load balancers: UDP and TCP_UDP', async () => {
    const groups = new Map<string, string>();
    for (const Protocol of ['TCP', 'UDP', 'TCP_UDP'] as const) {
      const { TargetGroupArn } = await makeTargetGroup(elb, `by-${Protocol.replace('_', '-')}`, { Protocol });
      groups.set(Protocol, TargetGroupArn);
    }
    const { LoadBalancerArn } = await makeLoadBalancer(elb, 'datagrams', { Type: 'network' });
    let Port = 8200;
    const on = (Protocol: 'TCP' | 'UDP' | 'TCP_UDP', group: string, more: Partial<CreateListenerCommandInput> = {}) => {
      const { LoadBalancerArn: at = LoadBalancerArn, ...rest } = more;
      const DefaultActions = [{ Type: 'forward', TargetGroupArn: groups.get(group) } as const];
      Port += 1;
      return create({ LoadBalancerArn: at, Protocol, Port, DefaultActions, ...rest });
    };
    const { Listeners: [udp] = [] } = await on('UDP', 'UDP');
    expect(udp).toMatchObject({ Protocol: 'UDP', Port: 8201 });
    expect(udp).not.toHaveProperty('SslPolicy');
    const { Listeners: [both] = [] } = await on('TCP_UDP', 'TCP_UDP');
    expect(both).toMatchObject({ Protocol: 'TCP_UDP' });
    await on('UDP', 'TCP_UDP');
    await on('TCP', 'TCP_UDP');
    for (const [protocol, group] of [
      ['UDP', 'TCP'],
      ['TCP', 'UDP'],
      ['TCP_UDP', 'UDP'],
      ['TCP_UDP', 'TCP'],
    ] as const) {
      expect(await refusal(on(protocol, group))).toBe(
        `IncompatibleProtocols: The listener and the following target groups have incompatible protocols: ${groups.get(group)}`,
      );
    }
    const Certificates = [{ CertificateArn: certificates[0] }];
    expect(await refusal(on('UDP', 'UDP', { Certificates }))).toMatch(/^ValidationError: A certificate cannot be /);
    expect(await refusal(on('UDP', 'UDP', { AlpnPolicy: ['None'] }))).toMatch(/^ValidationError: An ALPN policy /);
    expect(await refusal(on('UDP', 'UDP', { LoadBalancerArn: balancer }))).toMatch(
      /^ValidationError: Listener protocol 'UDP' must be one of 'HTTPS, HTTP'$/,
    );
    // One listener a port, whatever it speaks.
    expect(await refusal(on('TCP', 'TCP', { Port: 8201 }))).toMatch(/^DuplicateListener: /);
    const { Attributes } = await elb.send(new DescribeListenerAttributesCommand({ ListenerArn: udp?.ListenerArn }));
    expect(Attributes).toEqual([]);
    const timeout = [{ Key: 'tcp.idle_timeout.seconds', Value: '60' }];
    const change = new ModifyListenerAttributesCommand({ ListenerArn: udp?.ListenerArn, Attributes: timeout });
    expect(await refusal(elb.send(change))).toBe(
      "InvalidConfigurationRequest: Listener attribute key 'tcp.idle_timeout.seconds' is not supported on listeners with the UDP protocol",
    );
    const { Listeners: [modified] = [] } = await elb.send(
      new ModifyListenerCommand({
        ListenerArn: udp?.ListenerArn,
        Protocol: 'TCP_UDP',
        DefaultActions: [{ Type: 'forward', TargetGroupArn: groups.get('TCP_UDP') }],
      }),
    );
    expect(modified).toMatchObject({ Protocol: 'TCP_UDP', Port: 8201 });
    const toUdp = new ModifyListenerCommand({ ListenerArn: both?.ListenerArn, Protocol: 'TCP' });
    expect((await elb.send(toUdp)).Listeners?.[0]).toMatchObject({ Protocol: 'TCP' });
  });

  test.each([
    [{ Port: undefined }, /^ValidationError: A listener port must be specified$/],
    [{ Protocol: undefined }, /^ValidationError: A listener protocol must be specified$/],
    [{ Protocol: 'TCP' }, /^ValidationError: Listener protocol 'TCP' must be one of 'HTTPS, HTTP'$/],
    [{ Port: 70_000 }, /^ValidationError: 1 validation error detected: Value '70000' at 'port' failed/],
    [{ Protocol: 'HTTPS' }, /^ValidationError: A certificate must be specified for HTTPS listeners$/],
    [
      { Protocol: 'HTTPS', Certificates: [{ CertificateArn: `arn:aws:iam::${accountId}:server-certificate/no` }] },
      /^CertificateNotFound: Certificate 'arn:aws:iam::111122223333:server-certificate\/no' not found$/,
    ],
    [{ SslPolicy: 'ELBSecurityPolicy-2016-08' }, /^ValidationError: An SSL policy cannot be specified for HTTP/],
    [{ MutualAuthentication: { Mode: 'verify' } }, /^InvalidConfigurationRequest: Mutual authentication is not/],
    [{ DefaultActions: [] }, /^ValidationError: An action must be specified$/],
    [
      {
        DefaultActions: [
          {
            Type: 'forward',
            TargetGroupArn: `arn:aws:elasticloadbalancing:us-east-1:${accountId}:targetgroup/no/0123456789abcdef`,
          },
        ],
      },
      /^TargetGroupNotFound: Target groups 'arn:.*targetgroup\/no\/0123456789abcdef' not found$/,
    ],
    [{ LoadBalancerArn: nobody }, /^ValidationError: 'arn:.*' is not a valid load balancer ARN$/],
  ] as const)('refuses %j', async (more, expected) => {
    expect(await refusal(create(more as unknown as Partial<CreateListenerCommandInput>))).toMatch(expected);
  });

  test('refuses policies and trust stores that there are not', async () => {
    const secure = (more: Partial<CreateListenerCommandInput>) =>
      makeHttpsListener(elb, balancer, 8998, certificates[0] as string, more);
    expect(await refusal(secure({ SslPolicy: 'none' }))).toBe("SSLPolicyNotFound: SSL policy 'none' not found");
    const arn = `arn:aws:elasticloadbalancing:us-east-1:${accountId}:truststore/no/0123456789abcdef`;
    expect(await refusal(secure({ MutualAuthentication: { Mode: 'verify', TrustStoreArn: arn } }))).toBe(
      'TrustStoreNotFound: One or more trust stores not found',
    );
    expect(await refusal(secure({ MutualAuthentication: { Mode: 'verify' } }))).toMatch(/^ValidationError: A trust/);
    expect(await refusal(secure({ MutualAuthentication: { Mode: 'off', TrustStoreArn: arn } }))).toMatch(/^Validati/);
    expect(await refusal(secure({ MutualAuthentication: { Mode: 'maybe' } }))).toMatch(/^ValidationError: Mutual auth/);
    expect(await refusal(secure({ AlpnPolicy: ['HTTP1Only'] }))).toMatch(/^ALPNPolicyNotSupported: /);
  });
});

describe('DescribeListeners', () => {
  test('by load balancer, in pages; never both or neither', async () => {
    const all = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: balancer }));
    expect(all.Listeners?.map(({ Port }) => Port).sort()).toEqual([8101, 8102, 8103]);
    const first = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: balancer, PageSize: 2 }));
    const rest = await elb.send(new DescribeListenersCommand({ LoadBalancerArn: balancer, Marker: first.NextMarker }));
    expect([...(first.Listeners ?? []), ...(rest.Listeners ?? [])]).toEqual(all.Listeners);
    expect(await refusal(elb.send(new DescribeListenersCommand({})))).toBe(
      'ValidationError: You must specify either listener ARNs or a load balancer ARN',
    );
    const stranger = elbClient(instance, otherAdminKeys);
    const ListenerArns = [all.Listeners?.[0]?.ListenerArn as string];
    expect(await refusal(stranger.send(new DescribeListenersCommand({ ListenerArns })))).toBe(notFound);
  });
});

describe('ModifyListener', () => {
  test('turns HTTP into HTTPS and back', async () => {
    const { ListenerArn } = await makeListener(elb, balancer, 8110);
    const modify = (more: object) => elb.send(new ModifyListenerCommand({ ListenerArn, ...more }));
    expect(await refusal(modify({ Protocol: 'HTTPS' }))).toBe(
      'ValidationError: A certificate must be specified for HTTPS listeners',
    );
    const secure = await modify({ Protocol: 'HTTPS', Certificates: [{ CertificateArn: certificates[1] }] });
    expect(secure.Listeners?.[0]).toMatchObject({
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: certificates[1] }],
      SslPolicy: 'ELBSecurityPolicy-2016-08',
    });
    await elb.send(
      new ModifyListenerAttributesCommand({
        ListenerArn,
        Attributes: [
          { Key: 'routing.http.request.x_amzn_tls_version.header_name', Value: 'X-Tls' },
          { Key: 'routing.http.response.x_frame_options.header_value', Value: 'DENY' },
        ],
      }),
    );
    const plain = await modify({ Protocol: 'HTTP', Port: 8111, DefaultActions: [answering('plain')] });
    expect(plain.Listeners?.[0]).toEqual({
      ListenerArn,
      LoadBalancerArn: balancer,
      Port: 8111,
      Protocol: 'HTTP',
      DefaultActions: [answering('plain')],
    });
    const { Attributes } = await elb.send(new DescribeListenerAttributesCommand({ ListenerArn }));
    expect(Attributes).toContainEqual({ Key: 'routing.http.response.x_frame_options.header_value', Value: 'DENY' });
    expect(Attributes?.some(({ Key }) => Key?.includes('tls_version'))).toBe(false);
    expect(await refusal(modify({ Port: 8101 }))).toMatch(/^DuplicateListener: /);
    expect(await refusal(elb.send(new ModifyListenerCommand({ ListenerArn: nobody, Port: 1 })))).toBe(notFound);
  });
});

describe('certificates of a listener', () => {
  test('are added, listed with the default one first, and removed', async () => {
    const { ListenerArn } = await makeHttpsListener(elb, balancer, 8120, certificates[0] as string);
    const add = (CertificateArn: string) =>
      elb.send(new AddListenerCertificatesCommand({ ListenerArn, Certificates: [{ CertificateArn }] }));
    const [first, second] = certificates as [string, string];
    expect((await add(second)).Certificates).toEqual([{ CertificateArn: second, IsDefault: false }]);
    await add(second);
    const list = async () => (await elb.send(new DescribeListenerCertificatesCommand({ ListenerArn }))).Certificates;
    expect(await list()).toEqual([
      { CertificateArn: first, IsDefault: true },
      { CertificateArn: second, IsDefault: false },
    ]);
    expect(await refusal(add(`${first}x`))).toMatch(/^CertificateNotFound: /);
    const remove = (CertificateArn: string) =>
      elb.send(new RemoveListenerCertificatesCommand({ ListenerArn, Certificates: [{ CertificateArn }] }));
    expect(await refusal(remove(first))).toMatch(/^OperationNotPermitted: /);
    await remove(second);
    expect(await list()).toHaveLength(1);
    for (const command of [
      new DescribeListenerCertificatesCommand({ ListenerArn: nobody }),
      new RemoveListenerCertificatesCommand({ ListenerArn: nobody, Certificates: [{ CertificateArn: first }] }),
    ]) {
      expect(await refusal(elb.send(command as DescribeListenerCertificatesCommand))).toBe(notFound);
    }
    const plain = await makeListener(elb, balancer, 8121);
    const wrong = new AddListenerCertificatesCommand({
      ListenerArn: plain.ListenerArn,
      Certificates: [{ CertificateArn: first }],
    });
    expect(await refusal(elb.send(wrong))).toMatch(/^UnsupportedProtocol: /);
  });
});

describe('attributes of a listener', () => {
  test('HTTPS has twenty, with AWS’s defaults', async () => {
    const { ListenerArn } = await makeHttpsListener(elb, balancer, 8130, certificates[0] as string);
    const { Attributes } = await elb.send(new DescribeListenerAttributesCommand({ ListenerArn }));
    expect(Attributes).toHaveLength(19);
    expect(Attributes).toContainEqual({ Key: 'routing.http.response.server.enabled', Value: 'true' });
    const modify = (Key: string, Value: string) =>
      elb.send(new ModifyListenerAttributesCommand({ ListenerArn, Attributes: [{ Key, Value }] }));
    expect(await refusal(modify('no.such', 'x'))).toBe(
      "ValidationError: Listener attribute key 'no.such' is not recognized",
    );
    expect(await refusal(modify('tcp.idle_timeout.seconds', '100'))).toMatch(/^InvalidConfigurationRequest: /);
    // What would begin another header of the answer.
    const injected = modify('routing.http.response.content_security_policy.header_value', 'x\r\nSet-Cookie: a=b');
    expect(await refusal(injected)).toMatch(/^ValidationError: /);
    const same = modify('routing.http.request.x_amzn_tls_version.header_name', 'x-amzn-mtls-clientcert');
    expect(await refusal(same)).toMatch(/^ValidationError: The header name/);
    const gone = new DescribeListenerAttributesCommand({ ListenerArn: nobody });
    expect(await refusal(elb.send(gone))).toBe(notFound);
  });
});

test('DeleteListener takes its rules along', async () => {
  const { ListenerArn } = await makeListener(elb, balancer, 8140);
  await elb.send(new DeleteListenerCommand({ ListenerArn }));
  expect(await refusal(elb.send(new DeleteListenerCommand({ ListenerArn })))).toBe(notFound);
  expect(await refusal(elb.send(new DescribeRulesCommand({ ListenerArn })))).toBe(notFound);
});
