/** Logging configurations: one for each web ACL and scope of logging. */
import type { LoggingConfiguration } from '@aws-sdk/client-wafv2';
import type { Call, CheckCall, ConditionValues } from '../../service.ts';
import { arnOf, parseArn } from '../arns.ts';
import { findByArn } from '../entity.ts';
import { invalidParameter, nonexistentItem, reasons } from '../errors.ts';
import {
  entityPartition,
  type LoggingRow,
  type LogScope,
  loggingConfigurations,
  type WebAclRow,
  webAcls,
} from '../state.ts';

const scopes: readonly LogScope[] = ['CUSTOMER', 'SECURITY_LAKE', 'CLOUDWATCH_TELEMETRY_RULE_MANAGED'];

/** As the condition key `wafv2:LogScope` spells them. */
const spelled: Readonly<Record<LogScope, string>> = {
  CUSTOMER: 'Customer',
  SECURITY_LAKE: 'SecurityLake',
  CLOUDWATCH_TELEMETRY_RULE_MANAGED: 'CloudwatchTelemetryRuleManaged',
};

export function logScopeContext(scope: LogScope | undefined, destinations?: readonly string[]): ConditionValues {
  return { 'wafv2:LogScope': spelled[scope ?? 'CUSTOMER'], 'wafv2:LogDestinationResource': destinations };
}

export function loggingId(logScope: LogScope, arn: string): string {
  return `${logScope}/${arn}`;
}

function partitionOf(row: WebAclRow): string {
  return entityPartition(row.account, row.region, row.scope);
}

/** @throws AwsError for what is no web ACL of this account */
export async function loggedWebAcl(call: CheckCall, arn: string): Promise<WebAclRow> {
  if (parseArn(arn)?.kind !== 'webacl') throw invalidParameter('RESOURCE_ARN', arn, reasons.arn);
  const row = await findByArn(call, webAcls, 'webacl', arn);
  if (row.account !== call.scope.account) throw nonexistentItem();
  return row;
}

export async function findLogging(call: CheckCall, row: WebAclRow, logScope: LogScope): Promise<LoggingRow> {
  const arn = arnOf('webacl', row);
  const found = await call.change.get(loggingConfigurations, partitionOf(row), loggingId(logScope, arn));
  if (!found) throw nonexistentItem();
  return found;
}

export function storeLogging(call: Call, row: WebAclRow, logging: LoggingRow): void {
  call.change.put(loggingConfigurations, partitionOf(row), loggingId(logging.logScope, logging.webAclArn), logging);
}

export function removeLogging(call: Call, row: WebAclRow, logScope: LogScope): void {
  call.change.delete(loggingConfigurations, partitionOf(row), loggingId(logScope, arnOf('webacl', row)));
}

/** With the web ACL go all its logging configurations. */
export async function forgetLogging(call: Call, row: WebAclRow): Promise<void> {
  for (const scope of scopes) {
    const id = loggingId(scope, arnOf('webacl', row));
    if (await call.change.get(loggingConfigurations, partitionOf(row), id)) {
      call.change.delete(loggingConfigurations, partitionOf(row), id);
    }
  }
}

export function shownLogging(row: LoggingRow): LoggingConfiguration {
  return {
    ResourceArn: row.webAclArn,
    LogDestinationConfigs: [...row.destinations],
    ...(row.settings as Partial<LoggingConfiguration>),
    ManagedByFirewallManager: false,
  };
}
