/** Services that call services: the identities they act in, what policies see of it, and what the record says. */
import { describe, expect, test } from 'vitest';
import { combine, compile } from '../../src/engines/policy/index.ts';
import { type CloudTrailRecord, managementStream } from '../../src/events/api-call.ts';
import { createActor } from '../../src/gateway/actor.ts';
import { Authorizer } from '../../src/gateway/authorize.ts';
import { Performer } from '../../src/gateway/perform.ts';
import { Recorder } from '../../src/gateway/recorder.ts';
import { sources } from '../../src/instance/sources.ts';
import {
  type ActingIdentity,
  type Actor,
  type Call,
  type Caller,
  operation,
  type ResourcePolicy,
  type Service,
  service,
} from '../../src/services/service.ts';
import { openMemoryStore } from '../../src/store/memory.ts';
import { loadService } from '../../src/wire/index.ts';
import { plainSealer, seededRandom, userCaller } from '../support/call.ts';

const account = '111122223333';
const rudy = userCaller('rudy');
const barista: Caller = {
  account,
  accessKeyId: 'ASIABARISTABARISTA01',
  principal: {
    kind: 'assumed-role',
    account,
    arn: `arn:aws:sts::${account}:assumed-role/barista/function`,
    id: 'AROABARISTABARIS0001:function',
    roleArn: `arn:aws:iam::${account}:role/barista`,
    roleId: 'AROABARISTABARIS0001',
    roleName: 'barista',
    sessionName: 'function',
    serviceLinked: false,
  },
  session: { kind: 'assumed-role', issuedAt: Date.UTC(2026, 10, 1), expiresAt: Date.UTC(2026, 10, 2) },
};
const everything = { arn: '*', account };

/** Three services of which each forwards its caller to the next: ec2 → cloudtrail → s3. */
function door(statement: object, resourcePolicy?: object) {
  const policy: ResourcePolicy | undefined = resourcePolicy && {
    document: JSON.stringify({ Version: '2012-10-17', Statement: resourcePolicy }),
    id: 'bucket policy',
    kind: 'resource',
  };
  const store = openMemoryStore();
  const random = seededRandom();
  const forward = (name: string, via: string, to: string, call: string) =>
    operation<object, object>({
      checks: () => [{ action: name, resource: everything }],
      handle: (_input, current) =>
        current.actor.call({ as: 'caller', call: current, via }, to, call, {}) as Promise<object>,
    });
  const services = new Map<string, Service>([
    [
      'ec2',
      service(
        'ec2',
        { DescribeInstances: forward('ec2:DescribeInstances', 'ec2.amazonaws.com', 'cloudtrail', 'ListTrails') },
        undefined,
      ),
    ],
    [
      'cloudtrail',
      service(
        'cloudtrail',
        { ListTrails: forward('cloudtrail:ListTrails', 'cloudtrail.amazonaws.com', 's3', 'ListBuckets') },
        undefined,
      ),
    ],
    [
      's3',
      service(
        's3',
        {
          ListBuckets: operation<object, object>({
            checks: () => [
              { action: 's3:ListAllMyBuckets', resource: policy ? { ...everything, policy } : everything },
            ],
            handle: () => ({ Buckets: [] }),
          }),
        },
        undefined,
      ),
    ],
  ]);
  const document = JSON.stringify({ Version: '2012-10-17', Statement: statement });
  const identity = combine([compile(document, 'identity', { id: 'policy' })]);
  const authorizer = new Authorizer(
    { bearingOn: () => ({ layers: { identity }, rcps: undefined, values: {} }) },
    { sessionForbids: () => false, rootOnly: new Set() },
  );
  const clock = { now: () => Date.UTC(2026, 10, 1, 12) };
  const recorder = new Recorder(random);
  const performer: Performer = new Performer({
    services,
    store,
    authorizer,
    recorder,
    clock,
    random,
    sealer: plainSealer,
    actor: () => actor,
  });
  const actor: Actor = createActor(performer, sources, random);
  return { store, performer, actor };
}

async function outside({ performer }: ReturnType<typeof door>, caller: Caller, name: string, call: string) {
  const source = sources.find((one) => one.name === name);
  const model = source && (await loadService(source)).operations.get(call);
  if (!model) throw new Error(`no operation ${name}:${call}`);
  return performer.perform({
    requestId: 'outer',
    service: name,
    operation: model,
    caller,
    scope: { account, region: 'us-east-1' },
    connection: { sourceIp: '192.0.2.7', secure: true, userAgent: 'aws-cli', host: '127.0.0.1' },
    input: () => ({}),
  });
}

/** `invokedBy` and the rest of who called, by the name of the event. */
async function recordOf({ store }: ReturnType<typeof door>, name: string, partition = `${account}/us-east-1`) {
  const page = await store.query({ stream: managementStream, partition, limit: 50 });
  const records = page.entries.map(
    ({ body }) => (JSON.parse(Buffer.from(body).toString()) as { record: CloudTrailRecord }).record,
  );
  const found = records.find((record) => record.eventName === name);
  if (!found) throw new Error(`no record of ${name}`);
  return found;
}

const allow = (Action: string, Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...(Condition ? { Condition } : {}),
});
const outer = [allow('ec2:*'), allow('cloudtrail:*')];

describe('a call that a service forwards for its caller', () => {
  test('needs the caller’s own permission', async () => {
    await expect(outside(door(outer), rudy, 'ec2', 'DescribeInstances')).rejects.toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining('s3:ListAllMyBuckets'),
    });
    await expect(outside(door([...outer, allow('s3:*')]), rudy, 'ec2', 'DescribeInstances')).resolves.toEqual({
      Buckets: [],
    });
  });

  test.each([
    [
      'aws:CalledViaFirst',
      { StringEquals: { 'aws:CalledViaFirst': 'ec2.amazonaws.com' } },
      { StringEquals: { 'aws:CalledViaFirst': 'cloudtrail.amazonaws.com' } },
    ],
    [
      'aws:CalledViaLast',
      { StringEquals: { 'aws:CalledViaLast': 'cloudtrail.amazonaws.com' } },
      { StringEquals: { 'aws:CalledViaLast': 'ec2.amazonaws.com' } },
    ],
    [
      'aws:CalledVia',
      { 'ForAllValues:StringEquals': { 'aws:CalledVia': ['ec2.amazonaws.com', 'cloudtrail.amazonaws.com'] } },
      { 'ForAnyValue:StringEquals': { 'aws:CalledVia': 'lambda.amazonaws.com' } },
    ],
    ['aws:ViaAWSService', { Bool: { 'aws:ViaAWSService': 'true' } }, { Bool: { 'aws:ViaAWSService': 'false' } }],
    [
      'aws:SourceIp, which is nobody’s',
      { Null: { 'aws:SourceIp': 'true' } },
      { IpAddress: { 'aws:SourceIp': '192.0.2.7' } },
    ],
  ])('shows in %s', async (_key, holds, fails) => {
    await expect(
      outside(door([...outer, allow('s3:*', holds)]), rudy, 'ec2', 'DescribeInstances'),
    ).resolves.toBeDefined();
    await expect(
      outside(door([...outer, allow('s3:*', fails)]), rudy, 'ec2', 'DescribeInstances'),
    ).rejects.toMatchObject({ code: 'AccessDenied' });
  });

  test('is recorded as the caller’s, with the service that made it', async () => {
    const all = door([...outer, allow('s3:*')]);
    await outside(all, rudy, 'ec2', 'DescribeInstances');
    expect(await recordOf(all, 'DescribeInstances')).toMatchObject({ sourceIPAddress: '192.0.2.7' });
    expect(await recordOf(all, 'ListBuckets')).toMatchObject({
      userIdentity: { type: 'IAMUser', userName: 'rudy', invokedBy: 'cloudtrail.amazonaws.com' },
      sourceIPAddress: 'cloudtrail.amazonaws.com',
      userAgent: 'cloudtrail.amazonaws.com',
    });
  });
});

describe('asking whether a forwarded call would be allowed', () => {
  const ask = (statements: object) => {
    const all = door(statements);
    const call = {
      caller: rudy,
      scope: { account, region: 'us-east-1' },
      connection: { sourceIp: '192.0.2.7', secure: true, userAgent: 'aws-cli', host: '127.0.0.1' },
    } as Call;
    const identity: ActingIdentity = { as: 'caller', call, via: 'ec2.amazonaws.com', region: 'eu-west-1' };
    return { all, answer: all.actor.authorize(identity, 's3', 'ListBuckets', {}) };
  };

  test('decides as the call would, in the region that is named', async () => {
    const holds = {
      StringEquals: { 'aws:CalledViaLast': 'ec2.amazonaws.com', 'aws:RequestedRegion': 'eu-west-1' },
    };
    await expect(ask(allow('s3:*', holds)).answer).resolves.toBeUndefined();
    await expect(ask(allow('ec2:*')).answer).rejects.toMatchObject({
      code: 'AccessDenied',
      message: expect.stringContaining('s3:ListAllMyBuckets'),
    });
  });

  test('leaves no record', async () => {
    for (const statement of [allow('s3:*'), allow('ec2:*')]) {
      const { all, answer } = ask(statement);
      await answer.catch(() => undefined);
      await expect(recordOf(all, 'ListBuckets', `${account}/eu-west-1`)).rejects.toThrow('no record');
    }
  });

  test('is no for operations that are not there, and for strangers where they may not call', async () => {
    const { all } = ask(allow('s3:*'));
    const call = { caller: { principal: { kind: 'anonymous' }, account: '' }, scope: { account, region: 'us-east-1' } };
    const identity = { as: 'caller', call, via: 'ec2.amazonaws.com' } as unknown as ActingIdentity;
    await expect(all.actor.authorize(identity, 's3', 'ListBuckets', {})).rejects.toMatchObject({
      code: 'AccessDenied',
    });
    await expect(all.actor.authorize(asService, 's3', 'GetObject', {})).rejects.toMatchObject({ code: 'AccessDenied' });
  });
});

test('no resource control policy reaches an AWS managed key', async () => {
  const set = (Effect: string, kind: 'identity' | 'rcp') => {
    const statement = { Effect, Action: 's3:*', Resource: '*', ...(kind === 'rcp' && { Principal: '*' }) };
    const document = JSON.stringify({ Version: '2012-10-17', Statement: statement });
    return combine([compile(document, kind, { id: kind })]);
  };
  const authorizer = new Authorizer(
    {
      bearingOn: async () => ({
        layers: { identity: set('Allow', 'identity') },
        rcps: [set('Deny', 'rcp')],
        values: {},
      }),
    },
    { sessionForbids: () => false, rootOnly: new Set() },
  );
  const facts = {
    caller: rudy,
    connection: { sourceIp: '192.0.2.7', secure: true, userAgent: '', host: '' },
    scope: { account, region: 'us-east-1' },
    service: 's3',
    now: 0,
  };
  const ruled = async (more: object) =>
    (await authorizer.rule(facts, { action: 's3:GetObject', resource: { ...everything, ...more } })).decision.allowed;
  expect(await ruled({})).toBe(false);
  expect(await ruled({ isBeyondRcps: true })).toBe(true);
});

const asRole: ActingIdentity = { as: 'role', caller: barista, via: 'lambda.amazonaws.com', region: 'us-east-1' };
const asService: ActingIdentity = {
  as: 'service',
  name: 'lambda.amazonaws.com',
  region: 'us-east-1',
  sourceAccount: account,
  sourceArn: `arn:aws:lambda:us-east-1:${account}:function:pour`,
};

describe('a call that a service makes by a role of its own', () => {
  test('is the role’s, and not one for somebody else', async () => {
    const absent = { Null: { 'aws:CalledVia': 'true' }, Bool: { 'aws:ViaAWSService': 'false' } };
    const role = { ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::${account}:role/barista` } };
    const { actor } = door(allow('s3:*', { ...absent, ...role }));
    await expect(actor.call(asRole, 's3', 'ListBuckets', {})).resolves.toEqual({ Buckets: [] });
    await expect(door(outer).actor.call(asRole, 's3', 'ListBuckets', {})).rejects.toMatchObject({
      code: 'AccessDenied',
    });
  });

  test('is recorded as made by the service', async () => {
    const all = door(allow('s3:*'));
    await all.actor.call(asRole, 's3', 'ListBuckets', {});
    expect(await recordOf(all, 'ListBuckets')).toMatchObject({
      userIdentity: { type: 'AssumedRole', invokedBy: 'lambda.amazonaws.com' },
      sourceIPAddress: 'lambda.amazonaws.com',
    });
  });
});

describe('a call that a service makes as itself', () => {
  test('has the service as principal, and the resource on whose behalf it acts', async () => {
    const condition = {
      Bool: { 'aws:PrincipalIsAWSService': 'true', 'aws:ViaAWSService': 'false' },
      StringEquals: { 'aws:PrincipalServiceName': 'lambda.amazonaws.com', 'aws:SourceAccount': account },
      ArnLike: { 'aws:SourceArn': 'arn:aws:lambda:*:*:function:pour' },
    };
    const Principal = { Service: 'lambda.amazonaws.com' };
    const all = door(allow('ec2:*'), { ...allow('s3:*', condition), Principal });
    await expect(all.actor.call(asService, 's3', 'ListBuckets', {})).resolves.toEqual({ Buckets: [] });
    expect(await recordOf(all, 'ListBuckets')).toMatchObject({
      userIdentity: { type: 'AWSService', invokedBy: 'lambda.amazonaws.com' },
    });
  });

  test('is denied where no policy of the resource allows it, and calls only what there is', async () => {
    const { actor } = door(allow('s3:*'));
    await expect(actor.call(asService, 's3', 'ListBuckets', {})).rejects.toMatchObject({ code: 'AccessDenied' });
    await expect(actor.call(asService, 's3', 'MakeCoffee', {})).rejects.toMatchObject({ code: 'InternalFailure' });
  });
});
