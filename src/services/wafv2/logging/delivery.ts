/** The delivery job: every few seconds, what web ACLs logged goes to its bucket or log group. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { DataProtectionConfig, FieldToMatch, LoggingFilter } from '@aws-sdk/client-wafv2';
import { AwsError, type Job, type JobRuntime } from '../../service.ts';
import type { WafPorts } from '../ports.ts';
import { webAclByArn } from '../resolved.ts';
import { entityPartition, type LoggingRow, loggingConfigurations, tokenKeys, type WebAclRow } from '../state.ts';
import type { InspectedRequest } from '../traffic/inspected-request.ts';
import { deliverer, servicePrincipal } from './access.ts';
import { callS3 } from './bucket-call.ts';
import { readDestination } from './destinations.ts';
import { isKept } from './filter.ts';
import { logLine } from './line.ts';
import { s3Key, streamName } from './paths.ts';
import { Protection } from './protection.ts';

const compress = promisify(gzip);

/** Events of one PutLogEvents call: AWS takes 10,000 and 1 MB. */
const batchEvents = 1_000;
const batchBytes = 900_000;

interface Line {
  readonly at: number;
  readonly text: string;
}

/** How long the same complaint is not made again. */
const quietMs = 3_600_000;

export function deliveryJob(ports: WafPorts): Job {
  const said = new Map<string, number>();
  return {
    name: `wafv2 ${servicePrincipal}`,
    everySeconds: ports.deliverySeconds,
    /** Throws at the end for what was lost, once an hour for each cause: there is no call that would tell. */
    async run(runtime) {
      const { requests, dropped } = ports.traffic.takeBacklog();
      const lost: string[] = dropped === 0 ? [] : ['log lines were lost for want of room'];
      for (const [arn, ofAcl] of Map.groupBy(requests, ({ webAclArn }) => webAclArn)) {
        lost.push(...(await deliverWebAcl(arn, ofAcl, ports, runtime)));
      }
      const news = lost.filter((one) => runtime.now - (said.get(one) ?? Number.NEGATIVE_INFINITY) >= quietMs);
      for (const [one, at] of said) if (runtime.now - at >= quietMs) said.delete(one);
      for (const one of news) said.set(one, runtime.now);
      if (news.length > 0) throw new Error(news.join('; '));
    },
  };
}

/** @returns what could not be delivered, and why */
async function deliverWebAcl(
  arn: string,
  requests: readonly InspectedRequest[],
  { store }: WafPorts,
  runtime: JobRuntime,
): Promise<string[]> {
  const acl = await webAclByArn(store, arn);
  if (!acl) return [];
  const partition = entityPartition(acl.account, acl.region, acl.scope);
  const secret = (await store.get(tokenKeys, arn, 'token-key'))?.key ?? '';
  const rows = await store.list(loggingConfigurations, partition);
  const lost: string[] = [];
  for (const { value } of rows) {
    if (value.webAclArn !== arn) continue;
    const lines = linesOf(acl, value, requests, secret);
    const refusal = lines.length > 0 ? await deliver(acl, value, lines, runtime) : undefined;
    if (refusal !== undefined) lost.push(`${value.destinations[0]} takes no log of ${arn}: ${refusal}`);
  }
  return lost;
}

/** What the configuration keeps of the requests, with what it hides hidden. */
function linesOf(acl: WebAclRow, logging: LoggingRow, requests: readonly InspectedRequest[], secret: string): Line[] {
  const { LoggingFilter: filter, RedactedFields } = logging.settings as {
    readonly LoggingFilter?: LoggingFilter;
    readonly RedactedFields?: readonly FieldToMatch[];
  };
  const protection = new Protection(
    acl.settings.DataProtectionConfig as DataProtectionConfig | undefined,
    secret,
    RedactedFields,
  );
  return requests
    .filter(({ verdict }) => isKept(filter, verdict))
    .map((inspected) => ({ at: inspected.at, text: logLine(inspected, protection) }));
}

/** A destination that refuses loses these lines, and nobody else's. @returns the code of its refusal */
async function deliver(
  acl: WebAclRow,
  logging: LoggingRow,
  lines: readonly Line[],
  runtime: JobRuntime,
): Promise<string | undefined> {
  try {
    const destination = readDestination(logging.destinations[0] ?? '', acl);
    if (destination.kind === 's3') {
      const hash = Buffer.from(runtime.random.bytes(4)).toString('hex');
      const body = await compress(`${lines.map(({ text }) => text).join('\n')}\n`);
      await callS3(runtime.actor, deliverer(acl), 'PutObject', {
        Bucket: destination.bucket,
        Key: s3Key(acl, destination.prefix, runtime.now, hash),
        Body: again(body),
        ContentLength: body.length,
        ContentType: 'application/x-gzip',
        ACL: 'bucket-owner-full-control',
      });
      return undefined;
    }
    const logStreamName = streamName(acl);
    const place = { logGroupName: destination.group, logStreamName };
    await runtime.actor.call(deliverer(acl), 'logs', 'CreateLogStream', place).catch((error) => {
      if (!(error instanceof AwsError && error.code === 'ResourceAlreadyExistsException')) throw error;
    });
    for (const batch of batches(lines)) {
      const logEvents = batch.map(({ at, text }) => ({ timestamp: at, message: text }));
      await runtime.actor.call(deliverer(acl), 'logs', 'PutLogEvents', { ...place, logEvents });
    }
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return error.code;
  }
}

/** In order of time, as the log service wants them. */
function* batches(lines: readonly Line[]): Generator<readonly Line[]> {
  let batch: Line[] = [];
  let bytes = 0;
  for (const line of [...lines].sort((a, b) => a.at - b.at)) {
    const size = Buffer.byteLength(line.text) + 26;
    if (batch.length > 0 && (batch.length >= batchEvents || bytes + size > batchBytes)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(line);
    bytes += size;
  }
  if (batch.length > 0) yield batch;
}

/** A body that can be read more than once, as a call may run again after a conflict. */
function again(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      yield bytes;
    },
  };
}
