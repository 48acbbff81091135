/** LookupEvents: order, pages, one attribute, 90 days, one's own account and region, and tokens that cannot be bent. */
import { beforeEach, describe, expect, test } from 'vitest';
import { account, Bench, userCaller } from '../../../../test/support/call.ts';
import { recordEntry } from '../../../gateway/record.ts';
import { openMemoryStore } from '../../../store/memory.ts';
import type { CloudTrailPorts } from '../ports.ts';
import { LookupEvents } from './lookup-events.ts';

const day = 24 * 60 * 60 * 1000;
let bench: Bench<CloudTrailPorts>;
let count: number;

async function happens(facts: Partial<Parameters<typeof recordEntry>[0]> = {}): Promise<void> {
  const change = bench.store.begin();
  count += 1;
  change.append(
    recordEntry({
      caller: userCaller('rudy'),
      scope: { account, region: 'us-east-1' },
      connection: { sourceIp: '192.0.2.7', secure: false, userAgent: 'test', host: 'localhost' },
      service: 'iam',
      operation: 'CreateUser',
      now: bench.now - 1000 + count,
      requestId: `request-${count}`,
      eventId: `event-${count}`,
      ...facts,
    }),
  );
  await bench.store.commit(change);
}

const lookup = (input: object = {}) => bench.run('LookupEvents', LookupEvents, input);
const ids = async (input: object = {}) => (await lookup(input)).Events?.map((event) => event.EventId);
const by = (AttributeKey: string, AttributeValue: string) => ({ LookupAttributes: [{ AttributeKey, AttributeValue }] });

beforeEach(() => {
  const store = openMemoryStore();
  bench = new Bench({ store, regions: [], deliverySeconds: 5 }, store);
  count = 0;
});

test('shows events as AWS does, newest first', async () => {
  await happens({ input: { UserName: 'blaine' } });
  await happens({ operation: 'ListUsers' });
  const { Events: events = [] } = await lookup();
  expect(events.map((event) => event.EventName)).toEqual(['ListUsers', 'CreateUser']);
  expect(events[1]).toMatchObject({
    EventId: 'event-1',
    ReadOnly: 'false',
    Username: 'rudy',
    AccessKeyId: 'AKIAUSEREXAMPLE00001',
    EventSource: 'iam.amazonaws.com',
    Resources: [{ ResourceType: 'AWS::IAM::User', ResourceName: 'blaine' }],
  });
  const record = JSON.parse(events[1]?.CloudTrailEvent ?? '') as object;
  expect(record).toMatchObject({ eventID: 'event-1', requestParameters: { userName: 'blaine' } });
  expect(record).not.toHaveProperty('touched');
});

test.each([
  ['EventId', 'event-2', ['event-2']],
  ['EventName', 'DeleteUser', ['event-2']],
  ['ReadOnly', 'true', ['event-3']],
  ['Username', 'blaine', ['event-2']],
  ['ResourceType', 'AWS::IAM::User', ['event-2', 'event-1']],
  ['ResourceName', 'temp', ['event-2']],
  ['EventSource', 'iam.amazonaws.com', ['event-2', 'event-1']],
  ['AccessKeyId', 'AKIANOBODY', []],
])('finds by %s', async (name, value, expected) => {
  await happens({ input: { UserName: 'other' } });
  await happens({ caller: userCaller('blaine'), operation: 'DeleteUser', input: { UserName: 'temp' } });
  await happens({ service: 'kms', operation: 'ListKeys' });
  expect(await ids(by(name, value))).toEqual(expected);
});

test('shows no data events, no other region, no other account, nothing older than 90 days', async () => {
  await happens({ service: 's3', operation: 'GetObject', data: true });
  await happens({ service: 'kms', operation: 'CreateKey', scope: { account, region: 'eu-west-1' } });
  await happens({
    caller: userCaller('x', 'AIDA', '444455556666'),
    scope: { account: '444455556666', region: 'us-east-1' },
  });
  await happens({ now: bench.now - 91 * day });
  expect(await ids()).toEqual([]);
  await happens({ now: bench.now - 89 * day });
  expect(await ids()).toEqual(['event-5']);
});

test('takes the whole second that a range begins and ends in, which is all that an event tells', async () => {
  const second = Math.floor(bench.now / 1000) * 1000 - 10_000;
  await happens({ now: second - 1 });
  await happens({ now: second + 400 });
  await happens({ now: second + 1000 });
  const at = (ms: number) => new Date(second + ms);
  expect(await ids({ StartTime: at(0), EndTime: at(0) })).toEqual(['event-2']);
  expect(await ids({ StartTime: at(900), EndTime: at(950) })).toEqual(['event-2']);
  expect(await ids({ StartTime: at(0), EndTime: at(1000) })).toEqual(['event-3', 'event-2']);
  expect(await ids({ EndTime: at(-1) })).toEqual(['event-1']);
});

describe('pages', () => {
  test('go on where the last one ended, while new events come', async () => {
    for (let each = 0; each < 120; each++) await happens();
    const seen: (string | undefined)[] = [];
    let token: string | undefined;
    do {
      const page = await lookup({ MaxResults: 50, ...(token && { NextToken: token }) });
      seen.push(...(page.Events ?? []).map((event) => event.EventId));
      token = page.NextToken;
      await happens();
    } while (token);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThanOrEqual(120);
  });

  test('refuse a token of another question, or none of ours', async () => {
    for (let each = 0; each < 3; each++) await happens();
    const { NextToken } = await lookup({ MaxResults: 1 });
    expect(NextToken).toBeTypeOf('string');
    const code = 'InvalidNextTokenException';
    await expect(lookup({ NextToken, ...by('EventName', 'CreateUser') })).rejects.toMatchObject({ code });
    await expect(lookup({ NextToken: 'AAAA' })).rejects.toMatchObject({ code });
  });
});

test.each([
  [{ LookupAttributes: [{ AttributeKey: 'EventId' }] }, 'InvalidLookupAttributesException'],
  [{ LookupAttributes: [{ AttributeKey: 'Colour', AttributeValue: 'x' }] }, 'InvalidLookupAttributesException'],
  [{ LookupAttributes: [by('EventId', 'a'), by('EventId', 'b')] }, 'InvalidLookupAttributesException'],
  [{ StartTime: new Date(2), EndTime: new Date(1) }, 'InvalidTimeRangeException'],
  [{ MaxResults: 51 }, 'InvalidMaxResultsException'],
  [{ MaxResults: 0 }, 'InvalidMaxResultsException'],
  [{ EventCategory: 'insight' }, 'UnsupportedOperationException'],
])('refuses %j', async (input, code) => {
  await expect(lookup(input)).rejects.toMatchObject({ code });
});
