/** Route 53 with the real SDK, and its names asked by real resolvers over UDP and TCP. */
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { DescribeSubnetsCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateLoadBalancerCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  ChangeResourceRecordSetsCommand,
  ChangeTagsForResourceCommand,
  CreateHealthCheckCommand,
  CreateHostedZoneCommand,
  DeleteHealthCheckCommand,
  DeleteHostedZoneCommand,
  GetChangeCommand,
  GetDNSSECCommand,
  GetHealthCheckCommand,
  GetHealthCheckCountCommand,
  GetHealthCheckStatusCommand,
  GetHostedZoneCommand,
  GetHostedZoneCountCommand,
  ListHealthChecksCommand,
  ListHostedZonesByNameCommand,
  ListHostedZonesCommand,
  ListResourceRecordSetsCommand,
  ListTagsForResourceCommand,
  ListTagsForResourcesCommand,
  type ResourceRecordSet,
  Route53Client,
  TestDNSAnswerCommand,
  UpdateHealthCheckCommand,
  UpdateHostedZoneCommentCommand,
} from '@aws-sdk/client-route-53';
import { decode, encode } from 'dns-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nobodyKeys, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';
import { freePort } from '../support/ports.ts';
import { allow, Principals } from '../support/principals.ts';

let instance: TestInstance;
let route53: Route53Client;
let dnsPort: number;
// biome-ignore lint/suspicious/noExplicitAny: commands of every operation.
const send = (command: any, client = route53): Promise<any> => client.send(command);
const code = (command: unknown, client = route53) =>
  send(command, client).then(
    () => 'succeeded',
    (error: Error) => error.name,
  );
let reference = 0;
const newZone = async (Name: string): Promise<string> => {
  reference += 1;
  return (await send(new CreateHostedZoneCommand({ Name, CallerReference: `r${reference}` }))).HostedZone.Id.replace(
    '/hostedzone/',
    '',
  );
};
const change = (HostedZoneId: string, Action: 'CREATE' | 'UPSERT' | 'DELETE', ...sets: ResourceRecordSet[]) =>
  send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId,
      ChangeBatch: { Changes: sets.map((ResourceRecordSet) => ({ Action, ResourceRecordSet })) },
    }),
  );
const record = (Name: string, Type: ResourceRecordSet['Type'], ...values: string[]): ResourceRecordSet => ({
  Name,
  Type,
  TTL: 60,
  ResourceRecords: values.map((Value) => ({ Value })),
});

beforeAll(async () => {
  dnsPort = await freePort();
  instance = await startInstance(undefined, { dnsPort });
  route53 = new Route53Client(instance.clientOptions());
});
afterAll(async () => {
  route53.destroy();
  await instance.stop();
});

describe('zones', () => {
  test('are made, listed, commented and deleted', async () => {
    const Id = await newZone('Coffee.Example');
    const zone = await send(new GetHostedZoneCommand({ Id }));
    expect(zone.HostedZone).toMatchObject({
      Id: `/hostedzone/${Id}`,
      Name: 'coffee.example.',
      ResourceRecordSetCount: 2,
      Config: { PrivateZone: false },
    });
    expect(zone.DelegationSet.NameServers.length).toBeGreaterThan(0);
    expect(await code(new CreateHostedZoneCommand({ Name: 'x.example', CallerReference: `r${reference}` }))).toBe(
      'HostedZoneAlreadyExists',
    );
    expect(await code(new CreateHostedZoneCommand({ Name: 'no_good..example', CallerReference: 'z' }))).toBe(
      'InvalidDomainName',
    );
    const reserved = ['shop-1.us-east-1.elb.amazonaws.com', 'd111111abcdef8.CloudFront.net.', 'amazonaws.com.cn'];
    // Names of registries, and of this instance itself.
    for (const Name of [...reserved, 'example', 'com.', 'co.uk', 'bailey.localhost', 's3.bailey.localhost']) {
      await expect(send(new CreateHostedZoneCommand({ Name, CallerReference: Name }))).rejects.toMatchObject({
        name: 'InvalidDomainName',
        message: `${Name.toLowerCase().replace(/\.$/, '')} is reserved by AWS!`,
      });
    }
    const commented = await send(new UpdateHostedZoneCommentCommand({ Id, Comment: 'beans' }));
    expect(commented.HostedZone.Config.Comment).toBe('beans');
    const other = await newZone('a.example');
    // Whoever delegates to one of them means no other.
    const { DelegationSet } = await send(new GetHostedZoneCommand({ Id: other }));
    expect(zone.DelegationSet.NameServers).not.toEqual(DelegationSet.NameServers);
    expect((await send(new ListHostedZonesCommand({ MaxItems: 1 }))).IsTruncated).toBe(true);
    const byName = await send(new ListHostedZonesByNameCommand({ DNSName: 'coffee.example' }));
    expect(byName.HostedZones[0].Name).toBe('coffee.example.');
    expect((await send(new GetHostedZoneCountCommand({}))).HostedZoneCount).toBe(2);
    const gone = await send(new DeleteHostedZoneCommand({ Id: other }));
    expect(gone.ChangeInfo.Status).toBe('PENDING');
    expect((await send(new GetChangeCommand({ Id: gone.ChangeInfo.Id }))).ChangeInfo.Status).toBe('INSYNC');
    expect(await code(new GetChangeCommand({ Id: 'C0' }))).toBe('NoSuchChange');
    for (const command of [
      new GetHostedZoneCommand({ Id: other }),
      new DeleteHostedZoneCommand({ Id: other }),
      new UpdateHostedZoneCommentCommand({ Id: other }),
      new ListResourceRecordSetsCommand({ HostedZoneId: other }),
    ]) {
      expect(await code(command)).toBe('NoSuchHostedZone');
    }
    expect(await code(new ListHostedZonesCommand({ Marker: 'forged' }))).toBe('InvalidInput');
    expect(await code(new ListHostedZonesByNameCommand({ HostedZoneId: other }))).toBe('InvalidInput');
    const nobody = new Route53Client(instance.clientOptions(nobodyKeys));
    expect(await code(new GetHostedZoneCountCommand({}), nobody)).toMatch(/^AccessDenied/);
    nobody.destroy();
  });

  test('hold records that batches change as a whole', async () => {
    const Id = await newZone('batch.example');
    await change(
      Id,
      'CREATE',
      record('www.batch.example', 'A', '192.0.2.1', '192.0.2.2'),
      record('*.batch.example.', 'TXT', '"any \\"thing\\""'),
    );
    const listed = await send(new ListResourceRecordSetsCommand({ HostedZoneId: Id }));
    expect(listed.ResourceRecordSets.map((one: ResourceRecordSet) => `${one.Name} ${one.Type}`)).toEqual([
      'batch.example. NS',
      'batch.example. SOA',
      '\\052.batch.example. TXT',
      'www.batch.example. A',
    ]);
    const paged = await send(new ListResourceRecordSetsCommand({ HostedZoneId: Id, MaxItems: 2 }));
    expect(paged).toMatchObject({ IsTruncated: true, NextRecordName: '\\052.batch.example.', NextRecordType: 'TXT' });
    const { NextRecordName: StartRecordName } = paged;
    const rest = await send(new ListResourceRecordSetsCommand({ HostedZoneId: Id, StartRecordName }));
    expect(rest.ResourceRecordSets).toEqual(listed.ResourceRecordSets.slice(2));
    await expect(
      change(
        Id,
        'CREATE',
        record('new.batch.example', 'A', '192.0.2.9'),
        record('www.batch.example', 'A', '192.0.2.3'),
      ),
    ).rejects.toMatchObject({
      name: 'InvalidChangeBatch',
      message: "[Tried to create resource record set [name='www.batch.example.', type='A'] but it already exists]",
    });
    expect((await send(new ListResourceRecordSetsCommand({ HostedZoneId: Id }))).ResourceRecordSets).toHaveLength(4);
    for (const [wrong, action] of [
      [record('www.other.example', 'A', '192.0.2.1'), 'CREATE'],
      [record('x.batch.example', 'A', 'not an address'), 'CREATE'],
      [record('x.batch.example', 'A', '192.0.2.1', '192.0.2.1'), 'CREATE'],
      // No label of a name is empty, or longer than its length can say.
      [record('x.batch.example', 'CNAME', 'x..example'), 'CREATE'],
      [record('x.batch.example', 'CNAME', `${'x'.repeat(64)}.example`), 'CREATE'],
      [record('x.batch.example', 'MX', `10 ${'x.'.repeat(127)}example`), 'CREATE'],
      [record('www.batch.example', 'CNAME', 'x.example'), 'CREATE'],
      [record('x.batch.example', 'A', '192.0.2.1'), 'DELETE'],
      [record('www.batch.example', 'A', '192.0.2.1'), 'DELETE'],
      [record('batch.example', 'SOA', 'a. b. 1 1 1 1 1'), 'DELETE'],
      [{ ...record('x.batch.example', 'A', '192.0.2.1'), Region: 'us-east-1', SetIdentifier: 'a' }, 'CREATE'],
    ] as const) {
      await expect(change(Id, action, wrong as ResourceRecordSet)).rejects.toMatchObject({
        name: 'InvalidChangeBatch',
      });
    }
    expect(await code(new DeleteHostedZoneCommand({ Id }))).toBe('HostedZoneNotEmpty');
    expect(
      await send(new TestDNSAnswerCommand({ HostedZoneId: Id, RecordName: 'www.batch.example', RecordType: 'A' })),
    ).toMatchObject({
      Nameserver: `${Id.toLowerCase()}.ns.bailey.localhost`,
      RecordData: ['192.0.2.1', '192.0.2.2'],
    });
    expect(
      await code(new TestDNSAnswerCommand({ HostedZoneId: 'Z0', RecordName: 'www.batch.example', RecordType: 'A' })),
    ).toBe('NoSuchHostedZone');
  });

  test('of a VPC have names of their own', async () => {
    const ec2 = new EC2Client(instance.clientOptions());
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
    ec2.destroy();
    const VPC = { VPCRegion: 'us-east-1', VPCId: Vpcs?.[0]?.VpcId ?? '' } as const;
    const make = (Name: string, CallerReference: string) =>
      send(new CreateHostedZoneCommand({ Name, CallerReference, VPC }));
    const { HostedZone } = await make('inside', 'inside-1');
    const id = HostedZone.Id.replace('/hostedzone/', '');
    await expect(make('inside', 'inside-2')).rejects.toMatchObject({
      name: 'ConflictingDomainExists',
      message: `The VPC ${VPC.VPCId} in region us-east-1 has already been associated with the hosted zone ${id} with the same domain name.`,
    });
    await make('deep.inside', 'inside-3');
  });

  test('are changed by whom a policy names them to, however a star is written', async () => {
    const HostedZoneId = await newZone('stars.example');
    const principals = new Principals(instance);
    const key = 'route53:ChangeResourceRecordSetsNormalizedRecordNames';
    const Condition = { 'ForAnyValue:StringEquals': { [key]: ['\\052.stars.example'] } };
    const kept = { ...allow('route53:ChangeResourceRecordSets', { Condition }), Effect: 'Deny' };
    const user = await principals.user('stars', { may: [allow('route53:*'), kept] });
    const client = new Route53Client(instance.clientOptions(user));
    const put = (Name: string) => {
      const Changes = [{ Action: 'UPSERT' as const, ResourceRecordSet: record(Name, 'A', '192.0.2.1') }];
      return code(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }), client);
    };
    for (const Name of ['*.stars.example', '\\052.Stars.example.', '*.STARS.example.']) {
      expect(await put(Name)).toBe('AccessDenied');
    }
    expect(await put('www.stars.example')).toBe('succeeded');
    client.destroy();
  });

  test('are not signed, and say so', async () => {
    const HostedZoneId = await newZone('signed.example');
    expect(await send(new GetDNSSECCommand({ HostedZoneId }))).toMatchObject({
      Status: { ServeSignature: 'NOT_SIGNING' },
      KeySigningKeys: [],
    });
    expect(await code(new GetDNSSECCommand({ HostedZoneId: 'Z0' }))).toBe('NoSuchHostedZone');
  });

  test('aliases are told as they are answered: by what they lead to', async () => {
    const Id = await newZone('alias.example');
    const elb = new ElasticLoadBalancingV2Client(instance.clientOptions());
    const ec2 = new EC2Client(instance.clientOptions());
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    const made = await elb.send(
      new CreateLoadBalancerCommand({ Name: 'alias', Subnets: Subnets?.slice(0, 2).map((one) => one.SubnetId ?? '') }),
    );
    const { DNSName, CanonicalHostedZoneId } = made.LoadBalancers?.[0] ?? {};
    const alias = (Name: string, HostedZoneId = '', target = ''): ResourceRecordSet => ({
      Name,
      Type: 'A',
      AliasTarget: { HostedZoneId, DNSName: target, EvaluateTargetHealth: false },
    });
    await change(Id, 'CREATE', record('x.alias.example', 'A', '192.0.2.9'));
    await change(Id, 'CREATE', alias('y.alias.example', Id.replace('/hostedzone/', ''), 'x.alias.example'));
    await change(Id, 'CREATE', alias('shop.alias.example', CanonicalHostedZoneId, DNSName));
    const told = async (RecordName: string) =>
      (await send(new TestDNSAnswerCommand({ HostedZoneId: Id, RecordName, RecordType: 'A' }))).RecordData;
    expect(await told('y.alias.example')).toEqual(['192.0.2.9']);
    expect(await told('shop.alias.example')).toEqual(['127.0.0.1']);
    expect(await told('nobody.alias.example')).toEqual([]);
    const lost = alias('z.alias.example', Id.replace('/hostedzone/', ''), 'nobody.alias.example');
    await expect(change(Id, 'CREATE', lost)).rejects.toMatchObject({
      name: 'InvalidChangeBatch',
      messages: [expect.stringMatching(/nobody\.alias\.example\., type A in zone .*, but that target was not found$/)],
    });
    await change(Id, 'CREATE', lost, record('nobody.alias.example', 'A', '192.0.2.10'));
    expect(await told('z.alias.example')).toEqual(['192.0.2.10']);
    elb.destroy();
    ec2.destroy();
  });

  test('whose members do not go together are no valid input, whatever the zone holds', async () => {
    const Id = await newZone('whole.example');
    const base = { Name: 'a.whole.example', Type: 'A' } as const;
    const AliasTarget = { HostedZoneId: Id, DNSName: 'b.whole.example', EvaluateTargetHealth: false };
    const whole = record('a.whole.example', 'A', '192.0.2.1');
    const where = 'in Change with [Action=CREATE, Name=a.whole.example, Type=A, SetIdentifier=null]';
    const one =
      'Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]';
    for (const [set, message] of [
      [base, `${one}, but found none ${where}`],
      [{ ...base, TTL: 60 }, `${one}, but found none ${where}`],
      [{ ...base, AliasTarget, TTL: 60 }, `${one}, but found more than one ${where}`],
      [{ ...whole, AliasTarget }, `${one}, but found more than one ${where}`],
      [{ ...whole, Weight: 1 }, `Invalid request: Missing field 'SetIdentifier' ${where}`],
      [{ ...whole, SetIdentifier: 'x' }, expect.stringMatching(/found none .*SetIdentifier=x\]$/)],
      [
        { ...whole, SetIdentifier: 'x', Weight: 256 },
        expect.stringMatching(/^1 validation error detected: Value '256' at 'changeBatch\..*weight' failed to satisfy/),
      ],
    ] as const) {
      await expect(change(Id, 'CREATE', set)).rejects.toMatchObject({ name: 'InvalidInput', message });
    }
    await expect(change(Id, 'CREATE', record('whole.example', 'CNAME', 'b.example'))).rejects.toMatchObject({
      messages: ['RRSet of type CNAME with DNS name whole.example. is not permitted at apex in zone whole.example.'],
    });
  });

  test('have tags, health checks too', async () => {
    const ResourceId = await newZone('tags.example');
    const base = { ResourceType: 'hostedzone', ResourceId } as const;
    await send(
      new ChangeTagsForResourceCommand({
        ...base,
        AddTags: [
          { Key: 'team', Value: 'till' },
          { Key: 'x', Value: 'y' },
        ],
      }),
    );
    await send(new ChangeTagsForResourceCommand({ ...base, RemoveTagKeys: ['x'] }));
    expect((await send(new ListTagsForResourceCommand(base))).ResourceTagSet.Tags).toEqual([
      { Key: 'team', Value: 'till' },
    ]);
    expect(
      (await send(new ListTagsForResourcesCommand({ ResourceType: 'hostedzone', ResourceIds: [ResourceId] })))
        .ResourceTagSets,
    ).toHaveLength(1);
    const none = { ResourceType: 'hostedzone', ResourceId: 'Z0' } as const;
    expect(await code(new ChangeTagsForResourceCommand({ ...none, AddTags: [{ Key: 'a', Value: 'b' }] }))).toBe(
      'NoSuchHostedZone',
    );
    expect(await code(new ListTagsForResourceCommand(none))).toBe('NoSuchHostedZone');
    expect(await code(new ListTagsForResourcesCommand({ ResourceType: 'hostedzone', ResourceIds: ['Z0'] }))).toBe(
      'NoSuchHostedZone',
    );
  });
});

describe('names', () => {
  const resolver = () => {
    const one = new Resolver({ timeout: 2_000, tries: 2 });
    one.setServers([`127.0.0.1:${dnsPort}`]);
    return one;
  };
  /** The listener comes with the first zone; changes reach it within moments. */
  async function soon<T>(ask: () => Promise<T>, isIt: (value: T) => boolean = () => true): Promise<T> {
    for (let left = 150; ; left -= 1) {
      try {
        const value = await ask();
        if (isIt(value) || left === 0) return value;
      } catch (error) {
        if (left === 0) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  const rcode = async (name: string): Promise<string> =>
    resolver()
      .resolve4(name)
      .then(() => 'NOERROR')
      .catch((error: NodeJS.ErrnoException) => error.code ?? '');

  test('are answered with authority, by type, through CNAMEs and stars; others are refused', async () => {
    const Id = await newZone('shop.example');
    await change(
      Id,
      'CREATE',
      record('shop.example', 'A', '192.0.2.10'),
      record('shop.example', 'MX', '10 mail.shop.example'),
      record('www.shop.example', 'CNAME', 'shop.example'),
      record('*.apps.shop.example', 'A', '192.0.2.20'),
      record('v6.shop.example', 'AAAA', '2001:db8::1'),
      record('text.shop.example', 'TXT', '"one" "two"'),
      record('deep.below.shop.example', 'A', '192.0.2.30'),
    );
    expect(await soon(() => resolver().resolve4('shop.example'))).toEqual(['192.0.2.10']);
    expect(await resolver().resolve4('WWW.Shop.Example')).toEqual(['192.0.2.10']);
    expect(await resolver().resolveMx('shop.example')).toMatchObject([{ priority: 10, exchange: 'mail.shop.example' }]);
    expect(await resolver().resolve4('till.apps.shop.example')).toEqual(['192.0.2.20']);
    expect(await resolver().resolve6('v6.shop.example')).toEqual(['2001:db8::1']);
    expect(await resolver().resolveTxt('text.shop.example')).toEqual([['one', 'two']]);
    expect(await rcode('none.shop.example')).toBe('ENOTFOUND');
    expect(await rcode('below.shop.example')).toBe('ENODATA');
    expect(await rcode('v6.shop.example')).toBe('ENODATA');
    expect(await rcode('elsewhere.example')).toBe('EREFUSED');
    await change(Id, 'UPSERT', record('shop.example', 'A', '192.0.2.11'));
    expect(
      await soon(
        () => resolver().resolve4('shop.example'),
        ([first]) => first === '192.0.2.11',
      ),
    ).toEqual(['192.0.2.11']);
  });

  test('that are long come whole by TCP; crooked questions get no answer; floods get few', async () => {
    const Id = await newZone('long.example');
    await change(
      Id,
      'CREATE',
      record('many.long.example', 'A', ...Array.from({ length: 120 }, (_, at) => `192.0.2.${at + 1}`)),
    );
    expect(await soon(() => resolver().resolve4('many.long.example'))).toHaveLength(120);
    const question = encode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'many.long.example' }] });
    const answers = await new Promise<Buffer[]>((resolve) => {
      const socket = createSocket('udp4');
      const heard: Buffer[] = [];
      socket.on('message', (bytes) => heard.push(bytes));
      for (const crooked of [
        Buffer.alloc(3),
        Buffer.alloc(12),
        Buffer.from(`${question.toString('hex').slice(0, 24)}c00c00010001`, 'hex'),
      ]) {
        socket.send(crooked, dnsPort, '127.0.0.1');
      }
      for (let left = 600; left > 0; left -= 1) socket.send(question, dnsPort, '127.0.0.1');
      setTimeout(() => {
        socket.close();
        resolve(heard);
      }, 700);
    });
    expect(answers.length).toBeLessThan(500);
    // Above the limit every second answer says: ask by TCP. It is no larger than the question.
    expect(Math.max(...answers.map((one) => one.length))).toBeLessThan(600);
    const tcp = await new Promise<Buffer>((resolve, reject) => {
      const socket = connect(dnsPort, '127.0.0.1', () =>
        socket.write(Buffer.concat([Buffer.from([0, question.length]), question])),
      );
      let all = Buffer.alloc(0);
      socket.on('data', (chunk) => {
        all = Buffer.concat([all, chunk]);
        if (all.length >= 2 && all.length >= all.readUInt16BE() + 2) {
          socket.destroy();
          resolve(all.subarray(2));
        }
      });
      socket.on('error', reject);
    });
    expect(decode(tcp).answers).toHaveLength(120);
  });

  test('fail over to the second when the first is found ill, and are divided by weight', async () => {
    let isWell = true;
    const server = createServer((_incoming, outgoing) => outgoing.writeHead(isWell ? 200 : 500).end('beans'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const Port = typeof address === 'object' && address ? address.port : 0;
    const HealthCheckConfig = {
      Type: 'HTTP_STR_MATCH',
      IPAddress: '127.0.0.1',
      Port,
      SearchString: 'beans',
      RequestInterval: 10,
      FailureThreshold: 1,
    } as const;
    const made = await send(new CreateHealthCheckCommand({ CallerReference: 'hc', HealthCheckConfig }));
    const HealthCheckId = made.HealthCheck.Id;
    expect(
      await code(
        new CreateHealthCheckCommand({ CallerReference: 'hc', HealthCheckConfig: { ...HealthCheckConfig, Port: 1 } }),
      ),
    ).toBe('HealthCheckAlreadyExists');
    expect((await send(new GetHealthCheckCommand({ HealthCheckId }))).HealthCheck.HealthCheckConfig).toMatchObject(
      HealthCheckConfig,
    );
    expect((await send(new ListHealthChecksCommand({}))).HealthChecks).toHaveLength(1);
    expect((await send(new GetHealthCheckCountCommand({}))).HealthCheckCount).toBe(1);
    const Id = await newZone('fail.example');
    const one = (value: string, more: object): ResourceRecordSet => ({
      ...record('www.fail.example', 'A', value),
      TTL: 5,
      ...more,
    });
    await change(
      Id,
      'CREATE',
      one('192.0.2.1', { SetIdentifier: 'a', Failover: 'PRIMARY', HealthCheckId }),
      one('192.0.2.2', { SetIdentifier: 'b', Failover: 'SECONDARY' }),
      { ...record('w.fail.example', 'A', '192.0.2.3'), SetIdentifier: 'a', Weight: 1 },
      { ...record('w.fail.example', 'A', '192.0.2.4'), SetIdentifier: 'b', Weight: 0 },
    );
    await instance.advance(6);
    expect(await soon(() => resolver().resolve4('www.fail.example'))).toEqual(['192.0.2.1']);
    expect(
      (await send(new GetHealthCheckStatusCommand({ HealthCheckId }))).HealthCheckObservations[0].StatusReport.Status,
    ).toMatch(/^Success/);
    isWell = false;
    await instance.advance(11);
    expect(
      await soon(
        () => resolver().resolve4('www.fail.example'),
        ([first]) => first === '192.0.2.2',
      ),
    ).toEqual(['192.0.2.2']);
    for (let round = 0; round < 10; round += 1)
      expect(await resolver().resolve4('w.fail.example')).toEqual(['192.0.2.3']);
    expect(await code(new DeleteHealthCheckCommand({ HealthCheckId }))).toBe('HealthCheckInUse');
    const updated = await send(new UpdateHealthCheckCommand({ HealthCheckId, HealthCheckVersion: 1, Inverted: true }));
    expect(updated.HealthCheck).toMatchObject({ HealthCheckVersion: 2, HealthCheckConfig: { Inverted: true } });
    expect(await code(new UpdateHealthCheckCommand({ HealthCheckId, HealthCheckVersion: 1 }))).toBe(
      'HealthCheckVersionMismatch',
    );
    const unknown = { HealthCheckId: '00000000-0000-0000-0000-000000000000' };
    for (const command of [
      new GetHealthCheckCommand(unknown),
      new DeleteHealthCheckCommand(unknown),
      new GetHealthCheckStatusCommand(unknown),
    ]) {
      expect(await code(command)).toBe('NoSuchHealthCheck');
    }
    expect(await code(new ListHealthChecksCommand({ Marker: 'forged' }))).toBe('InvalidInput');
    const spare = await send(
      new CreateHealthCheckCommand({
        CallerReference: 'spare',
        HealthCheckConfig: { Type: 'TCP', IPAddress: '127.0.0.1', Port },
      }),
    );
    await send(new DeleteHealthCheckCommand({ HealthCheckId: spare.HealthCheck.Id }));
    server.close();
  });

  test('stay those of an account that makes its zone anew, whatever others have made, and are let go of in time', async () => {
    const other = new Route53Client(instance.clientOptions(otherAdminKeys));
    const values = (answered: string[]) => answered.join();
    const make = async (client: Route53Client, value: string): Promise<string> => {
      reference += 1;
      const made = await send(
        new CreateHostedZoneCommand({ Name: 'again.example', CallerReference: `r${reference}` }),
        client,
      );
      const HostedZoneId = made.HostedZone.Id;
      const Changes = [{ Action: 'CREATE' as const, ResourceRecordSet: record('again.example', 'A', value) }];
      await send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }), client);
      return HostedZoneId;
    };
    const end = async (HostedZoneId: string, value: string): Promise<void> => {
      await change(HostedZoneId, 'DELETE', record('again.example', 'A', value));
      await send(new DeleteHostedZoneCommand({ Id: HostedZoneId }));
    };
    const ask = () =>
      resolver()
        .resolve4('again.example')
        .then(values, (error: NodeJS.ErrnoException) => error.code);
    const first = await make(route53, '192.0.2.1');
    await make(other, '198.51.100.1');
    expect(await soon(ask, (one) => one === '192.0.2.1')).toBe('192.0.2.1');
    await end(first, '192.0.2.1');
    expect(await soon(ask, (one) => one === 'EREFUSED')).toBe('EREFUSED');
    const second = await make(route53, '192.0.2.2');
    const third = await make(route53, '192.0.2.3');
    expect(await soon(ask, (one) => one === '192.0.2.2')).toBe('192.0.2.2');
    // The name goes over to a zone of the same account, if there is one.
    await end(second, '192.0.2.2');
    expect(await soon(ask, (one) => one === '192.0.2.3')).toBe('192.0.2.3');
    await end(third, '192.0.2.3');
    expect(await soon(ask, (one) => one === 'EREFUSED')).toBe('EREFUSED');
    await instance.advance(31 * 86_400);
    expect(await soon(ask, (one) => one === '198.51.100.1')).toBe('198.51.100.1');
    other.destroy();
  });
});
