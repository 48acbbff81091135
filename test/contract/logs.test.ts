/** CloudWatch Logs with the real SDK: groups, streams, events and their order, patterns, retention, policies. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  DeleteLogStreamCommand,
  DeleteResourcePolicyCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  DescribeResourcePoliciesCommand,
  FilterLogEventsCommand,
  GetLogEventsCommand,
  ListTagsForResourceCommand,
  ListTagsLogGroupCommand,
  PutLogEventsCommand,
  PutResourcePolicyCommand,
  PutRetentionPolicyCommand,
  TagLogGroupCommand,
  TagResourceCommand,
  UntagLogGroupCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { accountId, nobodyKeys, otherAdminKeys, startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let logs: CloudWatchLogsClient;
let logGroupName: string;
let number = 0;
// biome-ignore lint/suspicious/noExplicitAny: commands of every operation.
const send = (command: any, client = logs): Promise<any> => client.send(command);
const code = (command: unknown, client = logs) =>
  send(command, client).then(
    () => 'succeeded',
    (error: Error) => error.name,
  );
const absent = 'ResourceNotFoundException';
const wrong = 'InvalidParameterException';

beforeAll(async () => {
  instance = await startInstance();
  logs = new CloudWatchLogsClient(instance.clientOptions());
});
afterAll(async () => {
  logs.destroy();
  await instance.stop();
});
beforeEach(async () => {
  number += 1;
  logGroupName = `/shop/till-${number}`;
  await send(new CreateLogGroupCommand({ logGroupName }));
});
const stream = (logStreamName: string) => send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
const put = (logStreamName: string, ...messages: readonly (readonly [number, string])[]) =>
  send(
    new PutLogEventsCommand({
      logGroupName,
      logStreamName,
      logEvents: messages.map(([timestamp, message]) => ({ timestamp, message })),
    }),
  );
const texts = (answer: { events: { message: string }[] }) => answer.events.map(({ message }) => message);

test('groups are made once, listed by prefix and pattern, and deleted', async () => {
  await expect(send(new CreateLogGroupCommand({ logGroupName }))).rejects.toMatchObject({
    name: 'ResourceAlreadyExistsException',
    message: 'The specified log group already exists',
  });
  const listed = await send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }));
  expect(listed.logGroups).toMatchObject([
    { logGroupName, arn: `arn:aws:logs:us-east-1:${accountId}:log-group:${logGroupName}:*`, logGroupClass: 'STANDARD' },
  ]);
  expect((await send(new DescribeLogGroupsCommand({ logGroupNamePattern: `TILL-${number}` }))).logGroups).toHaveLength(
    1,
  );
  expect(await code(new DescribeLogGroupsCommand({ logGroupNamePrefix: 'a', logGroupNamePattern: 'b' }))).toBe(wrong);
  await send(new DeleteLogGroupCommand({ logGroupName }));
  await expect(send(new DeleteLogGroupCommand({ logGroupName }))).rejects.toMatchObject({
    name: absent,
    message: 'The specified log group does not exist.',
  });
});

test('a group of the same name does not show what the deleted one held', async () => {
  await stream('a');
  await put('a', [Date.now(), 'old']);
  await send(new DeleteLogGroupCommand({ logGroupName }));
  await send(new CreateLogGroupCommand({ logGroupName }));
  await stream('a');
  expect(texts(await send(new GetLogEventsCommand({ logGroupName, logStreamName: 'a' })))).toEqual([]);
  expect(texts(await send(new FilterLogEventsCommand({ logGroupName })))).toEqual([]);
});

test('streams are listed by name and by their last event', async () => {
  const now = Date.now();
  for (const name of ['a', 'b', 'c']) await stream(name);
  expect(await code(new CreateLogStreamCommand({ logGroupName, logStreamName: 'a' }))).toBe(
    'ResourceAlreadyExistsException',
  );
  await put('a', [now, 'x']);
  await put('c', [now - 5_000, 'y']);
  const names = async (more: object) =>
    (await send(new DescribeLogStreamsCommand({ logGroupName, ...more }))).logStreams.map(
      (one: { logStreamName: string }) => one.logStreamName,
    );
  expect(await names({})).toEqual(['a', 'b', 'c']);
  expect((await names({ orderBy: 'LastEventTime', descending: true })).at(-1)).toBe('c');
  expect(await names({ logStreamNamePrefix: 'b' })).toEqual(['b']);
  expect(
    await code(new DescribeLogStreamsCommand({ logGroupName, orderBy: 'LastEventTime', logStreamNamePrefix: 'a' })),
  ).toBe(wrong);
  const first = await send(new DescribeLogStreamsCommand({ logGroupName, limit: 2 }));
  const second = await send(new DescribeLogStreamsCommand({ logGroupName, limit: 2, nextToken: first.nextToken }));
  expect(second.logStreams).toHaveLength(1);
  await send(new DeleteLogStreamCommand({ logGroupName, logStreamName: 'a' }));
  expect(await code(new DeleteLogStreamCommand({ logGroupName, logStreamName: 'a' }))).toBe(absent);
  expect(texts(await send(new FilterLogEventsCommand({ logGroupName })))).toEqual(['y']);
});

describe('events', () => {
  test('are read in their order from either end, page by page', async () => {
    const now = Date.now() - 60_000;
    await stream('a');
    for (let at = 0; at < 25; at += 5) {
      await put(
        'a',
        ...[0, 1, 2, 3, 4].map(
          (one) => [now + Math.floor((at + one) / 3), `m${String(at + one).padStart(2, '0')}`] as const,
        ),
      );
    }
    const read = (more: object) =>
      send(new GetLogEventsCommand({ logGroupName, logStreamName: 'a', limit: 10, ...more }));
    const seen: string[] = [];
    let nextToken: string | undefined;
    for (;;) {
      const page = await read({ startFromHead: true, nextToken });
      seen.push(...texts(page));
      if (page.nextForwardToken === nextToken) break;
      nextToken = page.nextForwardToken;
    }
    expect([...seen].sort()).toEqual(Array.from({ length: 25 }, (_, one) => `m${String(one).padStart(2, '0')}`));
    expect(new Set(seen).size).toBe(25);
    const latest = await read({});
    expect(texts(latest)).toEqual(seen.slice(15));
    const earlier = await read({ nextToken: latest.nextBackwardToken });
    expect(texts(earlier)).toEqual(seen.slice(5, 15));
    expect(texts(await read({ nextToken: latest.nextForwardToken }))).toEqual([]);
    await put('a', [now + 50_000, 'new']);
    expect(texts(await read({ nextToken: latest.nextForwardToken }))).toEqual(['new']);
    expect(await code(new GetLogEventsCommand({ logGroupName, logStreamName: 'a', nextToken: 'forged' }))).toBe(wrong);
    expect(await code(new GetLogEventsCommand({ logGroupName, logStreamName: 'none' }))).toBe(absent);
  });

  test('that are too old, too new or out of order are told', async () => {
    const now = Date.now();
    await stream('a');
    const day = 86_400_000;
    const answer = await put('a', [now - 15 * day, 'old']);
    expect(answer.rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 });
    expect((await put('a', [now, 'now'], [now + 3 * 3_600_000, 'tomorrow'])).rejectedLogEventsInfo).toEqual({
      tooNewLogEventStartIndex: 1,
    });
    expect(texts(await send(new GetLogEventsCommand({ logGroupName, logStreamName: 'a' })))).toEqual(['now']);
    await expect(put('a', [now, 'b'], [now - 1, 'a'])).rejects.toMatchObject({ name: wrong });
    await expect(put('a', [now - 2 * day, 'b'], [now, 'a'])).rejects.toMatchObject({ name: wrong });
    await expect(put('none', [now, 'x'])).rejects.toMatchObject({
      name: absent,
      message: 'The specified log stream does not exist.',
    });
    await expect(
      put('a', ...Array.from({ length: 5 }, () => [now, 'x'.repeat(250_000)] as const)),
    ).rejects.toMatchObject({ name: wrong });
  });

  test('are found by patterns, across streams and within times', async () => {
    const now = Date.now();
    for (const name of ['a', 'b']) await stream(name);
    await put('a', [now - 3, 'ERROR till closed'], [now - 2, '{"status":500,"path":"/pay","user":{"name":"rudy"}}']);
    await put('b', [now - 1, 'WARN till slow'], [now, '{"status":200,"path":"/menu","ok":true}']);
    const find = async (filterPattern: string, more: object = {}) =>
      texts(await send(new FilterLogEventsCommand({ logGroupName, filterPattern, ...more })));
    expect(await find('till')).toEqual(['ERROR till closed', 'WARN till slow']);
    expect(await find('till -WARN')).toEqual(['ERROR till closed']);
    expect(await find('?ERROR ?WARN')).toHaveLength(2);
    expect(await find('"till closed"')).toEqual(['ERROR till closed']);
    expect(await find('{ $.status >= 500 }')).toHaveLength(1);
    expect(await find('{ $.status = 200 && $.ok IS TRUE }')).toHaveLength(1);
    expect(await find('{ ($.path = "/p*") || ($.user.name = "nobody") }')).toHaveLength(1);
    expect(await find('{ $.user NOT EXISTS }')).toHaveLength(1);
    expect(await find('', { logStreamNames: ['b'] })).toHaveLength(2);
    expect(await find('', { logStreamNamePrefix: 'a', startTime: now - 2 })).toHaveLength(1);
    expect(await find('', { endTime: now - 2 })).toEqual(['ERROR till closed']);
    for (const pattern of ['{ $.a', '{ $.a = }', '{ a = 1 }', '[a, b]', '%x%']) {
      expect(await code(new FilterLogEventsCommand({ logGroupName, filterPattern: pattern })), pattern).toBe(wrong);
    }
    const first = await send(new FilterLogEventsCommand({ logGroupName, limit: 3 }));
    const rest = await send(new FilterLogEventsCommand({ logGroupName, limit: 3, nextToken: first.nextToken }));
    expect(rest.events).toHaveLength(1);
    expect(first.events[0]).toMatchObject({ logStreamName: 'a', eventId: expect.any(String) });
  });
});

test('retention takes away what is older', async () => {
  const now = Date.now();
  await stream('a');
  await put('a', [now - 3 * 86_400_000, 'old']);
  await put('a', [now, 'new']);
  await send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 1 }));
  expect(texts(await send(new FilterLogEventsCommand({ logGroupName })))).toEqual(['new']);
  expect((await put('a', [now - 3 * 86_400_000, 'old'])).rejectedLogEventsInfo).toEqual({ expiredLogEventEndIndex: 1 });
  expect(
    (await send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }))).logGroups[0].retentionInDays,
  ).toBe(1);
  expect(await code(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 2 }))).toBe(wrong);
  await send(new DeleteRetentionPolicyCommand({ logGroupName }));
  expect(
    (await send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }))).logGroups[0].retentionInDays,
  ).toBeUndefined();
  expect(await code(new DeleteRetentionPolicyCommand({ logGroupName: 'none' }))).toBe(absent);
});

test('tags are kept by both generations of operations', async () => {
  const resourceArn = `arn:aws:logs:us-east-1:${accountId}:log-group:${logGroupName}`;
  await send(new TagResourceCommand({ resourceArn, tags: { team: 'till', n: '1' } }));
  await send(new TagLogGroupCommand({ logGroupName, tags: { old: 'yes' } }));
  expect((await send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual({
    team: 'till',
    n: '1',
    old: 'yes',
  });
  await send(new UntagResourceCommand({ resourceArn, tagKeys: ['n'] }));
  await send(new UntagLogGroupCommand({ logGroupName, tags: ['old'] }));
  expect((await send(new ListTagsLogGroupCommand({ logGroupName }))).tags).toEqual({ team: 'till' });
  const none = `${resourceArn}-none`;
  for (const command of [
    new TagResourceCommand({ resourceArn: none, tags: { a: 'b' } }),
    new UntagResourceCommand({ resourceArn: none, tagKeys: ['a'] }),
    new ListTagsForResourceCommand({ resourceArn: none }),
    new TagLogGroupCommand({ logGroupName: 'none', tags: { a: 'b' } }),
    new UntagLogGroupCommand({ logGroupName: 'none', tags: ['a'] }),
    new ListTagsLogGroupCommand({ logGroupName: 'none' }),
  ]) {
    expect(await code(command)).toBe(absent);
  }
});

test('policies of users name groups as AWS writes them; resource policies let other accounts in', async () => {
  const iam = new IAMClient(instance.clientOptions());
  const nobody = new CloudWatchLogsClient(instance.clientOptions(nobodyKeys));
  expect(await code(new FilterLogEventsCommand({ logGroupName }), nobody)).toBe('AccessDeniedException');
  const allow = {
    Effect: 'Allow',
    Action: 'logs:*',
    Resource: `arn:aws:logs:us-east-1:${accountId}:log-group:${logGroupName}:*`,
  };
  await iam.send(
    new PutUserPolicyCommand({
      UserName: 'nobody',
      PolicyName: 'logs',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [allow] }),
    }),
  );
  expect(await code(new FilterLogEventsCommand({ logGroupName }), nobody)).toBe('succeeded');
  expect(await code(new FilterLogEventsCommand({ logGroupName: '/other' }), nobody)).toBe('AccessDeniedException');
  const policyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'delivery.logs.amazonaws.com' },
        Action: 'logs:PutLogEvents',
        Resource: '*',
      },
    ],
  });
  await send(new PutResourcePolicyCommand({ policyName: 'delivery', policyDocument }));
  expect((await send(new DescribeResourcePoliciesCommand({}))).resourcePolicies).toMatchObject([
    { policyName: 'delivery', policyDocument },
  ]);
  expect(await code(new PutResourcePolicyCommand({ policyName: 'x', policyDocument: '{}' }))).toBe(wrong);
  await send(new DeleteResourcePolicyCommand({ policyName: 'delivery' }));
  expect(await code(new DeleteResourcePolicyCommand({ policyName: 'delivery' }))).toBe(absent);
  expect(await code(new DescribeResourcePoliciesCommand({ nextToken: 'forged' }))).toBe(wrong);
  const other = new CloudWatchLogsClient(instance.clientOptions(otherAdminKeys));
  expect(await code(new FilterLogEventsCommand({ logGroupName }), other)).toBe(absent);
  iam.destroy();
  nobody.destroy();
  other.destroy();
});
