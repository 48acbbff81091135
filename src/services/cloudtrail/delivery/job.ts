/** The delivery job: every few seconds, each trail's log files and the digests that are due. */
import { AwsError, type Job, type JobRuntime } from '../../service.ts';
import { servicePrincipal } from '../bucket.ts';
import type { CloudTrailPorts } from '../ports.ts';
import { type StatusRow, statuses, type TrailRow, trails } from '../state.ts';
import { commitFor } from './commit.ts';
import { deliverDigests } from './digests.ts';
import { deliverRegion, type Seen } from './log-files.ts';

/** How long after its end an interval is still looked at, for calls that were under way. */
const grace = 60_000;
/** A trail whose bucket refuses is tried again after ever longer pauses, up to this. */
const longestPause = 300_000;

interface Pause {
  readonly failures: number;
  /** Epoch milliseconds. */
  readonly until: number;
}

export function deliveryJob(ports: CloudTrailPorts): Job {
  const pauses = new Map<string, Pause>();
  const seen: Seen = new Map();
  let isRunning = false;
  return {
    name: servicePrincipal,
    everySeconds: ports.deliverySeconds,
    async run(runtime) {
      // One run at a time: two would plan the same files.
      if (isRunning) return;
      isRunning = true;
      try {
        const all = await ports.store.list(trails, '');
        forgetGone(
          all.map((row) => row.id),
          pauses,
          seen,
        );
        for (const { id, value } of all) {
          const pause = pauses.get(id);
          if (pause && runtime.now < pause.until && pause.until - runtime.now <= longestPause) continue;
          if (await serve(value, ports, runtime, seen)) pauses.delete(id);
          else pauses.set(id, longer(pause, ports.deliverySeconds, runtime.now));
        }
      } finally {
        isRunning = false;
      }
    },
  };
}

function forgetGone(ids: readonly string[], pauses: Map<string, Pause>, seen: Seen): void {
  for (const id of pauses.keys()) if (!ids.includes(id)) pauses.delete(id);
  for (const place of seen.keys()) if (!ids.some((id) => place.startsWith(`${id}/`))) seen.delete(place);
}

/** @returns whether the trail's bucket took everything */
async function serve(trail: TrailRow, ports: CloudTrailPorts, runtime: JobRuntime, seen: Seen): Promise<boolean> {
  const regions = trail.multiRegion ? [...new Set([trail.region, ...ports.regions])] : [trail.region];
  let step: 'deliveryError' | 'digestError' = 'deliveryError';
  try {
    if (trail.logging.length > 0) {
      let finished = true;
      for (const region of regions) finished = (await deliverRegion(trail, region, ports, runtime, seen)) && finished;
      if (finished) await forgetPast(trail, ports, runtime.now);
    }
    step = 'digestError';
    for (const region of regions) await deliverDigests(trail, region, ports, runtime);
    return true;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const failed: StatusRow =
      step === 'deliveryError' ? { deliveryError: error.code, attemptedAt: runtime.now } : { digestError: error.code };
    await commitFor(ports.store, trail, async (change, id) => {
      change.put(statuses, '', id, { ...(await change.get(statuses, '', id)), ...failed });
    });
    return false;
  }
}

/** Drops intervals that are over and delivered, so that the next run looks no further back than it must. */
async function forgetPast(trail: TrailRow, ports: CloudTrailPorts, now: number): Promise<void> {
  const past = (interval: TrailRow['logging'][number]): boolean =>
    interval.to !== undefined && interval.to + grace < now;
  if (!trail.logging.some(past)) return;
  await commitFor(ports.store, trail, async (change, id) => {
    const row = await change.get(trails, '', id);
    if (row) change.put(trails, '', id, { ...row, logging: row.logging.filter((interval) => !past(interval)) });
  });
}

function longer(pause: Pause | undefined, seconds: number, now: number): Pause {
  const failures = (pause?.failures ?? 0) + 1;
  return { failures, until: now + Math.min(longestPause, seconds * 1000 * 2 ** Math.min(failures, 10)) };
}
