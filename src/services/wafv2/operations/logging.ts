/** PutLoggingConfiguration, GetLoggingConfiguration, DeleteLoggingConfiguration, ListLoggingConfigurations. */
import type {
  DeleteLoggingConfigurationRequest,
  FieldToMatch,
  GetLoggingConfigurationRequest,
  GetLoggingConfigurationResponse,
  ListLoggingConfigurationsRequest,
  ListLoggingConfigurationsResponse,
  LoggingFilter,
  PutLoggingConfigurationRequest,
  PutLoggingConfigurationResponse,
} from '@aws-sdk/client-wafv2';
import { type Check, type CheckCall, operation } from '../../service.ts';
import { accountCheck, arnCheck } from '../checks.ts';
import { partitionOf, requireScope } from '../entity.ts';
import { invalidParameter, limitsExceeded, reasons } from '../errors.ts';
import { requireDeliverable } from '../logging/access.ts';
import {
  findLogging,
  loggedWebAcl,
  logScopeContext,
  removeLogging,
  shownLogging,
  storeLogging,
} from '../logging/configuration.ts';
import { readDestination } from '../logging/destinations.ts';
import { page } from '../pages.ts';
import type { WafPorts } from '../ports.ts';
import { type LoggingRow, loggingConfigurations } from '../state.ts';
import { plain } from '../stored-rules.ts';

const kept = ['RedactedFields', 'LoggingFilter', 'LogType', 'LogScope'] as const;

export const PutLoggingConfiguration = operation<
  PutLoggingConfigurationRequest,
  PutLoggingConfigurationResponse,
  WafPorts
>({
  checks: async ({ LoggingConfiguration: wanted }, call) => [
    await arnCheck(
      call,
      'PutLoggingConfiguration',
      wanted.ResourceArn ?? '',
      logScopeContext(wanted.LogScope, wanted.LogDestinationConfigs),
    ),
    // "Permissions required to publish logs": deliveries belong to the log service.
    logDelivery(call, 'CreateLogDelivery'),
  ],
  async handle({ LoggingConfiguration: wanted }, call) {
    const acl = await loggedWebAcl(call, wanted.ResourceArn ?? '');
    const destinations = wanted.LogDestinationConfigs ?? [];
    if (destinations.length !== 1) throw limitsExceeded('LOG_DESTINATION');
    requireRedactable(wanted.RedactedFields);
    requireFilter(wanted.LoggingFilter);
    const destination = readDestination(destinations[0] ?? '', call.scope);
    await requireDeliverable(call, acl, destination);
    const row: LoggingRow = {
      webAclArn: wanted.ResourceArn ?? '',
      logScope: wanted.LogScope ?? 'CUSTOMER',
      destinations,
      settings: Object.fromEntries(
        kept.filter((name) => wanted[name] !== undefined).map((name) => [name, plain(wanted[name])]),
      ),
    };
    storeLogging(call, acl, row);
    return { LoggingConfiguration: shownLogging(row) };
  },
});

function logDelivery(call: CheckCall, action: string): Check {
  return { action: `logs:${action}`, resource: { arn: '*', account: call.scope.account } };
}

/** "RedactedFields": only these four. */
function requireRedactable(fields: readonly FieldToMatch[] | undefined): void {
  for (const field of fields ?? []) {
    const given = Object.entries(field).filter(([, value]) => value !== undefined);
    const [name = ''] = given[0] ?? [];
    if (given.length !== 1) throw invalidParameter('FIELD_TO_MATCH', 'FieldToMatch', reasons.exactlyOne);
    if (!['SingleHeader', 'UriPath', 'QueryString', 'Method'].includes(name)) {
      throw invalidParameter('FIELD_TO_MATCH', name, 'This field can not be redacted in logs.');
    }
  }
}

function requireFilter(filter: LoggingFilter | undefined): void {
  for (const { Conditions = [] } of filter?.Filters ?? []) {
    for (const { ActionCondition, LabelNameCondition } of Conditions) {
      if ((ActionCondition === undefined) === (LabelNameCondition === undefined)) {
        throw invalidParameter('FILTER_CONDITION', 'Condition', reasons.exactlyOne);
      }
      // "This must be a fully qualified label name."
      const label = LabelNameCondition?.LabelName ?? 'awswaf:';
      if (!label.startsWith('awswaf:')) throw invalidParameter('FILTER_CONDITION', label, reasons.format);
    }
  }
}

export const GetLoggingConfiguration = operation<
  GetLoggingConfigurationRequest,
  GetLoggingConfigurationResponse,
  WafPorts
>({
  checks: async (input, call) => [
    await arnCheck(call, 'GetLoggingConfiguration', input.ResourceArn, logScopeContext(input.LogScope)),
  ],
  async handle(input, call) {
    const acl = await loggedWebAcl(call, input.ResourceArn);
    return { LoggingConfiguration: shownLogging(await findLogging(call, acl, input.LogScope ?? 'CUSTOMER')) };
  },
});

export const DeleteLoggingConfiguration = operation<DeleteLoggingConfigurationRequest, object, WafPorts>({
  checks: async (input, call) => [
    await arnCheck(call, 'DeleteLoggingConfiguration', input.ResourceArn, logScopeContext(input.LogScope)),
    logDelivery(call, 'DeleteLogDelivery'),
  ],
  async handle(input, call) {
    const acl = await loggedWebAcl(call, input.ResourceArn);
    const logScope = input.LogScope ?? 'CUSTOMER';
    await findLogging(call, acl, logScope);
    removeLogging(call, acl, logScope);
    return {};
  },
});

export const ListLoggingConfigurations = operation<
  ListLoggingConfigurationsRequest,
  ListLoggingConfigurationsResponse,
  WafPorts
>({
  checks: (input, call) => [accountCheck(call, 'ListLoggingConfigurations', logScopeContext(input.LogScope))],
  async handle(input, call) {
    requireScope(call, input.Scope);
    const prefix = `${input.LogScope ?? 'CUSTOMER'}/`;
    const { rows, rest } = await page(call, input, `${input.Scope} ${prefix}`, (after, limit) =>
      call.change.list(loggingConfigurations, partitionOf(call, input.Scope), {
        prefix,
        limit,
        ...(after !== undefined && { after }),
      }),
    );
    return { LoggingConfigurations: rows.map(({ value }) => shownLogging(value)), ...rest };
  },
});
