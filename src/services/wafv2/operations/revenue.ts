/** GetRevenueStatistics, GetRevenueStatisticsSummary, GetRevenueStatisticsTimeSeries, ListSettlementRecords. */
import type {
  DataPointEntry,
  GetRevenueStatisticsRequest,
  GetRevenueStatisticsResponse,
  GetRevenueStatisticsSummaryRequest,
  GetRevenueStatisticsSummaryResponse,
  GetRevenueStatisticsTimeSeriesRequest,
  GetRevenueStatisticsTimeSeriesResponse,
  GroupByType,
  ListSettlementRecordsRequest,
  ListSettlementRecordsResponse,
} from '@aws-sdk/client-wafv2';
import { operation } from '../../service.ts';
import { accountCheck } from '../checks.ts';
import { type Monetized, monetized, requestsOf } from '../monetized.ts';
import { page, slice } from '../pages.ts';
import type { WafPorts } from '../ports.ts';
import { readWindow } from '../time-window.ts';

/** Nobody has paid: see `monetized.ts`. */
const nothing = '0';

const share = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole);
const numbered = <T>(all: readonly T[]) => all.map((value, index) => ({ id: String(index).padStart(8, '0'), value }));

export const GetRevenueStatisticsSummary = operation<
  GetRevenueStatisticsSummaryRequest,
  GetRevenueStatisticsSummaryResponse,
  WafPorts
>({
  checks: (_input, call) => [accountCheck(call, 'GetRevenueStatisticsSummary')],
  async handle(input, call, { traffic }) {
    const totals = await monetized(call, traffic, input, readWindow(input.TimeWindow, call.now));
    return {
      RevenueBreakdown: {
        TotalAmount: nothing,
        VerifiedAmount: nothing,
        UnverifiedAmount: nothing,
        Currency: input.Currency,
        TotalSettled: 0,
        TotalMonetizeServed: requestsOf(totals),
      },
    };
  },
});

export const GetRevenueStatistics = operation<GetRevenueStatisticsRequest, GetRevenueStatisticsResponse, WafPorts>({
  checks: (_input, call) => [accountCheck(call, 'GetRevenueStatistics')],
  async handle(input, call, { traffic }) {
    const totals = await monetized(call, traffic, input, readWindow(input.TimeWindow, call.now));
    const byPath = input.StatisticType === 'TOP_PATHS_BY_REVENUE';
    const groups = [...Map.groupBy(totals, (total) => (byPath ? total.path : (groupOf(total, input.GroupBy) ?? '-')))];
    groups.sort((a, b) => requestsOf(b[1]) - requestsOf(a[1]) || (a[0] < b[0] ? -1 : 1));
    if (input.SortBy === 'NAME') groups.sort((a, b) => (a[0] < b[0] ? -1 : 1));
    if (input.SortOrder === 'ASC' && input.SortBy !== 'NAME') groups.reverse();
    if (input.SortOrder === 'DESC' && input.SortBy === 'NAME') groups.reverse();
    const where = `${input.StatisticType} ${input.Scope} ${input.GroupBy}`;
    const { rows, rest } = await page(call, input, where, slice(numbered(groups)));
    const all = requestsOf(totals);
    const counted = (group: readonly Monetized[]) => ({
      Percentage: share(requestsOf(group), all),
      Amount: nothing,
      RequestCount: requestsOf(group),
    });
    return byPath
      ? { RevenuePathStatistics: rows.map(({ value: [Path, group] }) => ({ Path, ...counted(group) })), ...rest }
      : {
          SourceStatistics: rows.map(({ value: [name, group] }) => ({
            SourceName: group[0]?.bot.name ?? '-',
            ...counted(group),
            ...(group[0]?.bot.category !== undefined && { SourceCategory: group[0].bot.category }),
            ...(group[0]?.bot.organization !== undefined && { Organization: group[0].bot.organization }),
            ...(input.GroupBy !== undefined && { GroupByValue: name }),
          })),
          ...rest,
        };
  },
});

/** What bots declare as their intent is not known here. */
function groupOf({ bot, webAclArn }: Monetized, by: GroupByType | undefined): string | undefined {
  switch (by) {
    case 'WEBACL':
      return webAclArn;
    case 'CATEGORY':
      return bot.category;
    case 'ORGANIZATION':
      return bot.organization;
    case 'INTENT':
      return undefined;
    default:
      return bot.name;
  }
}

const steps = { MINUTELY: 60_000, FIVE_MINUTELY: 300_000, HOURLY: 3_600_000, DAILY: 86_400_000 } as const;

export const GetRevenueStatisticsTimeSeries = operation<
  GetRevenueStatisticsTimeSeriesRequest,
  GetRevenueStatisticsTimeSeriesResponse,
  WafPorts
>({
  checks: (_input, call) => [accountCheck(call, 'GetRevenueStatisticsTimeSeries')],
  async handle(input, call, { traffic }) {
    const { from, to } = readWindow(input.TimeWindow, call.now);
    const step = steps[input.Interval];
    const points: DataPointEntry[] = [];
    for (let at = from - (from % step); at <= to; at += step) {
      const totals = await monetized(call, traffic, input, {
        from: Math.max(from, at),
        to: Math.min(to, at + step - 1),
      });
      const groups = input.GroupBy
        ? Map.groupBy(totals, (total) => groupOf(total, input.GroupBy) ?? '-')
        : [['', totals] as const];
      for (const [name, group] of groups) {
        points.push({
          Date: new Date(at),
          MonetizeServedCount: requestsOf(group),
          SettledCount: 0,
          TotalAmount: nothing,
          ...(input.GroupBy && { GroupByValue: name }),
        });
      }
    }
    const where = `${input.StatisticType} ${input.Scope} ${input.Interval} ${input.GroupBy}`;
    const { rows, rest } = await page(call, input, where, slice(numbered(points)));
    return { DataPoints: rows.map(({ value }) => value), ...rest };
  },
});

/** None, since nobody can pay: the filters and the time are checked all the same. */
export const ListSettlementRecords = operation<ListSettlementRecordsRequest, ListSettlementRecordsResponse, WafPorts>({
  checks: (_input, call) => [accountCheck(call, 'ListSettlementRecords')],
  async handle(input, call, { traffic }) {
    await monetized(call, traffic, input, readWindow(input.TimeWindow, call.now));
    const { rows } = await page(call, input, input.Scope, slice<never>([]));
    return { Settlements: rows.map(({ value }) => value) };
  },
});
