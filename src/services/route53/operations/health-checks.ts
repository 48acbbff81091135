/** Health checks: made, shown, changed and deleted; what they find comes from whoever carries them out. */
import type {
  CreateHealthCheckRequest,
  CreateHealthCheckResponse,
  DeleteHealthCheckRequest,
  DeleteHealthCheckResponse,
  GetHealthCheckCountRequest,
  GetHealthCheckCountResponse,
  GetHealthCheckRequest,
  GetHealthCheckResponse,
  GetHealthCheckStatusRequest,
  GetHealthCheckStatusResponse,
  HealthCheck,
  HealthCheckConfig,
  ListHealthChecksRequest,
  ListHealthChecksResponse,
  UpdateHealthCheckRequest,
  UpdateHealthCheckResponse,
} from '@aws-sdk/client-route-53';
import { AwsError, type Call, operation } from '../../service.ts';
import { on, onAll } from '../checks.ts';
import { invalid, noHealthCheck } from '../errors.ts';
import { pageOf } from '../pages.ts';
import type { Route53Ports } from '../ports.ts';
import { type HealthCheckRow, healthChecks, records, tags, zones } from '../state.ts';

const MOST_CHECKS = 200;
const types = ['HTTP', 'HTTPS', 'HTTP_STR_MATCH', 'HTTPS_STR_MATCH', 'TCP', 'CALCULATED'];

async function find(call: Pick<Call, 'change' | 'scope'>, id: string): Promise<HealthCheckRow> {
  const row = await call.change.get(healthChecks, call.scope.account, id);
  if (!row) throw noHealthCheck(id);
  return row;
}

type Settings = Omit<HealthCheckRow, 'id' | 'account' | 'callerReference' | 'version' | 'createdAt'>;

function settingsOf(config: HealthCheckConfig): Settings {
  const type = config.Type ?? '';
  if (!types.includes(type)) throw invalid(`Health checks of type ${type} are not built by Bailey.`);
  const interval = config.RequestInterval ?? 30;
  const threshold = config.FailureThreshold ?? 3;
  if (interval !== 10 && interval !== 30) throw invalid('RequestInterval must be 10 or 30.');
  if (threshold < 1 || threshold > 10) throw invalid('FailureThreshold must be 1 to 10.');
  const isText = type.endsWith('_STR_MATCH');
  if (isText !== (config.SearchString !== undefined && config.SearchString !== ''))
    throw invalid('SearchString goes with the types that match a string.');
  if (type === 'CALCULATED') {
    if (config.HealthThreshold === undefined || !config.ChildHealthChecks)
      throw invalid('A calculated check needs HealthThreshold and ChildHealthChecks.');
  } else if (config.IPAddress === undefined && config.FullyQualifiedDomainName === undefined) {
    throw invalid('Either IPAddress or FullyQualifiedDomainName must be given.');
  }
  return {
    type: type as HealthCheckRow['type'],
    intervalSeconds: interval,
    failureThreshold: threshold,
    isInverted: config.Inverted ?? false,
    isDisabled: config.Disabled ?? false,
    children: config.ChildHealthChecks ?? [],
    ...(config.IPAddress !== undefined && { address: config.IPAddress }),
    ...(config.FullyQualifiedDomainName !== undefined && { domainName: config.FullyQualifiedDomainName }),
    ...(type !== 'CALCULATED' && { port: config.Port ?? (type.startsWith('HTTPS') ? 443 : 80) }),
    ...(config.ResourcePath !== undefined && { path: config.ResourcePath }),
    ...(config.SearchString !== undefined && config.SearchString !== '' && { searchString: config.SearchString }),
    ...(config.HealthThreshold !== undefined && { threshold: config.HealthThreshold }),
  };
}

function shown(row: HealthCheckRow): HealthCheck {
  return {
    Id: row.id,
    CallerReference: row.callerReference,
    HealthCheckVersion: row.version,
    HealthCheckConfig: configOf(row),
  };
}

const configOf = (row: HealthCheckRow): HealthCheckConfig => ({
  Type: row.type,
  RequestInterval: row.intervalSeconds,
  FailureThreshold: row.failureThreshold,
  MeasureLatency: false,
  Inverted: row.isInverted,
  Disabled: row.isDisabled,
  EnableSNI: row.type.startsWith('HTTPS'),
  ...(row.address !== undefined && { IPAddress: row.address }),
  ...(row.domainName !== undefined && { FullyQualifiedDomainName: row.domainName }),
  ...(row.port !== undefined && { Port: row.port }),
  ...(row.path !== undefined && { ResourcePath: row.path }),
  ...(row.searchString !== undefined && { SearchString: row.searchString }),
  ...(row.threshold !== undefined && { HealthThreshold: row.threshold, ChildHealthChecks: [...row.children] }),
});

export const CreateHealthCheck = operation<CreateHealthCheckRequest, CreateHealthCheckResponse, Route53Ports>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const { change, scope, random, now } = call;
    const settings = settingsOf(input.HealthCheckConfig);
    const all = (await change.list(healthChecks, scope.account)).map(({ value }) => value);
    const same = all.find(({ callerReference }) => callerReference === input.CallerReference);
    if (same) {
      const before = JSON.stringify(configOf(same));
      if (before === JSON.stringify(configOf({ ...same, ...settings }))) return made(same);
      throw new AwsError(
        'HealthCheckAlreadyExists',
        'A different health check has already been created with the specified caller reference.',
      );
    }
    if (all.length >= MOST_CHECKS)
      throw new AwsError('TooManyHealthChecks', 'This request would exceed the number of health checks.');
    const row: HealthCheckRow = {
      id: random.uuid(),
      account: scope.account,
      callerReference: input.CallerReference,
      version: 1,
      createdAt: now,
      ...settings,
    };
    change.put(healthChecks, scope.account, row.id, row);
    return made(row);
  },
});

const made = (row: HealthCheckRow): CreateHealthCheckResponse => ({
  HealthCheck: shown(row),
  Location: `https://route53.amazonaws.com/2013-04-01/healthcheck/${row.id}`,
});

export const GetHealthCheck = operation<GetHealthCheckRequest, GetHealthCheckResponse, Route53Ports>({
  checks: (input, call) => on(call, 'healthcheck', input.HealthCheckId),
  handle: async (input, call) => ({ HealthCheck: shown(await find(call, input.HealthCheckId)) }),
});

export const UpdateHealthCheck = operation<UpdateHealthCheckRequest, UpdateHealthCheckResponse, Route53Ports>({
  checks: (input, call) => on(call, 'healthcheck', input.HealthCheckId),
  async handle(input, call) {
    const row = await find(call, input.HealthCheckId);
    if (input.HealthCheckVersion !== undefined && input.HealthCheckVersion !== row.version) {
      throw new AwsError('HealthCheckVersionMismatch', `The health check has version ${row.version}.`);
    }
    const { HealthCheckId: _id, HealthCheckVersion: _version, ResetElements: reset = [], ...given } = input;
    const before = configOf(row);
    const kept = Object.fromEntries(Object.entries(before).filter(([key]) => !(reset as string[]).includes(key)));
    const changed = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const settings = settingsOf({ ...kept, ...changed, Type: row.type } as HealthCheckConfig);
    const next: HealthCheckRow = {
      id: row.id,
      account: row.account,
      callerReference: row.callerReference,
      createdAt: row.createdAt,
      version: row.version + 1,
      ...settings,
    };
    call.change.put(healthChecks, call.scope.account, row.id, next);
    return { HealthCheck: shown(next) };
  },
});

export const DeleteHealthCheck = operation<DeleteHealthCheckRequest, DeleteHealthCheckResponse, Route53Ports>({
  checks: (input, call) => on(call, 'healthcheck', input.HealthCheckId),
  async handle(input, call) {
    const { change, scope } = call;
    const { id } = await find(call, input.HealthCheckId);
    for (const zone of await change.list(zones, scope.account)) {
      const uses = (await change.list(records, zone.id)).some(({ value }) => value.healthCheck === id);
      if (uses) throw new AwsError('HealthCheckInUse', 'The health check is used by a resource record set.');
    }
    change.delete(healthChecks, scope.account, id);
    change.delete(tags, scope.account, `healthcheck/${id}`);
    return {};
  },
});

export const ListHealthChecks = operation<ListHealthChecksRequest, ListHealthChecksResponse, Route53Ports>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const all = (await call.change.list(healthChecks, call.scope.account)).map(({ value }) => value);
    const { items, next, size } = pageOf(input, all, /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    return {
      HealthChecks: items.map(shown),
      Marker: input.Marker ?? '',
      IsTruncated: next !== undefined,
      MaxItems: size,
      ...(next !== undefined && { NextMarker: next }),
    };
  },
});

export const GetHealthCheckCount = operation<GetHealthCheckCountRequest, GetHealthCheckCountResponse, Route53Ports>({
  checks: (_input, call) => onAll(call),
  handle: async (_input, call) => ({
    HealthCheckCount: (await call.change.list(healthChecks, call.scope.account)).length,
  }),
});

export const GetHealthCheckStatus = operation<GetHealthCheckStatusRequest, GetHealthCheckStatusResponse, Route53Ports>({
  checks: (input, call) => on(call, 'healthcheck', input.HealthCheckId),
  async handle(input, call, ports) {
    const row = await find(call, input.HealthCheckId);
    if (row.type === 'CALCULATED') throw invalid('The status of a calculated health check is that of its children.');
    const found = ports.health(row.id);
    if (!found) return { HealthCheckObservations: [] };
    return {
      HealthCheckObservations: [
        {
          Region: 'us-east-1',
          IPAddress: '127.0.0.1',
          StatusReport: {
            Status: `${found.isHealthy ? 'Success' : 'Failure'}: ${found.reason}`,
            CheckedTime: new Date(found.at),
          },
        },
      ],
    };
  },
});
