/** LookupEvents: the management events of the last 90 days, newest first. */
import type { Event, LookupAttributeKey, LookupEventsRequest, LookupEventsResponse } from '@aws-sdk/client-cloudtrail';
import { managementStream, readStoredCall, recordPartition, userNameOf } from '../../../events/api-call.ts';
import { AwsError, type Call, operation } from '../../service.ts';
import { notBuilt } from '../errors.ts';
import type { CloudTrailPorts } from '../ports.ts';

const days90 = 90 * 24 * 60 * 60 * 1000;
const pageLimit = 50;
const tokenPurpose = 'cloudtrail:LookupEvents';
const attributeKeys: ReadonlySet<LookupAttributeKey> = new Set([
  'AccessKeyId',
  'EventId',
  'EventName',
  'EventSource',
  'ReadOnly',
  'ResourceName',
  'ResourceType',
  'Username',
]);

/** What a page's token holds: it fits only the question that it came from. */
interface Token {
  readonly cursor: string;
  /** The end of the time range stays, or pages would shift under new events. */
  readonly to: number;
  readonly question: string;
}

export const LookupEvents = operation<LookupEventsRequest, LookupEventsResponse, CloudTrailPorts>({
  checks: (_input, call) => [
    { action: 'cloudtrail:LookupEvents', resource: { arn: '*', account: call.scope.account } },
  ],
  async handle(input, call, ports) {
    if (input.EventCategory !== undefined) {
      if (input.EventCategory === 'insight') throw notBuilt('CloudTrail Insights');
      throw new AwsError('InvalidEventCategoryException', 'The event category must be insight, or left out.');
    }
    const tag = attribute(input.LookupAttributes);
    const { StartTime, EndTime } = input;
    if (StartTime && EndTime && StartTime > EndTime) {
      throw new AwsError('InvalidTimeRangeException', 'The start time must not be after the end time.');
    }
    // Records tell whole seconds: a range holds those that it begins and ends in.
    const start = StartTime && wholeSecond(StartTime);
    const end = EndTime && wholeSecond(EndTime) + 999;
    const limit = input.MaxResults ?? pageLimit;
    if (limit < 1 || limit > pageLimit) {
      throw new AwsError('InvalidMaxResultsException', `MaxResults must be between 1 and ${pageLimit}.`);
    }
    const { account, region } = call.scope;
    const question = JSON.stringify([account, region, tag?.name, tag?.value, start, end]);
    const token = input.NextToken === undefined ? undefined : openToken(input.NextToken, question, call);
    const oldest = call.now - days90;
    const to = token?.to ?? Math.min(end ?? call.now, call.now);
    const page = await ports.store.query({
      stream: managementStream,
      partition: recordPartition(account, region),
      from: Math.max(start ?? oldest, oldest),
      to,
      limit,
      ...(tag && { tag }),
      ...(token && { cursor: token.cursor }),
    });
    const answer = { Events: page.entries.map((entry) => event(entry.body)) };
    if (page.cursor === undefined) return answer;
    const next: Token = { cursor: page.cursor, to, question };
    return { ...answer, NextToken: call.sealer.seal(tokenPurpose, JSON.stringify(next)) };
  },
});

const wholeSecond = (date: Date): number => Math.floor(date.getTime() / 1000) * 1000;

function attribute(given: LookupEventsRequest['LookupAttributes']): { name: string; value: string } | undefined {
  if (given === undefined || given.length === 0) return undefined;
  const [first] = given;
  const name = first?.AttributeKey;
  const value = first?.AttributeValue;
  if (given.length > 1 || name === undefined || !attributeKeys.has(name)) {
    throw new AwsError('InvalidLookupAttributesException', 'You can use only one lookup attribute, of a known key.');
  }
  if (value === undefined || value.length === 0 || value.length > 2000) {
    throw new AwsError('InvalidLookupAttributesException', 'The value of a lookup attribute has 1 to 2000 characters.');
  }
  return { name, value };
}

function openToken(sealed: string, question: string, call: Call): Token {
  const bytes = call.sealer.open(tokenPurpose, sealed);
  const token = bytes && (JSON.parse(Buffer.from(bytes).toString('utf8')) as Token);
  if (!token || token.question !== question) {
    throw new AwsError('InvalidNextTokenException', 'The token is invalid, or was made with different parameters.');
  }
  return token;
}

function event(body: Uint8Array): Event {
  const { record, touched } = readStoredCall(body);
  const userName = userNameOf(record);
  const { accessKeyId } = record.userIdentity;
  return {
    EventId: record.eventID,
    EventName: record.eventName,
    ReadOnly: String(record.readOnly),
    ...(accessKeyId !== undefined && { AccessKeyId: accessKeyId }),
    EventTime: new Date(record.eventTime),
    EventSource: record.eventSource,
    ...(userName !== '' && { Username: userName }),
    Resources: (touched ?? []).map(({ type, name }) => ({ ResourceType: type, ResourceName: name })),
    CloudTrailEvent: JSON.stringify(record),
  };
}
