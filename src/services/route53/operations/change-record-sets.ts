/** ChangeResourceRecordSets: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html */
import type {
  ChangeResourceRecordSetsRequest,
  ChangeResourceRecordSetsResponse,
  Change as RecordChange,
  ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { type Call, type CheckCall, operation } from '../../service.ts';
import { newChange } from '../changes.ts';
import { on } from '../checks.ts';
import { invalid, invalidBatch } from '../errors.ts';
import { bareId, fullName, isWithin, normalized } from '../names.ts';
import type { Route53Ports } from '../ports.ts';
import { healthChecks, type RecordRow, recordId, records, type ZoneRow, zones } from '../state.ts';
import { isKnownType, isValue } from '../values.ts';
import { findZone } from './hosted-zones.ts';

const MOST_CHANGES = 1_000;
const MOST_RECORDS = 10_000;
const MOST_VALUES = 400;

export const ChangeResourceRecordSets = operation<
  ChangeResourceRecordSetsRequest,
  ChangeResourceRecordSetsResponse,
  Route53Ports
>({
  checks: (input, call) => {
    const given = input.ChangeBatch?.Changes ?? [];
    const each = (value: (change: RecordChange) => string | undefined) => [
      ...new Set(given.flatMap((one) => value(one) ?? [])),
    ];
    return on(call, 'hostedzone', bareId(input.HostedZoneId), {
      'route53:ChangeResourceRecordSetsActions': each(({ Action }) => Action),
      'route53:ChangeResourceRecordSetsRecordTypes': each(({ ResourceRecordSet: set }) => set?.Type),
      'route53:ChangeResourceRecordSetsNormalizedRecordNames': each(({ ResourceRecordSet: set }) =>
        set?.Name === undefined ? undefined : normalized(set.Name),
      ),
    });
  },
  async handle(input, call, ports) {
    const zone = await findZone(call, input.HostedZoneId);
    const given = input.ChangeBatch?.Changes ?? [];
    if (given.length > MOST_CHANGES) throw invalidBatch([`Number of records limit of ${MOST_CHANGES} exceeded.`]);
    for (const one of given) mustBeWhole(one);
    const present = new Map((await call.change.list(records, zone.id)).map(({ id, value }) => [id, value]));
    const faults: string[] = [];
    const touched = new Set<string>();
    for (const one of given) {
      const fault = await apply(call, ports, zone, present, touched, one);
      if (fault !== undefined) faults.push(fault);
    }
    if (present.size > MOST_RECORDS) faults.push('The hosted zone would hold more records than it may.');
    faults.push(...conflicts([...present.values()], zone.name), ...lost(zone, present, touched));
    if (faults.length > 0) throw invalidBatch(faults);
    for (const id of touched) {
      const row = present.get(id);
      if (row) call.change.put(records, zone.id, id, row);
      else call.change.delete(records, zone.id, id);
    }
    // Commits that change records of one zone come one after the other.
    call.change.put(zones, zone.account, zone.id, zone);
    return { ChangeInfo: newChange(call, input.ChangeBatch?.Comment) };
  },
});

/**
 * What no zone is asked about: members that do not go together.
 * @throws InvalidInput
 */
function mustBeWhole({ Action, ResourceRecordSet: set }: RecordChange): void {
  if (!set) return;
  const where = `in Change with [Action=${Action}, Name=${set.Name}, Type=${set.Type}, SetIdentifier=${set.SetIdentifier ?? null}]`;
  const hasValues = (set.ResourceRecords?.length ?? 0) > 0;
  const isRecord = set.TTL !== undefined && hasValues;
  const kinds = [set.AliasTarget !== undefined, isRecord, set.TrafficPolicyInstanceId !== undefined];
  const isMixed = set.AliasTarget !== undefined && (set.TTL !== undefined || hasValues);
  const count = kinds.filter(Boolean).length;
  if (count !== 1 || isMixed) {
    const found = count === 0 ? 'none' : 'more than one';
    throw invalid(
      `Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found ${found} ${where}`,
    );
  }
  const policies = [set.Weight, set.Region, set.Failover, set.GeoLocation, set.GeoProximityLocation];
  const hasPolicy = [...policies, set.MultiValueAnswer, set.CidrRoutingConfig].some((one) => one !== undefined);
  if (hasPolicy && set.SetIdentifier === undefined) {
    throw invalid(`Invalid request: Missing field 'SetIdentifier' ${where}`);
  }
  if (!hasPolicy && set.SetIdentifier !== undefined) {
    throw invalid(
      `Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, GeoProximityLocation, MultiValueAnswer, or CidrRoutingConfig], but found none ${where}`,
    );
  }
}

/** Answers what is wrong with the change, as Route 53 says it. */
async function apply(
  call: CheckCall & Call,
  ports: Route53Ports,
  zone: ZoneRow,
  present: Map<string, RecordRow>,
  touched: Set<string>,
  { Action: action, ResourceRecordSet: set }: RecordChange,
): Promise<string | undefined> {
  if (!set) return 'A change needs a ResourceRecordSet';
  const parsed = await rowOf(call, ports, zone, set);
  if (typeof parsed === 'string') return parsed;
  const id = recordId(parsed);
  const before = present.get(id);
  const what = `[name='${parsed.name}', type='${parsed.type}'${parsed.setIdentifier === undefined ? '' : `, set-identifier='${parsed.setIdentifier}'`}]`;
  if (action === 'CREATE' && before) return `Tried to create resource record set ${what} but it already exists`;
  if (action === 'DELETE') {
    if (!before) return `Tried to delete resource record set ${what} but it was not found`;
    if (!isSame(before, parsed))
      return `Tried to delete resource record set ${what} but the values provided do not match the current values`;
    if (parsed.name === zone.name && (parsed.type === 'SOA' || parsed.type === 'NS')) {
      return `A HostedZone must contain exactly one ${parsed.type} record${parsed.type === 'NS' ? ' set' : ''}.`;
    }
    present.delete(id);
  } else present.set(id, parsed);
  touched.add(id);
  return undefined;
}

const isSame = (a: RecordRow, b: RecordRow): boolean =>
  a.ttl === b.ttl &&
  JSON.stringify([...a.values].sort()) === JSON.stringify([...b.values].sort()) &&
  JSON.stringify(a.alias) === JSON.stringify(b.alias);

async function rowOf(
  call: Call,
  ports: Route53Ports,
  zone: ZoneRow,
  set: ResourceRecordSet,
): Promise<RecordRow | string> {
  const name = fullName(set.Name ?? '');
  const type = set.Type ?? '';
  if (!isWithin(name, zone.name)) return `RRSet with DNS name ${name} is not permitted in zone ${zone.name}`;
  if (!isKnownType(type)) return `Records of type ${type} are not built by Bailey`;
  const unbuilt = [
    set.Region,
    set.GeoLocation,
    set.CidrRoutingConfig,
    set.GeoProximityLocation,
    set.TrafficPolicyInstanceId,
  ];
  if (unbuilt.some((one) => one !== undefined)) {
    return 'Records are answered simply, by weight, by failover or with several values; other policies are not built by Bailey';
  }
  const policies = [set.Weight, set.Failover, set.MultiValueAnswer].filter((one) => one !== undefined);
  if (policies.length > 1) return 'Only one routing policy can be given';
  if (
    set.HealthCheckId !== undefined &&
    !(await call.change.get(healthChecks, call.scope.account, set.HealthCheckId))
  ) {
    return `The specified health check ${set.HealthCheckId} does not exist`;
  }
  const base = {
    name,
    type,
    ...(set.SetIdentifier !== undefined && { setIdentifier: set.SetIdentifier }),
    ...(set.Weight !== undefined && { weight: set.Weight }),
    ...(set.Failover !== undefined && { failover: set.Failover }),
    ...(set.MultiValueAnswer && { isMultiValue: true }),
    ...(set.HealthCheckId !== undefined && { healthCheck: set.HealthCheckId }),
  };
  const values = (set.ResourceRecords ?? []).map(({ Value }) => Value ?? '');
  if (set.AliasTarget) {
    return aliasOf(call, ports, zone, base, set.AliasTarget);
  }
  const ttl = set.TTL ?? 0;
  if (values.length > MOST_VALUES) return `A record has 1 to ${MOST_VALUES} values`;
  if (ttl < 0 || ttl > 2_147_483_647) return 'The TTL is out of range';
  const wrong = values.find((value) => !isValue(type, value));
  if (wrong !== undefined) return `Invalid Resource Record: '${wrong}' is no value of type ${type}`;
  if (new Set(values).size < values.length)
    return `Duplicate Resource Record: '${values.find((one, at) => values.indexOf(one) !== at)}'`;
  return { ...base, ttl, values };
}

async function aliasOf(
  call: Call,
  ports: Route53Ports,
  zone: ZoneRow,
  base: Omit<RecordRow, 'values' | 'alias' | 'ttl'>,
  target: NonNullable<ResourceRecordSet['AliasTarget']>,
): Promise<RecordRow | string> {
  const dnsName = fullName(target.DNSName ?? '');
  const wanted = target.HostedZoneId ?? '';
  if (base.type !== 'A' && base.type !== 'AAAA' && wanted !== zone.id)
    return `Aliases of type ${base.type} lead to records of the same zone only`;
  if (wanted === zone.id) {
    if (!isWithin(dnsName, zone.name))
      return `Tried to create an alias that targets ${dnsName}, which is not in the zone`;
  } else {
    const found = await ports.aliasZone(call.change, dnsName.replace(/\.$/, ''));
    if (found === undefined || found !== wanted) {
      return `Tried to create an alias that targets ${dnsName}, type ${base.type} in zone ${wanted}, but the alias target name does not lie within the target zone`;
    }
  }
  return {
    ...base,
    values: [],
    alias: { zone: wanted, dnsName, evaluatesHealth: target.EvaluateTargetHealth ?? false },
  };
}

/** Aliases within the zone that this batch leaves without what they lead to. */
function lost(zone: ZoneRow, present: ReadonlyMap<string, RecordRow>, touched: ReadonlySet<string>): string[] {
  const known = new Set([...present.values()].map(({ name, type }) => `${name} ${type}`));
  return [...touched].flatMap((id) => {
    const row = present.get(id);
    if (row?.alias?.zone !== zone.id || known.has(`${row.alias.dnsName} ${row.type}`)) return [];
    return `Tried to create an alias that targets ${row.alias.dnsName}, type ${row.type} in zone ${zone.id}, but that target was not found`;
  });
}

/** A CNAME stands alone, and never at the top; sets of one name and type have one policy. */
function conflicts(rows: readonly RecordRow[], apex: string): string[] {
  const faults: string[] = [];
  for (const [name, same] of Map.groupBy(rows, (row) => row.name)) {
    const types = new Set(same.map(({ type }) => type));
    if (types.has('CNAME') && name === apex) {
      faults.push(`RRSet of type CNAME with DNS name ${name} is not permitted at apex in zone ${apex}`);
    } else if (types.has('CNAME') && types.size > 1) {
      faults.push(
        `RRSet of type CNAME with DNS name ${name} is not permitted as it conflicts with other records with the same DNS name in zone`,
      );
    }
    for (const type of types) {
      const sets = same.filter((row) => row.type === type);
      const kinds = new Set(
        sets.map((row) =>
          row.weight !== undefined ? 'w' : row.failover !== undefined ? 'f' : row.isMultiValue ? 'm' : 's',
        ),
      );
      if (kinds.size > 1)
        faults.push(
          `RRSet with DNS name ${name}, type ${type} cannot be created as other RRSets exist with the same name and type that have another policy`,
        );
    }
  }
  return faults;
}
