/** ListHostedZones, ListHostedZonesByName, GetHostedZoneCount, GetChange. */
import type {
  GetChangeRequest,
  GetChangeResponse,
  GetHostedZoneCountRequest,
  GetHostedZoneCountResponse,
  ListHostedZonesByNameRequest,
  ListHostedZonesByNameResponse,
  ListHostedZonesRequest,
  ListHostedZonesResponse,
} from '@aws-sdk/client-route-53';
import { operation } from '../../service.ts';
import { shownChange } from '../changes.ts';
import { on, onAll } from '../checks.ts';
import { invalid, noChange } from '../errors.ts';
import { bareId, fullName } from '../names.ts';
import { pageOf, sizeOf } from '../pages.ts';
import type { Route53Ports } from '../ports.ts';
import { changes, reversed, zones } from '../state.ts';
import { shownZone } from './hosted-zones.ts';

export const ListHostedZones = operation<ListHostedZonesRequest, ListHostedZonesResponse, Route53Ports>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    if (input.DelegationSetId !== undefined) throw invalid('Reusable delegation sets are not built by Bailey.');
    const all = (await call.change.list(zones, call.scope.account))
      .map(({ value }) => value)
      .filter(({ isPrivate }) => input.HostedZoneType === undefined || isPrivate);
    const { items, next, size } = pageOf(input, all, /^Z[0-9A-Z]{1,31}$/);
    return {
      HostedZones: await Promise.all(items.map((row) => shownZone(call, row))),
      Marker: input.Marker ?? '',
      IsTruncated: next !== undefined,
      MaxItems: size,
      ...(next !== undefined && { NextMarker: next }),
    };
  },
});

export const ListHostedZonesByName = operation<
  ListHostedZonesByNameRequest,
  ListHostedZonesByNameResponse,
  Route53Ports
>({
  checks: (_input, call) => onAll(call),
  async handle(input, call) {
    const size = sizeOf(input.MaxItems);
    if (input.HostedZoneId !== undefined && input.DNSName === undefined) {
      throw invalid('The DNSName must be given with the HostedZoneId.');
    }
    const key = (name: string, id: string): string => `${reversed(name)} ${id}`;
    const from = input.DNSName === undefined ? '' : key(fullName(input.DNSName), bareId(input.HostedZoneId ?? ''));
    const all = (await call.change.list(zones, call.scope.account))
      .map(({ value }) => value)
      .sort((a, b) => (key(a.name, a.id) < key(b.name, b.id) ? -1 : 1))
      .filter(({ name, id }) => key(name, id) >= from);
    const following = all[size];
    return {
      HostedZones: await Promise.all(all.slice(0, size).map((row) => shownZone(call, row))),
      IsTruncated: following !== undefined,
      MaxItems: size,
      ...(input.DNSName !== undefined && { DNSName: input.DNSName }),
      ...(input.HostedZoneId !== undefined && { HostedZoneId: input.HostedZoneId }),
      ...(following && { NextDNSName: following.name, NextHostedZoneId: following.id }),
    };
  },
});

export const GetHostedZoneCount = operation<GetHostedZoneCountRequest, GetHostedZoneCountResponse, Route53Ports>({
  checks: (_input, call) => onAll(call),
  handle: async (_input, call) => ({ HostedZoneCount: (await call.change.list(zones, call.scope.account)).length }),
});

export const GetChange = operation<GetChangeRequest, GetChangeResponse, Route53Ports>({
  checks: (input, call) => on(call, 'change', bareId(input.Id)),
  async handle(input, call) {
    const row = await call.change.get(changes, call.scope.account, bareId(input.Id));
    if (!row) throw noChange(bareId(input.Id));
    return { ChangeInfo: shownChange(row) };
  },
});
