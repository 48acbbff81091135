/** DescribeCapacityReservation and ModifyCapacityReservation: units that the edge keeps ready for a load balancer. */
import type {
  DescribeCapacityReservationInput,
  DescribeCapacityReservationOutput,
  ModifyCapacityReservationInput,
  ModifyCapacityReservationOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Reader } from '../../../store/store.ts';
import { AwsError, operation } from '../../service.ts';
import { anyCheck, arnCheck } from '../checks.ts';
import { invalidConfiguration, validation } from '../errors.ts';
import { findLoadBalancer } from '../find.ts';
import { putLoadBalancer } from '../load-balancers.ts';
import type { ElbPorts } from '../ports.ts';
import { type LoadBalancerRow, loadBalancers, loadBalancersByDns, regional } from '../state.ts';

/** "Capacity reservations for your Application Load Balancer": from 100 units; network: from 2,750 in each zone. */
const least = { application: 100, network: 2750 } as const;
/** "You can decrease … twice a day." */
const decreasesPerDay = 2;

const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10);

function shown(row: LoadBalancerRow, now: number): DescribeCapacityReservationOutput {
  const { capacity } = row;
  const used = capacity?.decreases.day === dayOf(now) ? capacity.decreases.count : 0;
  const units = capacity?.units;
  return {
    ...(capacity && { LastModifiedTime: new Date(capacity.modifiedAt) }),
    DecreaseRequestsRemaining: decreasesPerDay - used,
    ...(units !== undefined && {
      MinimumLoadBalancerCapacity: { CapacityUnits: units },
      CapacityReservationState: row.zones.map(({ zone }) => ({
        State: { Code: 'provisioned' as const },
        AvailabilityZone: zone,
        EffectiveCapacityUnits: units / row.zones.length,
      })),
    }),
  };
}

export const DescribeCapacityReservation = operation<
  DescribeCapacityReservationInput,
  DescribeCapacityReservationOutput,
  ElbPorts
>({
  checks: (_input, call) => [anyCheck(call, 'DescribeCapacityReservation')],
  handle: async (input, call) => shown(await findLoadBalancer(call, input.LoadBalancerArn), call.now),
});

export const ModifyCapacityReservation = operation<
  ModifyCapacityReservationInput,
  ModifyCapacityReservationOutput,
  ElbPorts
>({
  checks: async (input, call) => [await arnCheck(call, 'ModifyCapacityReservation', input.LoadBalancerArn)],
  async handle(input, call, ports) {
    const row = await findLoadBalancer(call, input.LoadBalancerArn);
    const units = wanted(input, row);
    const before = row.capacity?.units ?? 0;
    const day = dayOf(call.now);
    let count = row.capacity?.decreases.day === day ? row.capacity.decreases.count : 0;
    if ((units ?? 0) < before) {
      if (count >= decreasesPerDay) {
        const message = 'The daily limit of requests to decrease the capacity reservation has been reached';
        throw new AwsError('CapacityDecreaseRequestsLimitExceeded', message, { status: 400 });
      }
      count++;
    }
    if (units !== undefined && units > before) await requireCapacity(call.change, ports, units - before);
    const { capacity: _former, ...rest } = row;
    const capacity = { modifiedAt: call.now, decreases: { day, count }, ...(units !== undefined && { units }) };
    const changed: LoadBalancerRow = { ...rest, capacity };
    putLoadBalancer(call.change, changed);
    return shown(changed, call.now);
  },
});

/** Undefined resets. */
function wanted(input: ModifyCapacityReservationInput, row: LoadBalancerRow): number | undefined {
  const units = input.MinimumLoadBalancerCapacity?.CapacityUnits;
  if (input.ResetCapacityReservation) {
    if (units !== undefined) throw validation('You cannot set and reset the capacity reservation at the same time');
    return undefined;
  }
  if (units === undefined) throw validation('The minimum load balancer capacity must be specified');
  const floor = row.type === 'application' ? least.application : least.network * row.zones.length;
  if (units < floor) throw invalidConfiguration(`The capacity units must be at least '${floor}'`);
  return units;
}

/** All reservations of the instance together cannot exceed what its nodes carry. */
async function requireCapacity(reader: Reader, { edge }: ElbPorts, more: number): Promise<void> {
  let reserved = more;
  for (const { value } of await reader.list(loadBalancersByDns, '')) {
    reserved += (await reader.get(loadBalancers, regional(value), value.name))?.capacity?.units ?? 0;
  }
  if (reserved > edge.capacityUnits()) {
    throw new AwsError('InsufficientCapacity', 'There is insufficient capacity to reserve.', { status: 500 });
  }
}
