/** How alarms change their state, and what is remembered of it. */
import type { Change } from '../../store/store.ts';
import type { Scope } from '../service.ts';
import { type AlarmRow, type AlarmState, alarms, type HistoryRow, histories, partitionOf } from './state.ts';

export function writeHistory(change: Change, scope: Scope, row: HistoryRow, order = 0): void {
  const id = `${String(row.at).padStart(14, '0')}/${row.alarm}/${order}`;
  change.put(histories, partitionOf(scope), id, row);
}

export function changeState(
  change: Change,
  scope: Scope,
  alarm: AlarmRow,
  to: { readonly state: AlarmState; readonly reason: string; readonly reasonData?: string | undefined },
  now: number,
): void {
  const { reasonData: _before, ...rest } = alarm;
  change.put(alarms, partitionOf(scope), alarm.name, {
    ...rest,
    state: to.state,
    reason: to.reason,
    stateChangedAt: now,
    ...(to.reasonData !== undefined && { reasonData: to.reasonData }),
  });
  const data = {
    version: '1.0',
    oldState: { stateValue: alarm.state, stateReason: alarm.reason },
    newState: { stateValue: to.state, stateReason: to.reason },
  };
  writeHistory(change, scope, {
    alarm: alarm.name,
    at: now,
    type: 'StateUpdate',
    summary: `Alarm updated from ${alarm.state} to ${to.state}`,
    data: JSON.stringify(data),
  });
  const actions = { ALARM: alarm.alarmActions, OK: alarm.okActions, INSUFFICIENT_DATA: alarm.insufficientActions }[
    to.state
  ];
  for (const [index, action] of (alarm.actionsEnabled ? actions : []).entries()) {
    // Nothing here can be notified yet, and the history says so.
    const summary = `Failed to execute action ${action}. Received error: "actions of this kind are not built by Bailey"`;
    writeHistory(
      change,
      scope,
      { alarm: alarm.name, at: now, type: 'Action', summary, data: JSON.stringify({ actionState: 'Failed' }) },
      index + 1,
    );
  }
}
