/** DescribeTrails, GetTrail and ListTrails. */
import type {
  DescribeTrailsRequest,
  DescribeTrailsResponse,
  GetTrailRequest,
  GetTrailResponse,
  ListTrailsRequest,
  ListTrailsResponse,
} from '@aws-sdk/client-cloudtrail';
import { type CheckCall, operation } from '../../service.ts';
import { refuseToken } from '../errors.ts';
import { findTrail, readTrail, trailCheck, trailRef } from '../names.ts';
import type { CloudTrailPorts } from '../ports.ts';
import { describedTrail } from '../shapes.ts';
import { type TrailRow, trails } from '../state.ts';

export const DescribeTrails = operation<DescribeTrailsRequest, DescribeTrailsResponse, CloudTrailPorts>({
  checks: (_input, call) => [
    { action: 'cloudtrail:DescribeTrails', resource: { arn: '*', account: call.scope.account } },
  ],
  async handle(input, call) {
    const names = input.trailNameList ?? [];
    const rows = names.length > 0 ? await named(names, call) : await all(call);
    const shadows = input.includeShadowTrails ?? true;
    const here = rows.filter(
      (row) => row.region === call.scope.region || (shadows && row.multiRegion) || names.includes(row.arn),
    );
    return { trailList: here.map(describedTrail) };
  },
});

export const GetTrail = operation<GetTrailRequest, GetTrailResponse, CloudTrailPorts>({
  checks: (input, call) => trailCheck(call, 'cloudtrail:GetTrail', input.Name as string),
  async handle(input, call) {
    return { Trail: describedTrail(await findTrail(call, input.Name as string)) };
  },
});

export const ListTrails = operation<ListTrailsRequest, ListTrailsResponse, CloudTrailPorts>({
  checks: (_input, call) => [{ action: 'cloudtrail:ListTrails', resource: { arn: '*', account: call.scope.account } }],
  async handle(input, call) {
    refuseToken(input.NextToken);
    // An account has five trails in a region at most: one page holds them.
    const rows = await all(call);
    return { Trails: rows.map((row) => ({ TrailARN: row.arn, Name: row.name, HomeRegion: row.region })) };
  },
});

async function all(call: CheckCall): Promise<readonly TrailRow[]> {
  return (await call.change.list(trails, '', { prefix: `${call.scope.account}/` })).map((row) => row.value);
}

/** Names that no trail has are left out of the answer, as AWS does. */
async function named(names: readonly string[], call: CheckCall): Promise<readonly TrailRow[]> {
  const rows = await Promise.all(names.map((name) => readTrail(call.change, trailRef(name, call))));
  return rows.filter((row) => row !== undefined && row.account === call.scope.account) as TrailRow[];
}
