/**
 * Whether an alarm's threshold is breached, from the datapoints of its last periods.
 * @see CloudWatch User Guide, "Alarm evaluation" and "Configuring how alarms treat missing data"
 */
import type { AlarmRow, AlarmState } from './state.ts';

const comparisons: Readonly<Record<string, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

export const isComparison = (name: string): boolean => Object.hasOwn(comparisons, name);

/** @param points of the last `evaluationPeriods` periods, oldest first; undefined where there was no data */
export function evaluate(
  alarm: AlarmRow,
  points: readonly (number | undefined)[],
): { state: AlarmState; reason: string } {
  const breaches = comparisons[alarm.comparison] ?? (() => false);
  const present = points.filter((point) => point !== undefined);
  const words = `${alarm.comparison} ${alarm.threshold}`;
  if (present.length === 0) {
    if (alarm.missing === 'breaching')
      return { state: 'ALARM', reason: 'No datapoints were received, which counts as breaching.' };
    if (alarm.missing === 'notBreaching')
      return { state: 'OK', reason: 'No datapoints were received, which counts as not breaching.' };
    if (alarm.missing === 'ignore') return { state: alarm.state, reason: alarm.reason };
    return { state: 'INSUFFICIENT_DATA', reason: `Insufficient Data: ${points.length} datapoints were unknown.` };
  }
  const breaching = points.filter((point) =>
    point === undefined ? alarm.missing === 'breaching' : breaches(point, alarm.threshold),
  ).length;
  const enough = alarm.datapointsToAlarm ?? alarm.evaluationPeriods;
  const state = breaching >= enough ? 'ALARM' : 'OK';
  const shown = present.map((point) => Number(point.toFixed(6))).join(', ');
  const crossed = `Threshold Crossed: ${breaching} out of the last ${points.length} datapoints [${shown}] breached (${words})`;
  return {
    state,
    reason:
      state === 'ALARM'
        ? `${crossed} (minimum ${enough} datapoint${enough === 1 ? '' : 's'} for OK -> ALARM transition).`
        : `${crossed}: fewer than the ${enough} that alarm.`,
  };
}
