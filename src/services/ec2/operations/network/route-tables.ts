/** Route tables and their associations. */
import type {
  AssociateRouteTableRequest,
  AssociateRouteTableResult,
  CreateRouteTableRequest,
  CreateRouteTableResult,
  DeleteRouteTableRequest,
  DescribeRouteTablesRequest,
  DescribeRouteTablesResult,
  DisassociateRouteTableRequest,
  ReplaceRouteTableAssociationRequest,
  ReplaceRouteTableAssociationResult,
  RouteTable,
} from '@aws-sdk/client-ec2';
import type { Call } from '../../../service.ts';
import { on, onAll } from '../../network/checks.ts';
import { changing, reading } from '../../network/declare.ts';
import { describe } from '../../network/describe.ts';
import { refused } from '../../network/errors.ts';
import { findRouteTable, findSubnet, findVpc } from '../../network/find.ts';
import { newId } from '../../network/ids.ts';
import { shownRoute, targetOf } from '../../network/route-targets.ts';
import { readAll } from '../../network/rows.ts';
import { partitionOf, type RouteTableRow, routeTables } from '../../network/state.ts';
import { givenTags, putTags, shownTags, type Tags, taggingChecks } from '../../network/tags.ts';

type Association = RouteTableRow['associations'][number];

export const CreateRouteTable = changing<CreateRouteTableRequest, CreateRouteTableResult>({
  async checks(input, call) {
    const { values, checks } = taggingChecks(call, input.TagSpecifications, 'route-table');
    return [await on(call, 'route-table', undefined, values), await on(call, 'vpc', input.VpcId), ...checks];
  },
  async handle(input, call) {
    const { change, scope, random } = call;
    const vpc = await findVpc(call, input.VpcId);
    const tags = givenTags(input.TagSpecifications, 'route-table');
    const row: RouteTableRow = {
      id: newId(random, 'rtb'),
      vpc: vpc.id,
      routes: vpc.blocks.map(({ cidr }) => ({ destination: cidr, target: 'local', origin: 'CreateRouteTable' })),
      associations: [],
    };
    change.put(routeTables, partitionOf(scope), row.id, row);
    putTags(change, scope, 'route-table', row.id, tags);
    return { RouteTable: shown(row, tags, scope.account) };
  },
});

export const DeleteRouteTable = changing<DeleteRouteTableRequest, object>({
  checks: async (input, call) => [await on(call, 'route-table', input.RouteTableId)],
  async handle(input, call) {
    const table = await findRouteTable(call, input.RouteTableId);
    if (table.associations.length > 0) {
      throw refused('DependencyViolation', `The routeTable '${table.id}' has dependencies and cannot be deleted.`);
    }
    call.change.delete(routeTables, partitionOf(call.scope), table.id);
    putTags(call.change, call.scope, 'route-table', table.id, {});
    return {};
  },
});

export const DescribeRouteTables = reading<DescribeRouteTablesRequest, DescribeRouteTablesResult>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const { rows, next } = await describe<RouteTableRow>(
      call,
      { ...input, ids: input.RouteTableIds },
      {
        table: routeTables,
        kind: 'route-table',
        facts: {
          'route-table-id': ({ id }) => id,
          'vpc-id': ({ vpc }) => vpc,
          'owner-id': () => call.scope.account,
          'association.main': ({ associations }) => String(associations.some(({ isMain }) => isMain)),
          'association.subnet-id': ({ associations }) => associations.flatMap(({ subnet }) => subnet ?? []),
          'association.route-table-id': ({ id }) => id,
          'association.route-table-association-id': ({ associations }) => associations.map(({ id }) => id),
          'association.gateway-id': () => [],
          'route.destination-cidr-block': ({ routes }) => routes.map(({ destination }) => destination),
          'route.gateway-id': ({ routes }) =>
            routes.map(({ target }) => target).filter((one) => /^(?:igw-|vgw-|local$)/.test(one)),
          'route.nat-gateway-id': () => [],
          'route.origin': ({ routes }) => routes.map(({ origin }) => origin),
          'route.state': ({ routes }) => routes.map(() => 'active'),
        },
      },
    );
    return { RouteTables: rows.map((row) => shown(row, row.tags, call.scope.account)), ...next };
  },
});

export const AssociateRouteTable = changing<AssociateRouteTableRequest, AssociateRouteTableResult>({
  checks: async (input, call) => [
    await on(call, 'route-table', input.RouteTableId),
    await on(call, 'subnet', input.SubnetId),
  ],
  async handle(input, call) {
    if (input.GatewayId !== undefined)
      throw refused('UnsupportedOperation', 'Route tables of gateways are not built by Bailey.');
    const table = await findRouteTable(call, input.RouteTableId);
    const subnet = await findSubnet(call, input.SubnetId);
    if (subnet.vpc !== table.vpc) {
      throw refused(
        'InvalidParameterValue',
        `Route table ${table.id} and subnet ${subnet.id} belong to different networks`,
      );
    }
    const all = await readAll(call.change, routeTables, call.scope);
    const present = all.find(({ associations }) => associations.some((one) => one.subnet === subnet.id));
    const before = present?.associations.find((one) => one.subnet === subnet.id);
    if (present && before && present.id !== table.id) {
      throw refused(
        'Resource.AlreadyAssociated',
        `the specified association for route table ${table.id} conflicts with an existing association`,
      );
    }
    if (before) return { AssociationId: before.id, AssociationState: { State: 'associated' } };
    const id = newId(call.random, 'rtbassoc');
    put(call, table, [...table.associations, { id, subnet: subnet.id, isMain: false }]);
    return { AssociationId: id, AssociationState: { State: 'associated' } };
  },
});

function put(call: Call, table: RouteTableRow, associations: readonly Association[]): void {
  call.change.put(routeTables, partitionOf(call.scope), table.id, { ...table, associations });
}

async function findAssociation(
  call: Call,
  id: string | undefined,
): Promise<{ table: RouteTableRow; association: Association }> {
  for (const table of await readAll(call.change, routeTables, call.scope)) {
    const association = table.associations.find((one) => one.id === id);
    if (association) return { table, association };
  }
  throw refused('InvalidAssociationID.NotFound', `The association ID '${id}' does not exist`);
}

export const DisassociateRouteTable = changing<DisassociateRouteTableRequest, object>({
  checks: async (input, call) => [await on(call, 'route-table', await tableOf(call, input.AssociationId))],
  async handle(input, call) {
    const { table, association } = await findAssociation(call, input.AssociationId);
    if (association.isMain) {
      throw refused('InvalidParameterValue', `cannot disassociate the main route table association ${association.id}`);
    }
    put(
      call,
      table,
      table.associations.filter(({ id }) => id !== association.id),
    );
    return {};
  },
});

async function tableOf(call: Pick<Call, 'change' | 'scope'>, association: string | undefined): Promise<string> {
  const all = await readAll(call.change, routeTables, call.scope);
  return all.find(({ associations }) => associations.some(({ id }) => id === association))?.id ?? '*';
}

export const ReplaceRouteTableAssociation = changing<
  ReplaceRouteTableAssociationRequest,
  ReplaceRouteTableAssociationResult
>({
  checks: async (input, call) => [await on(call, 'route-table', input.RouteTableId)],
  async handle(input, call) {
    const target = await findRouteTable(call, input.RouteTableId);
    const { table, association } = await findAssociation(call, input.AssociationId);
    if (table.vpc !== target.vpc)
      throw refused('InvalidParameterValue', `Route table ${target.id} belongs to another network`);
    const id = newId(call.random, 'rtbassoc');
    const left = table.associations.filter((one) => one.id !== association.id);
    if (table.id !== target.id) put(call, table, left);
    put(call, target, [...(table.id === target.id ? left : target.associations), { ...association, id }]);
    return { NewAssociationId: id, AssociationState: { State: 'associated' } };
  },
});

function shown(row: RouteTableRow, tags: Tags, account: string): RouteTable {
  return {
    RouteTableId: row.id,
    VpcId: row.vpc,
    OwnerId: account,
    Associations: row.associations.map(({ id, subnet, isMain }) => ({
      RouteTableAssociationId: id,
      RouteTableId: row.id,
      Main: isMain,
      ...(subnet !== undefined && { SubnetId: subnet }),
      AssociationState: { State: 'associated' },
    })),
    PropagatingVgws: [],
    Routes: row.routes.map((route) => ({ ...shownRoute(route), ...targetOf(route.target) })),
    Tags: shownTags(tags),
  };
}
