/** The time window of statistics: what is kept reaches three hours back. */
import type { TimeWindow } from '@aws-sdk/client-wafv2';
import { invalidParameter, reasons } from './errors.ts';
import { keptMs } from './traffic/traffic.ts';

/** Epoch milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * "If you specify a start time that is earlier than three hours ago, it is set to three hours ago."
 * @throws AwsError WAFInvalidParameterException
 */
export function readWindow({ StartTime, EndTime }: TimeWindow, now: number): Span {
  const from = StartTime?.getTime() ?? Number.NaN;
  const to = EndTime?.getTime() ?? Number.NaN;
  if (!(from < to) || from > now) throw invalidParameter('RULE', 'TimeWindow', reasons.format);
  return { from: Math.max(from, now - keptMs), to: Math.max(Math.min(to, now), now - keptMs) };
}

export function shownWindow({ from, to }: Span): { StartTime: Date; EndTime: Date } {
  return { StartTime: new Date(from), EndTime: new Date(to) };
}
