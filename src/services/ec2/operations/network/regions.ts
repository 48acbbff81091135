/** DescribeRegions, DescribeAvailabilityZones, DescribeAccountAttributes. */
import type {
  DescribeAccountAttributesRequest,
  DescribeAccountAttributesResult,
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult,
  DescribeRegionsRequest,
  DescribeRegionsResult,
} from '@aws-sdk/client-ec2';
import { onAll } from '../../network/checks.ts';
import { reading } from '../../network/declare.ts';
import { invalidValue } from '../../network/errors.ts';
import { filtered } from '../../network/filters.ts';
import { readAll } from '../../network/rows.ts';
import { vpcs } from '../../network/state.ts';
import { type Zone, zonesOf } from '../../network/zones.ts';

export const DescribeRegions = reading<DescribeRegionsRequest, DescribeRegionsResult>({
  checks: (_input, call) => onAll(call),
  handle(input, _call, ports) {
    const endpoint = (region: string) => `ec2.${region}.amazonaws.com`;
    const status = (region: string) => (ports.regions.includes(region) ? 'opt-in-not-required' : 'not-opted-in');
    const all = [...ports.regions, ...ports.regionsNotEnabled];
    const named = input.RegionNames;
    for (const name of named ?? []) if (!all.includes(name)) throw invalidValue(name, 'regionName');
    const keeps = filtered<string>(input.Filters, {
      'region-name': (region) => region,
      endpoint,
      'opt-in-status': status,
    });
    // Those that are not enabled are shown to whoever asks for all, or for them by name.
    const asked = named ?? (input.AllRegions ? all : ports.regions);
    return {
      Regions: all
        .filter((region) => asked.includes(region) && keeps(region, {}))
        .map((region) => ({ RegionName: region, Endpoint: endpoint(region), OptInStatus: status(region) })),
    };
  },
});

export const DescribeAvailabilityZones = reading<DescribeAvailabilityZonesRequest, DescribeAvailabilityZonesResult>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const { region } = call.scope;
    const zones = await zonesOf(call.change, region);
    for (const name of input.ZoneNames ?? []) {
      if (!zones.some((zone) => zone.name === name)) throw invalidValue(name, 'ZoneName', 'Invalid availability zone.');
    }
    for (const id of input.ZoneIds ?? []) if (!zones.some((zone) => zone.id === id)) throw invalidValue(id, 'ZoneId');
    const keeps = filtered<Zone>(input.Filters, {
      'zone-name': ({ name }) => name,
      'zone-id': ({ id }) => id,
      'region-name': () => region,
      state: () => 'available',
      'zone-type': () => 'availability-zone',
      'group-name': () => region,
      'opt-in-status': () => 'opt-in-not-required',
      'network-border-group': () => region,
    });
    const wanted = zones.filter(
      (zone) =>
        (input.ZoneNames ?? [zone.name]).includes(zone.name) &&
        (input.ZoneIds ?? [zone.id]).includes(zone.id) &&
        keeps(zone, {}),
    );
    return {
      AvailabilityZones: wanted.map(({ name, id }) => ({
        ZoneName: name,
        ZoneId: id,
        RegionName: region,
        GroupName: region,
        NetworkBorderGroup: region,
        OptInStatus: 'opt-in-not-required' as const,
        State: 'available' as const,
        ZoneType: 'availability-zone',
        Messages: [],
      })),
    };
  },
});

export const DescribeAccountAttributes = reading<DescribeAccountAttributesRequest, DescribeAccountAttributesResult>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const standard = (await readAll(call.change, vpcs, call.scope)).find(({ isDefault }) => isDefault)?.id ?? 'none';
    const values: Readonly<Record<string, string>> = {
      'supported-platforms': 'VPC',
      'default-vpc': standard,
      'vpc-max-security-groups-per-interface': '5',
    };
    const names = input.AttributeNames ?? Object.keys(values);
    for (const name of names) if (!Object.hasOwn(values, name)) throw invalidValue(name, 'attributeName');
    return {
      AccountAttributes: names.map((name) => ({
        AttributeName: name,
        AttributeValues: [{ AttributeValue: values[name] }],
      })),
    };
  },
});
