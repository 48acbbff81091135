/** RegisterTargets, DeregisterTargets, DescribeTargetHealth. */
import type {
  DeregisterTargetsInput,
  DescribeTargetHealthInput,
  DescribeTargetHealthOutput,
  RegisterTargetsInput,
  TargetDescription,
  TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type Call, operation } from '../../service.ts';
import { targetGroupAttributes } from '../attributes/target-group.ts';
import { anyCheck, arnCheck } from '../checks.ts';
import { tooMany } from '../errors.ts';
import { findTargetGroup } from '../find.ts';
import { limits } from '../limits.ts';
import type { ElbPorts } from '../ports.ts';
import {
  dueId,
  dueTargets,
  type TargetGroupRow,
  type TargetRow,
  targetGroupPartition,
  targetId,
  targets,
} from '../state.ts';
import { healthOf, useOf } from '../target-health.ts';
import { portOf, readTarget } from '../targets.ts';

/** A target that is registered already stays as it is; one that drains is taken back. */
export const RegisterTargets = operation<RegisterTargetsInput, object, ElbPorts>({
  checks: async (input, call) => [await arnCheck(call, 'RegisterTargets', input.TargetGroupArn)],
  async handle(input, call, ports) {
    const { change } = call;
    const group = await findTargetGroup(call, input.TargetGroupArn);
    const partition = targetGroupPartition(group);
    const present = new Map((await change.list(targets, partition)).map(({ id, value }) => [id, value]));
    for (const given of input.Targets) {
      const row = await readTarget(call, ports, group, given);
      const id = targetId(row);
      const before = present.get(id);
      if (before && !before.draining && before.zone === row.zone) continue;
      if (before?.draining) change.delete(dueTargets, '', dueId(before.draining.until, partition, id));
      change.put(targets, partition, id, before && !before.draining ? { ...before, ...zoneOf(row) } : row);
      present.set(id, row);
    }
    const most = group.targetType === 'alb' ? 1 : limits['targets-per-target-group'];
    if (present.size > most) throw tooMany('TooManyTargets', most, 'targets of a target group');
    return {};
  },
});

const zoneOf = ({ zone }: TargetRow): Pick<TargetRow, 'zone'> => (zone === undefined ? {} : { zone });

/** "If the specified target does not exist, the action returns successfully." */
export const DeregisterTargets = operation<DeregisterTargetsInput, object, ElbPorts>({
  checks: async (input, call) => [await arnCheck(call, 'DeregisterTargets', input.TargetGroupArn)],
  async handle(input, call) {
    const { change, now } = call;
    const group = await findTargetGroup(call, input.TargetGroupArn);
    const partition = targetGroupPartition(group);
    const { loadBalancer } = await useOf(call, group);
    const delay = Number(targetGroupAttributes(group)['deregistration_delay.timeout_seconds']) * 1000;
    for (const given of input.Targets) {
      const id = targetId({ id: given.Id ?? '', port: portOf(group, given) });
      const row = await change.get(targets, partition, id);
      if (!row || row.draining) continue;
      if (!loadBalancer || delay === 0) {
        change.delete(targets, partition, id);
        continue;
      }
      const until = now + delay;
      change.put(targets, partition, id, { ...row, draining: { from: now, until } });
      change.put(dueTargets, '', dueId(until, partition, id), { partition, target: id });
    }
    return {};
  },
});

export const DescribeTargetHealth = operation<DescribeTargetHealthInput, DescribeTargetHealthOutput, ElbPorts>({
  checks: (_input, call) => [anyCheck(call, 'DescribeTargetHealth')],
  async handle(input, call, ports) {
    const group = await findTargetGroup(call, input.TargetGroupArn);
    const partition = targetGroupPartition(group);
    const use = await useOf(call, group);
    const describe = async (
      asked: TargetDescription,
      row: TargetRow | undefined,
    ): Promise<TargetHealthDescription> => ({
      Target: asked,
      HealthCheckPort: healthCheckPort(group, asked),
      TargetHealth: await healthOf(call, ports, use, row),
    });
    if (input.Targets?.length) {
      const asked = input.Targets.map(async (given) => {
        const port = portOf(group, given);
        const row = await call.change.get(targets, partition, targetId({ id: given.Id ?? '', port }));
        return describe(row ? shown(row) : { Id: given.Id, Port: port }, row);
      });
      return { TargetHealthDescriptions: await Promise.all(asked) };
    }
    const all = await registered(call, partition);
    return { TargetHealthDescriptions: await Promise.all(all.map((row) => describe(shown(row), row))) };
  },
});

async function registered({ change, now }: Call, partition: string): Promise<TargetRow[]> {
  const rows = (await change.list(targets, partition)).map(({ value }) => value);
  return rows.filter(({ draining }) => !draining || draining.until > now);
}

const shown = ({ id, port, zone }: TargetRow): TargetDescription => ({
  Id: id,
  Port: port,
  ...(zone !== undefined && { AvailabilityZone: zone }),
});

function healthCheckPort({ healthCheck, port }: TargetGroupRow, { Port }: TargetDescription): string {
  return healthCheck.port === 'traffic-port' ? String(Port ?? port) : healthCheck.port;
}
