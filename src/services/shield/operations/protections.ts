/** Protections: which resources Shield Advanced watches, with the health checks that tell it more. */
import type {
  AssociateHealthCheckRequest,
  AssociateHealthCheckResponse,
  CreateProtectionRequest,
  CreateProtectionResponse,
  DeleteProtectionRequest,
  DeleteProtectionResponse,
  DescribeProtectionRequest,
  DescribeProtectionResponse,
  DisassociateHealthCheckRequest,
  DisassociateHealthCheckResponse,
  ListProtectionsRequest,
  ListProtectionsResponse,
  Protection,
} from '@aws-sdk/client-shield';
import { type CheckCall, operation } from '../../service.ts';
import { arnOf, on, onAll, requestTags } from '../checks.ts';
import { exists, invalid, invalidResource, limits, noProtection, noResource } from '../errors.ts';
import { pageOf } from '../pages.ts';
import type { ShieldPorts } from '../ports.ts';
import { type ProtectionRow, protections } from '../state.ts';
import { MOST_PROTECTIONS, requireSubscription } from './subscriptions.ts';

async function findProtection(call: Pick<CheckCall, 'change' | 'scope'>, id: string): Promise<ProtectionRow> {
  const row = await call.change.get(protections, call.scope.account, id);
  if (!row) throw noProtection();
  return row;
}

/** By the resource that is protected. */
export async function protectionOf(call: Pick<CheckCall, 'change' | 'scope'>, arn: string): Promise<ProtectionRow> {
  const rows = await call.change.list(protections, call.scope.account);
  const found = rows.find(({ value }) => value.resource === arn);
  if (!found) throw noProtection();
  return found.value;
}

export const CreateProtection = operation<CreateProtectionRequest, CreateProtectionResponse, ShieldPorts>({
  checks: (input, call) => onAll(call, requestTags(input.Tags)),
  async handle(input, call, ports) {
    const { change, scope, random } = call;
    await requireSubscription(call);
    const resource = await ports.resource(change, input.ResourceArn);
    if (!resource) throw /^arn:aws:/.test(input.ResourceArn) ? noResource() : invalid('The ARN is not valid.');
    if (resource.account !== scope.account) throw invalidResource('The resource belongs to another account.');
    const rows = (await change.list(protections, scope.account)).map(({ value }) => value);
    if (rows.some((one) => one.resource === input.ResourceArn)) {
      throw exists('The referenced protection already exists.', 'PROTECTION');
    }
    if (rows.length >= MOST_PROTECTIONS) throw limits('Protections', MOST_PROTECTIONS);
    const row: ProtectionRow = {
      id: random.uuid(),
      account: scope.account,
      name: input.Name,
      resource: input.ResourceArn,
      healthChecks: [],
      tags: Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? ''])),
    };
    change.put(protections, scope.account, row.id, row);
    return { ProtectionId: row.id };
  },
});

export const DescribeProtection = operation<DescribeProtectionRequest, DescribeProtectionResponse, ShieldPorts>({
  checks: async (input, call) => {
    const rows = await call.change.list(protections, call.scope.account);
    const id = input.ProtectionId ?? rows.find(({ value }) => value.resource === input.ResourceArn)?.id;
    return on(call, 'protection', id ?? '*');
  },
  async handle(input, call) {
    const { ProtectionId: id, ResourceArn: arn } = input;
    if ((id === undefined) === (arn === undefined))
      throw invalid('Exactly one of ProtectionId and ResourceArn must be given.');
    const row = id === undefined ? await protectionOf(call, arn ?? '') : await findProtection(call, id);
    return { Protection: shown(row) };
  },
});

export const ListProtections = operation<ListProtectionsRequest, ListProtectionsResponse, ShieldPorts>({
  checks: (_input, call) => onAll(call),
  async handle(input, call, ports) {
    await requireSubscription(call);
    const { ResourceArns: arns, ProtectionNames: names, ResourceTypes: types } = input.InclusionFilters ?? {};
    const rows = (await call.change.list(protections, call.scope.account)).map(({ value }) => value);
    const typed = await Promise.all(
      rows.map(async (row) => ({ row, type: (await ports.resource(call.change, row.resource))?.type })),
    );
    const wanted = typed
      .filter(({ row }) => arns === undefined || arns.includes(row.resource))
      .filter(({ row }) => names === undefined || names.includes(row.name))
      .filter(({ type }) => types === undefined || (types as (string | undefined)[]).includes(type));
    const { items, next } = pageOf(call, input, wanted, ({ row }) => row.id);
    return { Protections: items.map(({ row }) => shown(row)), ...next };
  },
});

export const DeleteProtection = operation<DeleteProtectionRequest, DeleteProtectionResponse, ShieldPorts>({
  checks: (input, call) => on(call, 'protection', input.ProtectionId),
  async handle(input, call, ports) {
    const row = await findProtection(call, input.ProtectionId);
    const { webAcl } = (row.response && (await ports.resource(call.change, row.resource))) ?? {};
    if (webAcl !== undefined) {
      await call.once('rules', () => ports.placeRules(row.account, row.resource, webAcl, undefined));
    }
    call.change.delete(protections, call.scope.account, row.id);
    return {};
  },
});

/** Shield Advanced has one health check for each protection. */
export const AssociateHealthCheck = operation<AssociateHealthCheckRequest, AssociateHealthCheckResponse, ShieldPorts>({
  checks: (input, call) => on(call, 'protection', input.ProtectionId),
  async handle(input, call, ports) {
    const row = await findProtection(call, input.ProtectionId);
    const { HealthCheckArn: arn } = input;
    const id = /^arn:aws:route53:::healthcheck\/([\w-]{1,64})$/.exec(arn)?.[1];
    if (id === undefined) throw invalid('The ARN is not that of a health check.');
    if (!(await ports.healthCheckExists(call.change, call.scope.account, id))) throw noResource();
    if (row.healthChecks.length > 0) throw limits('HealthChecks', 1);
    call.change.put(protections, call.scope.account, row.id, { ...row, healthChecks: [id] });
    return {};
  },
});

export const DisassociateHealthCheck = operation<
  DisassociateHealthCheckRequest,
  DisassociateHealthCheckResponse,
  ShieldPorts
>({
  checks: (input, call) => on(call, 'protection', input.ProtectionId),
  async handle(input, call) {
    const row = await findProtection(call, input.ProtectionId);
    const id = input.HealthCheckArn.slice(input.HealthCheckArn.lastIndexOf('/') + 1);
    if (!row.healthChecks.includes(id)) throw noResource();
    const healthChecks = row.healthChecks.filter((one) => one !== id);
    call.change.put(protections, call.scope.account, row.id, { ...row, healthChecks });
    return {};
  },
});

function shown(row: ProtectionRow): Protection {
  return {
    Id: row.id,
    Name: row.name,
    ResourceArn: row.resource,
    HealthCheckIds: [...row.healthChecks],
    ProtectionArn: arnOf(row.account, 'protection', row.id),
    ...(row.response && {
      ApplicationLayerAutomaticResponseConfiguration: {
        Status: 'ENABLED',
        Action: row.response.action === 'BLOCK' ? { Block: {} } : { Count: {} },
      },
    }),
  };
}
