/** GetTopPathStatisticsByTraffic: which paths bots ask for most, by the labels of bot control. */
import type {
  BotStatistics,
  GetTopPathStatisticsByTrafficRequest,
  GetTopPathStatisticsByTrafficResponse,
  PathStatistics,
} from '@aws-sdk/client-wafv2';
import { operation } from '../../service.ts';
import { arnCheck } from '../checks.ts';
import { findByArn, requireScope } from '../entity.ts';
import { invalidParameter, reasons } from '../errors.ts';
import { page, slice } from '../pages.ts';
import type { WafPorts } from '../ports.ts';
import { webAcls } from '../state.ts';
import { readWindow } from '../time-window.ts';
import type { PathTotal } from '../traffic/traffic.ts';

type Input = GetTopPathStatisticsByTrafficRequest;

export const GetTopPathStatisticsByTraffic = operation<Input, GetTopPathStatisticsByTrafficResponse, WafPorts>({
  checks: async (input, call) => [await arnCheck(call, 'GetTopPathStatisticsByTraffic', input.WebAclArn)],
  async handle(input, call, { traffic }) {
    requireScope(call, input.Scope);
    const acl = await findByArn(call, webAcls, 'webacl', input.WebAclArn);
    if (acl.scope !== input.Scope) throw invalidParameter('SCOPE_VALUE', input.Scope, reasons.scope);
    const { from, to } = readWindow(input.TimeWindow, call.now);
    const bots = traffic.paths(input.WebAclArn, from, to).filter((total) => isWanted(total, input));
    const all = sum(bots);
    const ordered = byPath(bots).map(([path, totals], index) => ({
      id: String(index).padStart(8, '0'),
      value: statistics(path, totals, all, input.NumberOfTopTrafficBotsPerPath),
    }));
    const where = JSON.stringify([input.WebAclArn, input.UriPathPrefix, input.BotCategory, input.BotName, from]);
    const { rows, rest } = await page(call, input, where, slice(ordered));
    const isFiltered = [input.BotCategory, input.BotName, input.BotOrganization].some((one) => one !== undefined);
    return {
      PathStatistics: rows.map(({ value }) => value),
      TotalRequestCount: all,
      ...(!isFiltered && { TopCategories: byCategory(bots, all) }),
      ...rest,
    };
  },
});

function isWanted({ path, bot }: PathTotal, input: Input): boolean {
  if (Object.keys(bot).length === 0) return false;
  if (input.UriPathPrefix !== undefined && !path.startsWith(input.UriPathPrefix)) return false;
  return (
    (input.BotCategory === undefined || input.BotCategory === bot.category) &&
    (input.BotOrganization === undefined || input.BotOrganization === bot.organization) &&
    (input.BotName === undefined || input.BotName === bot.name)
  );
}

const sum = (totals: readonly PathTotal[]): number => totals.reduce((total, { requests }) => total + requests, 0);
const share = (part: number, whole: number): number => (whole === 0 ? 0 : (100 * part) / whole);

/** The most frequent first. */
function byPath(totals: readonly PathTotal[]): [string, readonly PathTotal[]][] {
  return [...Map.groupBy(totals, ({ path }) => path)].sort((a, b) => sum(b[1]) - sum(a[1]) || (a[0] < b[0] ? -1 : 1));
}

function statistics(path: string, totals: readonly PathTotal[], all: number, most: number): PathStatistics {
  const requests = sum(totals);
  const named = Map.groupBy(
    totals.filter(({ bot }) => bot.name !== undefined),
    ({ bot }) => bot.name ?? '',
  );
  const bots: BotStatistics[] = [...named]
    .map(([name, ofBot]) => ({ BotName: name, RequestCount: sum(ofBot), Percentage: share(sum(ofBot), requests) }))
    .sort((a, b) => b.RequestCount - a.RequestCount)
    .slice(0, most);
  return { Path: path, RequestCount: requests, Percentage: share(requests, all), TopBots: bots };
}

/** The path that each category of bots asks for most. */
function byCategory(totals: readonly PathTotal[], all: number): PathStatistics[] {
  const categories = Map.groupBy(
    totals.filter(({ bot }) => bot.category !== undefined),
    ({ bot }) => bot.category ?? '',
  );
  return [...categories].flatMap(([category, ofCategory]) =>
    byPath(ofCategory)
      .slice(0, 1)
      .map(([path, ofPath]) => ({
        Source: { BotCategory: category },
        Path: path,
        RequestCount: sum(ofPath),
        Percentage: share(sum(ofPath), all),
      })),
  );
}
