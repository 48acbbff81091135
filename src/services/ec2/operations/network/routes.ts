/** CreateRoute, ReplaceRoute, DeleteRoute. */
import type {
  CreateRouteRequest,
  CreateRouteResult,
  DeleteRouteRequest,
  ReplaceRouteRequest,
} from '@aws-sdk/client-ec2';
import type { Call } from '../../../service.ts';
import { on } from '../../network/checks.ts';
import { changing } from '../../network/declare.ts';
import { notFound, refused } from '../../network/errors.ts';
import { findGateway, findInterface, findRouteTable } from '../../network/find.ts';
import { givenDestination, givenTarget } from '../../network/route-targets.ts';
import { read } from '../../network/rows.ts';
import {
  instances,
  partitionOf,
  type RouteRow,
  type RouteTableRow,
  routeTables,
  vpcEndpoints,
} from '../../network/state.ts';

function put(call: Call, table: RouteTableRow, routes: readonly RouteRow[]): void {
  call.change.put(routeTables, partitionOf(call.scope), table.id, { ...table, routes });
}

async function requireTarget(call: Call, table: RouteTableRow, target: string): Promise<void> {
  if (target.startsWith('igw-')) {
    const gateway = await findGateway(call, target);
    if (gateway.vpc !== table.vpc) {
      throw refused(
        'InvalidParameterValue',
        `route table ${table.id} and network gateway ${target} belong to different networks`,
      );
    }
  } else if (target.startsWith('eni-')) await findInterface(call, target);
  else if (target.startsWith('i-')) {
    if (!(await read(call.change, instances, call.scope, target))) throw notFound('instance', target);
  } else if (!(await read(call.change, vpcEndpoints, call.scope, target))) {
    throw refused('InvalidGatewayID.NotFound', `The gateway ID '${target}' does not exist`);
  }
}

export const CreateRoute = changing<CreateRouteRequest, CreateRouteResult>({
  checks: async (input, call) => [await on(call, 'route-table', input.RouteTableId)],
  async handle(input, call) {
    const table = await findRouteTable(call, input.RouteTableId);
    const destination = givenDestination(input);
    const target = givenTarget(input);
    await requireTarget(call, table, target);
    const present = table.routes.find((route) => route.destination === destination);
    // The same route once more is what it was (EC2 answers true).
    if (present && present.target !== target) {
      throw refused('RouteAlreadyExists', `The route identified by ${destination} already exists.`);
    }
    if (!present) put(call, table, [...table.routes, { destination, target, origin: 'CreateRoute' }]);
    return { Return: true };
  },
});

export const ReplaceRoute = changing<ReplaceRouteRequest, object>({
  checks: async (input, call) => [await on(call, 'route-table', input.RouteTableId)],
  async handle(input, call) {
    const table = await findRouteTable(call, input.RouteTableId);
    const destination = givenDestination(input);
    requireRoute(table, destination);
    const target = input.LocalTarget ? 'local' : givenTarget(input);
    if (target !== 'local') await requireTarget(call, table, target);
    put(
      call,
      table,
      table.routes.map((route) => (route.destination === destination ? { ...route, target } : route)),
    );
    return {};
  },
});

export const DeleteRoute = changing<DeleteRouteRequest, object>({
  checks: async (input, call) => [await on(call, 'route-table', input.RouteTableId)],
  async handle(input, call) {
    const table = await findRouteTable(call, input.RouteTableId);
    const destination = givenDestination(input);
    if (requireRoute(table, destination).target === 'local') {
      throw refused('InvalidParameterValue', `cannot remove local route ${destination} in route table ${table.id}`);
    }
    put(
      call,
      table,
      table.routes.filter((route) => route.destination !== destination),
    );
    return {};
  },
});

function requireRoute(table: RouteTableRow, destination: string): RouteRow {
  const found = table.routes.find((route) => route.destination === destination);
  if (found) return found;
  throw refused(
    'InvalidRoute.NotFound',
    `no route with destination-cidr-block ${destination} in route table ${table.id}`,
  );
}
