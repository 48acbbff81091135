/** The WAF engine alone: what an inspection costs on recorded requests, all of them different, by what the web ACL holds. */
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { compileWebAcl } from '../src/engines/waf/compile.ts';
import { inspect } from '../src/engines/waf/inspect.ts';
import { managedGroups, managedRuleGroup } from '../src/engines/waf/managed/index.ts';
import { hashKey } from '../src/engines/waf/rates/counter.ts';
import { SlidingCounter } from '../src/engines/waf/rates/sliding.ts';
import { compileRegex } from '../src/engines/waf/regex/regex.ts';
import type { HttpRequest } from '../src/engines/waf/request.ts';
import type { Resources } from '../src/engines/waf/resources.ts';
import { createWafState } from '../src/engines/waf/state.ts';
import type { Rule, Statement, WebACLDefinition } from '../src/engines/waf/types.ts';
import type { BenchResult } from './result.ts';

const corpus = new URL('../../shared/corpora/waf/dev/blazehttp-benign.jsonl.gz', import.meta.url);
const wanted = 600;
const inspectedBody = 8_192;

interface Recorded {
  readonly method: string;
  readonly uri: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body?: string;
}

function recorded(): HttpRequest[] {
  const lines = gunzipSync(readFileSync(corpus)).toString().split('\n').filter(Boolean);
  const step = Math.floor(lines.length / wanted);
  return Array.from({ length: wanted }, (_, index) => requestOf(JSON.parse(lines[index * step]!) as Recorded, index));
}

const bytes = (text: string): string => Buffer.from(text).toString('latin1');

function requestOf({ method, uri, headers, body = '' }: Recorded, index: number): HttpRequest {
  const path = uri.replace(/^https?:\/\/[^/]*/, '');
  const mark = path.indexOf('?');
  const whole = Buffer.from(body);
  return {
    method,
    path: bytes(mark < 0 ? path : path.slice(0, mark)),
    query: mark < 0 ? '' : bytes(path.slice(mark + 1)),
    version: 'HTTP/1.1',
    headers: headers.map(([name, value]) => [name, bytes(value)] as const),
    body: whole.subarray(0, inspectedBody),
    bodySize: whole.length,
    source: { ip: `198.51.${index >> 8}.${index & 255}`, country: 'DE' },
    isSecure: true,
    host: 'localhost',
  };
}

const visibility = (MetricName: string) => ({
  SampledRequestsEnabled: true,
  CloudWatchMetricsEnabled: true,
  MetricName,
});

function webAcl(rules: readonly Rule[]): WebACLDefinition {
  const ARN = 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/bench/1';
  return { Name: 'bench', ARN, DefaultAction: { Allow: {} }, Rules: rules, VisibilityConfig: visibility('bench') };
}

const resources: Resources = {
  ipSet: () => ({ Addresses: Array.from({ length: 10_000 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`) }),
  regexPatternSet: () => undefined,
  ruleGroup: () => undefined,
  managedRuleGroup: (vendor, name, version, configs) => managedRuleGroup(vendor, name, version, configs),
};

/** Rules as people write them: strings, sizes, expressions, an address set, a rate. */
function customRules(): Rule[] {
  const steps = [
    { Priority: 0, Type: 'URL_DECODE' },
    { Priority: 1, Type: 'LOWERCASE' },
  ] as const;
  const fields = [
    { UriPath: {} },
    { QueryString: {} },
    { SingleHeader: { Name: 'user-agent' } },
    { AllQueryArguments: {} },
    { Body: {} },
  ];
  const statements: Statement[] = [
    { IPSetReferenceStatement: { ARN: 'set' } },
    { RateBasedStatement: { Limit: 1_000_000, AggregateKeyType: 'IP' } },
  ];
  for (const [index, FieldToMatch] of fields.entries()) {
    const looking = { FieldToMatch, TextTransformations: steps };
    for (const word of ['/etc/passwd', 'xp_cmdshell', 'sqlmap', '.git/config']) {
      statements.push({
        ByteMatchStatement: { ...looking, SearchString: Buffer.from(word), PositionalConstraint: 'CONTAINS' },
      });
    }
    statements.push(
      {
        RegexMatchStatement: {
          ...looking,
          RegexString: '(?i)(?:union\\s+(?:all\\s+)?select|sleep\\s*\\(\\s*\\d+|benchmark\\s*\\()',
        },
      },
      { RegexMatchStatement: { ...looking, RegexString: `\\.(?:php${index}|cgi|asp|bak)(?:$|[/?])` } },
      { SizeConstraintStatement: { ...looking, ComparisonOperator: 'GT', Size: 100_000 } },
    );
  }
  return statements.map((Statement, Priority) => ({
    Name: `r${Priority}`,
    Priority,
    Statement,
    Action: { Block: {} },
    VisibilityConfig: visibility(`r${Priority}`),
  }));
}

/** AWS's groups but those that need settings of a login page. */
function managedRules(): Rule[] {
  const named = managedGroups.filter(({ Name }) => !/ATP|ACFP|AntiDDoS/.test(Name));
  return named.map(({ Name }, Priority) => ({
    Name,
    Priority,
    Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name } },
    OverrideAction: { Count: {} },
    VisibilityConfig: visibility(Name),
  }));
}

interface Cost {
  readonly mean: number;
  readonly p99: number;
  readonly most: number;
}

/** Microseconds of CPU in the mean of several rounds; of single inspections, the least of their rounds. */
function cost(rules: readonly Rule[], requests: readonly HttpRequest[]): Cost {
  const compiled = compileWebAcl(webAcl(rules), resources);
  const state = createWafState();
  let now = 1_800_000_000_000;
  const least = new Float64Array(requests.length).fill(Number.POSITIVE_INFINITY);
  const rounds = 12;
  let micros = 0;
  for (let round = 0; round < rounds; round++) {
    const before = process.cpuUsage();
    for (const [index, request] of requests.entries()) {
      const begun = performance.now();
      inspect(compiled, request, state, now++);
      const took = (performance.now() - begun) * 1_000;
      if (round > 2 && took < least[index]!) least[index] = took;
    }
    const { user, system } = process.cpuUsage(before);
    if (round > 2) micros += user + system;
  }
  const sorted = least.toSorted();
  return {
    mean: micros / (rounds - 3) / requests.length,
    p99: sorted[Math.floor(sorted.length * 0.99)]!,
    most: sorted.at(-1)!,
  };
}

const round = (value: number): number => Number(value.toPrecision(3));

export async function run(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  if (!existsSync(corpus)) {
    console.error('There are no recorded requests here: the inspection of requests is not measured.');
  } else {
    const requests = recorded();
    const gets = requests.filter(({ method }) => method === 'GET');
    const posts = requests.filter(({ method, bodySize }) => method === 'POST' && bodySize > 0);
    const empty = cost([], requests);
    for (const [name, rules] of [
      ['37 rules of users', customRules()],
      ['all managed groups', managedRules()],
    ] as const) {
      for (const [kind, of, goal] of [
        ['GET', gets, '≤ 100'],
        ['POST', posts, undefined],
      ] as const) {
        const { mean, p99, most } = cost(rules, of);
        const baseline = `${round(empty.mean)} µs without rules`;
        const what = `${name}, ${of.length} recorded ${kind}s`;
        results.push({ name: `${what}: CPU`, value: round(mean), unit: 'µs', ...(goal ? { goal } : {}), baseline });
        results.push({
          name: `${what}: p99 and slowest`,
          value: round(p99),
          unit: 'µs',
          baseline: `slowest ${round(most)} µs`,
        });
      }
    }
  }
  results.push(...regexResults(), rateResult());
  return results;
}

/** The linear engine beside the one of V8, on ordinary text; on hostile text that one has no end. */
function regexResults(): BenchResult[] {
  const pattern = '(?:union\\s+(?:all\\s+)?select|sleep\\s*\\(\\s*\\d+|benchmark\\s*\\()';
  const text = 'the union of all selected benchmarks may sleep for a while & '.repeat(130).slice(0, 8_000);
  const time = (test: (text: string) => boolean): number => {
    const times: number[] = [];
    for (let index = 0; index < 60; index++) {
      // Texts of their own: results must not be remembered.
      const own = `${index} ${text}`;
      const begun = performance.now();
      test(own);
      times.push((performance.now() - begun) * 1_000);
    }
    return times.sort((left, right) => left - right)[30]!;
  };
  const mine = compileRegex(pattern);
  const theirs = new RegExp(pattern);
  const [own, v8] = [time((of) => mine.test(of)), time((of) => theirs.test(of))];
  return [
    {
      name: 'regular expression over 8 KB, times the cost in V8',
      value: round(own / v8),
      unit: '×',
      goal: '≤ 5',
      baseline: `${round(v8)} µs`,
    },
  ];
}

function rateResult(): BenchResult {
  const keys = Array.from({ length: 100_000 }, (_, index) => `10.${index & 255}.${(index >> 8) & 255}.${index % 7}`);
  const counter = new SlidingCounter(300, 100, 64 * 1024 * 1024);
  const plain = new Map<string, number[]>();
  const each = (act: (key: string, now: number) => void): number => {
    const before = process.cpuUsage();
    for (let index = 0; index < 1_000_000; index++) act(keys[index % keys.length]!, 1_800_000_000_000 + index);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  };
  const own = each((key, now) => void counter.hit(hashKey(key, 1), now));
  const naive = each((key, now) => {
    const times = plain.get(key) ?? [];
    if (times.length === 0) plain.set(key, times);
    times.push(now);
    while (times[0]! < now - 300_000) times.shift();
  });
  return {
    name: 'counting a request among 100,000 addresses',
    value: round(own),
    unit: 'ns',
    baseline: `${round(naive)} ns with a Map of times`,
  };
}
