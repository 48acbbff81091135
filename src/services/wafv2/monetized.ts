/**
 * Requests that a Monetize rule asked to pay. Nobody can pay here (there is no payment network behind it), so all
 * amounts are 0 and no settlement exists: what was asked is counted all the same.
 */
import type { MonetizationConfig, MonetizationFilter } from '@aws-sdk/client-wafv2';
import type { CheckCall } from '../service.ts';
import { arnOf, parseArn } from './arns.ts';
import { partitionOf, requireScope } from './entity.ts';
import { invalidParameter, reasons } from './errors.ts';
import { type Scope, type WebAclRow, webAcls } from './state.ts';
import type { Span } from './time-window.ts';
import type { PathTotal, Traffic } from './traffic/traffic.ts';

export interface Monetized extends PathTotal {
  readonly webAclArn: string;
}

type Filters = ReadonlyMap<string, readonly string[]>;

const ofAsking = ['CurrencyMode', 'WebACLArn', 'SourceName', 'SourceCategory', 'Organization', 'UriPathPrefix'];
/** Only payments have these, and there are none. */
const ofPaying = ['ChainName', 'SettlementStatus', 'PayerAddress', 'TransactionId'];

/** @throws AwsError WAFInvalidParameterException */
function readFilters(given: readonly MonetizationFilter[] | undefined): Filters {
  const filters = new Map<string, readonly string[]>();
  for (const { Name = '', Values = [] } of given ?? []) {
    const isKnown = ofAsking.includes(Name) || ofPaying.includes(Name);
    if (!isKnown || filters.has(Name)) throw invalidParameter('FILTER_CONDITION', Name, reasons.format);
    const isMode = Values.every((value) => value === 'REAL' || value === 'TEST');
    const areArns = Values.every((value) => parseArn(value)?.kind === 'webacl');
    if ((Name === 'CurrencyMode' && !isMode) || (Name === 'WebACLArn' && !areArns)) {
      throw invalidParameter('FILTER_CONDITION', Values.join(), reasons.format);
    }
    filters.set(Name, Values);
  }
  return filters;
}

interface Query {
  readonly Scope: Scope;
  readonly Filters?: readonly MonetizationFilter[] | undefined;
}

/** @throws AwsError WAFInvalidParameterException */
export async function monetized(call: CheckCall, traffic: Traffic, query: Query, span: Span): Promise<Monetized[]> {
  requireScope(call, query.Scope);
  const filters = readFilters(query.Filters);
  const rows = await call.change.list(webAcls, partitionOf(call, query.Scope));
  return rows
    .filter(({ value }) => isAmong(value, filters))
    .map(({ value }) => arnOf('webacl', value))
    .flatMap((webAclArn) =>
      traffic.paths(webAclArn, span.from, span.to, 'monetized').map((total) => ({ webAclArn, ...total })),
    )
    .filter((total) => isWanted(total, filters));
}

function isAmong(acl: WebAclRow, filters: Filters): boolean {
  const arns = filters.get('WebACLArn');
  if (arns && !arns.includes(arnOf('webacl', acl))) return false;
  const config = acl.settings.MonetizationConfig as MonetizationConfig | undefined;
  return (filters.get('CurrencyMode') ?? ['REAL']).includes(config?.CurrencyMode ?? 'REAL');
}

function isWanted({ path, bot }: PathTotal, filters: Filters): boolean {
  if (ofPaying.some((name) => filters.has(name))) return false;
  const prefixes = filters.get('UriPathPrefix');
  if (prefixes && !prefixes.some((prefix) => path.startsWith(prefix))) return false;
  const holds = (name: string, value: string | undefined): boolean => {
    const values = filters.get(name);
    return !values || (value !== undefined && values.includes(value));
  };
  return (
    holds('SourceName', bot.name) && holds('SourceCategory', bot.category) && holds('Organization', bot.organization)
  );
}

export function requestsOf(totals: readonly PathTotal[]): number {
  return totals.reduce((sum, { requests }) => sum + requests, 0);
}
