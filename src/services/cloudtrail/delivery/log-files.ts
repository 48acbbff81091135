/**
 * Follows the records of one region for one trail, and writes what the trail takes into log files.
 *
 * Each file is planned before it is written (its key, and how many entries it covers), and the place in the stream moves
 * on only after S3 has it: a crash in between writes the same file again under the same key, so nothing is delivered
 * twice and nothing is left out.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  type CloudTrailRecord,
  dataStream,
  managementStream,
  readStoredCall,
  recordPartition,
} from '../../../events/api-call.ts';
import type { JobRuntime } from '../../service.ts';
import { putFile, servicePrincipal } from '../bucket.ts';
import type { CloudTrailPorts } from '../ports.ts';
import { selects, wantsData } from '../selectors.ts';
import { delivered, type FollowRow, follows, type PlannedFile, statuses, type TrailRow, trailId } from '../state.ts';
import { commitFor } from './commit.ts';
import { logFileKey } from './paths.ts';

/** Entries that one file looks at. */
const batch = 1_000;
/** Files of one stream in one run: the next run goes on. */
const filesPerRun = 100;

const compress = promisify(gzip);

/**
 * How far streams have been looked through without finding anything, which is not worth a commit: by trail, region and
 * stream, and good only from the stored place that it was reached from.
 */
export type Seen = Map<string, { readonly from: string | undefined; readonly cursor: string | undefined }>;

/** @returns whether everything that there is has been delivered */
export async function deliverRegion(
  trail: TrailRow,
  region: string,
  ports: CloudTrailPorts,
  runtime: JobRuntime,
  seen: Seen,
): Promise<boolean> {
  const streams = wantsData(trail) ? [managementStream, dataStream] : [managementStream];
  let finished = true;
  for (const stream of streams)
    finished = (await deliverStream(trail, region, stream, ports, runtime, seen)) && finished;
  return finished;
}

async function deliverStream(
  trail: TrailRow,
  region: string,
  stream: string,
  ports: CloudTrailPorts,
  runtime: JobRuntime,
  seen: Seen,
): Promise<boolean> {
  const id = trailId(trail.account, trail.region, trail.name);
  const place = `${id}/${region}/${stream}`;
  const from = firstMoment(trail, region, stream);
  for (let count = 0; count < filesPerRun; count++) {
    const follow = (await ports.store.get(follows, id, `${region}/${stream}`)) ?? {};
    const known = seen.get(place);
    const cursor = known && known.from === follow.cursor ? known.cursor : follow.cursor;
    const page = await ports.store.query({
      stream,
      partition: recordPartition(trail.account, region),
      from,
      limit: follow.planned?.entries ?? batch,
      forward: true,
      ...(cursor !== undefined && { cursor }),
    });
    if (page.entries.length === 0) {
      seen.set(place, { from: follow.cursor, cursor: page.cursor });
      return true;
    }
    const taken = page.entries
      .filter((entry) => within(trail, entry.time))
      .map((entry) => readStoredCall(entry.body).record)
      .filter((record) => takes(trail, record));
    const moved: FollowRow = page.cursor === undefined ? {} : { cursor: page.cursor };
    if (taken.length === 0) {
      await commitFor(ports.store, trail, (change) => change.put(follows, id, `${region}/${stream}`, moved));
      continue;
    }
    const planned = follow.planned ?? {
      key: logFileKey(trail, region, runtime.now, runtime.random),
      bucket: trail.bucket,
      entries: page.entries.length,
    };
    if (!follow.planned) {
      await commitFor(ports.store, trail, (change) =>
        change.put(follows, id, `${region}/${stream}`, { ...follow, planned }),
      );
    }
    await writeFile(trail, region, planned, taken, moved, stream, ports, runtime);
  }
  return false;
}

async function writeFile(
  trail: TrailRow,
  region: string,
  planned: PlannedFile,
  records: readonly CloudTrailRecord[],
  moved: FollowRow,
  stream: string,
  ports: CloudTrailPorts,
  runtime: JobRuntime,
): Promise<void> {
  const content = Buffer.from(JSON.stringify({ Records: records }), 'utf8');
  await putFile(runtime.actor, trail, {
    bucket: planned.bucket,
    key: planned.key,
    body: await compress(content),
    kmsKeyId: trail.kmsKeyArn,
  });
  const times = records.map((record) => record.eventTime).sort();
  await commitFor(ports.store, trail, async (change, id) => {
    change.put(follows, id, `${region}/${stream}`, moved);
    const { deliveryError: _past, ...status } = (await change.get(statuses, '', id)) ?? {};
    change.put(statuses, '', id, { ...status, attemptedAt: runtime.now, deliveredAt: runtime.now });
    if (!trail.validation) return;
    change.put(delivered, id, `${region}/${String(runtime.now).padStart(16, '0')}/${planned.key}`, {
      bucket: planned.bucket,
      key: planned.key,
      hash: createHash('sha256').update(content).digest('hex'),
      deliveredAt: runtime.now,
      oldest: times[0] as string,
      newest: times.at(-1) as string,
    });
  });
}

function firstMoment(trail: TrailRow, region: string, stream: string): number {
  return Math.max(
    trail.logging[0]?.from ?? 0,
    region === trail.region ? 0 : (trail.multiRegionSince ?? 0),
    stream === dataStream ? (trail.dataSince ?? 0) : 0,
  );
}

function within(trail: TrailRow, time: number): boolean {
  return trail.logging.some((interval) => time >= interval.from && (interval.to === undefined || time <= interval.to));
}

/** Services whose events belong to no region and lie in us-east-1 (CloudTrail User Guide, "Global service events"). */
const globalSources: ReadonlySet<string> = new Set([
  'iam.amazonaws.com',
  'sts.amazonaws.com',
  'organizations.amazonaws.com',
  'account.amazonaws.com',
  'supportplans.amazonaws.com',
]);

/**
 * CloudTrail's own deliveries are data events of the log bucket, and uses of the key that encrypts them. They are on
 * record, but no trail takes them: a trail that took its own deliveries would write a file about each file, forever.
 */
function takes(trail: TrailRow, record: CloudTrailRecord): boolean {
  const isDelivery = !record.managementEvent || record.eventSource === 'kms.amazonaws.com';
  if (isDelivery && record.userIdentity.invokedBy === servicePrincipal) return false;
  if (!trail.globalEvents && record.awsRegion === 'us-east-1' && globalSources.has(record.eventSource)) return false;
  return selects(trail, record);
}
