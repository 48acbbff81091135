/** ListResourceRecordSets and TestDNSAnswer. */
import type {
  ListResourceRecordSetsRequest,
  ListResourceRecordSetsResponse,
  ResourceRecordSet,
  TestDNSAnswerRequest,
  TestDNSAnswerResponse,
} from '@aws-sdk/client-route-53';
import { operation } from '../../service.ts';
import { on, onAll } from '../checks.ts';
import { invalid } from '../errors.ts';
import { bareId, escaped, fullName } from '../names.ts';
import { sizeOf } from '../pages.ts';
import type { Route53Ports } from '../ports.ts';
import { type RecordRow, recordId, records } from '../state.ts';
import { findZone } from './hosted-zones.ts';

export const ListResourceRecordSets = operation<
  ListResourceRecordSetsRequest,
  ListResourceRecordSetsResponse,
  Route53Ports
>({
  checks: (input, call) => on(call, 'hostedzone', bareId(input.HostedZoneId)),
  async handle(input, call) {
    const zone = await findZone(call, input.HostedZoneId);
    const size = sizeOf(input.MaxItems);
    const { StartRecordName: name, StartRecordType: type, StartRecordIdentifier: setIdentifier } = input;
    if (name === undefined && type !== undefined) throw invalid('StartRecordType needs a StartRecordName.');
    const from =
      name === undefined
        ? ''
        : recordId({ name: fullName(name), type: type ?? '', setIdentifier: setIdentifier ?? '' });
    const rows = await call.change.list(records, zone.id, { from, limit: size + 1 });
    const following = rows[size]?.value;
    return {
      ResourceRecordSets: rows.slice(0, size).map(({ value }) => shownRecord(value)),
      IsTruncated: following !== undefined,
      MaxItems: size,
      ...(following && { NextRecordName: escaped(following.name), NextRecordType: following.type as 'A' }),
      ...(following?.setIdentifier !== undefined && { NextRecordIdentifier: following.setIdentifier }),
    };
  },
});

function shownRecord(row: RecordRow): ResourceRecordSet {
  return {
    Name: escaped(row.name),
    Type: row.type as 'A',
    ...(row.setIdentifier !== undefined && { SetIdentifier: row.setIdentifier }),
    ...(row.weight !== undefined && { Weight: row.weight }),
    ...(row.failover !== undefined && { Failover: row.failover }),
    ...(row.isMultiValue && { MultiValueAnswer: true }),
    ...(row.healthCheck !== undefined && { HealthCheckId: row.healthCheck }),
    ...(row.ttl !== undefined && { TTL: row.ttl }),
    ...(row.values.length > 0 && { ResourceRecords: row.values.map((Value) => ({ Value })) }),
    ...(row.alias && {
      AliasTarget: {
        HostedZoneId: row.alias.zone,
        DNSName: row.alias.dnsName,
        EvaluateTargetHealth: row.alias.evaluatesHealth,
      },
    }),
  };
}

export const TestDNSAnswer = operation<TestDNSAnswerRequest, TestDNSAnswerResponse, Route53Ports>({
  checks: (_input, call) => onAll(call),
  async handle(input, call, ports) {
    const zone = await findZone(call, input.HostedZoneId);
    const name = fullName(input.RecordName);
    const type = input.RecordType;
    const rows = (await call.change.list(records, zone.id)).map(({ value }) => value);
    const same = rows.filter((row) => row.name === name && row.type === type);
    const data: string[] = [];
    for (const { alias, values } of same) {
      const inZone = rows.find((row) => row.name === alias?.dnsName && row.type === type && !row.alias);
      const found =
        alias && (inZone?.values ?? (await ports.aliasValues(call.change, alias.dnsName.replace(/\.$/, ''), type)));
      data.push(...(found ?? values));
    }
    return {
      Nameserver: zone.nameServers[0] ?? '',
      RecordName: name,
      RecordType: type,
      RecordData: data,
      ResponseCode: same.length > 0 ? 'NOERROR' : 'NXDOMAIN',
      Protocol: 'UDP',
    };
  },
});
