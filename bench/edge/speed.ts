/**
 * What a request costs at the edge: CPU time of the proxy's process beside nginx, and beside nginx with ModSecurity and
 * the OWASP rules, on the same recorded requests in the same run.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchResult } from '../result.ts';
import { hasCorpora, load } from './corpus.ts';
import { type Driven, drive, manyLanes } from './drive.ts';
import { bailey, hasModSecurity, hasNginx, type Measured, nginx } from './proxies.ts';

const distinct = 400;

interface Effort {
  readonly warmUp: number;
  readonly rounds: number;
  readonly perRound: number;
  /** Of what is a hundred times slower: fewer say as much. */
  readonly perSlowRound: number;
  readonly kinds: readonly Kind[];
}

type Kind = 'GET' | 'JSON 1 KB';

const whole: Effort = {
  /** V8 goes on compiling for so long: a server runs for weeks. */
  warmUp: 30_000,
  rounds: 5,
  perRound: 4_000,
  perSlowRound: 400,
  kinds: ['GET', 'JSON 1 KB'],
};

export async function run(effort: Partial<Effort> = {}): Promise<BenchResult[]> {
  const all = { ...whole, ...effort };
  if (!hasCorpora()) {
    console.error('SKIPPED: speed of the edge: ../shared/corpora/waf is not there');
    return [];
  }
  const requests = recorded();
  const folder = mkdtempSync(join(tmpdir(), 'bailey-bench-edge-'));
  const target = await startTarget();
  const proxies: Record<string, Measured> = {};
  try {
    proxies.edge = await bailey(join(folder, 'plain'), target.port, false);
    proxies.inspecting = await bailey(join(folder, 'waf'), target.port, true);
    if (hasNginx()) proxies.nginx = await nginx(join(folder, 'nginx'), target.port, false);
    else console.error('SKIPPED: nginx is not installed (apt install nginx)');
    if (hasModSecurity()) proxies.crs = await nginx(join(folder, 'crs'), target.port, true);
    else console.error('SKIPPED: libnginx-mod-http-modsecurity and modsecurity-crs are not installed');
    const results: BenchResult[] = [];
    for (const kind of all.kinds) results.push(...(await measure(kind, requests[kind], proxies, all)));
    return results;
  } finally {
    for (const proxy of Object.values(proxies)) await proxy.stop();
    target.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Figures {
  readonly micros: number;
  readonly last: Driven;
}

async function measure(
  kind: string,
  requests: readonly Buffer[],
  proxies: Readonly<Record<string, Measured>>,
  { warmUp, rounds, perRound, perSlowRound }: Effort,
): Promise<BenchResult[]> {
  const figures: Record<string, Figures> = {};
  const costs: Record<string, number[]> = {};
  for (const [name, { port }] of Object.entries(proxies)) {
    await drive(port, requests, name === 'crs' ? perSlowRound : warmUp);
    costs[name] = [];
  }
  for (let round = 0; round < rounds; round++) {
    for (const [name, proxy] of Object.entries(proxies)) {
      const count = name === 'crs' ? perSlowRound : perRound;
      const before = proxy.cpuMicros();
      const last = await drive(proxy.port, requests, count);
      costs[name]?.push((proxy.cpuMicros() - before) / count);
      figures[name] = { micros: 0, last };
    }
  }
  for (const [name, all] of Object.entries(costs)) {
    all.sort((a, b) => a - b);
    figures[name] = { micros: all[Math.floor(all.length / 2)] as number, last: (figures[name] as Figures).last };
  }
  const alone = proxies.inspecting && (await drive(proxies.inspecting.port, requests, perRound, 1));
  const different = new Set(requests.map((bytes) => bytes.toString('latin1'))).size;
  return [
    { name: `${kind}: recorded requests, all different`, value: different, unit: 'requests', goal: '≥ 300' },
    ...table(kind, figures),
    ...(alone ? waits(kind, alone) : []),
  ];
}

/** What a request takes where nobody else is in the way: with many clients at once they wait for each other. */
function waits(kind: string, { latencies }: Driven): BenchResult[] {
  const at = (part: number): number =>
    Number((latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] as number).toFixed(1));
  return [
    { name: `${kind}: p99 of one client`, value: at(0.99), unit: 'ms' },
    {
      name: `${kind}: p99.9 of one client`,
      value: at(0.999),
      unit: 'ms',
      goal: '≤ 10',
      baseline: `median ${at(0.5)} ms`,
    },
    { name: `${kind}: slowest of one client`, value: at(1), unit: 'ms', goal: '≤ 50' },
  ];
}

function table(kind: string, { edge, inspecting, nginx: plain, crs }: Record<string, Figures>): BenchResult[] {
  if (!edge || !inspecting) return [];
  const round = (value: number): number => Number(value.toFixed(1));
  const beside = plain ? { baseline: `nginx ${round(plain.micros)} CPU-µs` } : {};
  const besideCrs = crs ? { baseline: `nginx + ModSecurity + CRS ${round(crs.micros)} CPU-µs` } : {};
  const at = ({ latencies }: Driven, part: number): number =>
    round(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))] as number);
  const isGet = kind === 'GET';
  return [
    { name: `${kind}: proxying`, value: round(edge.micros), unit: 'CPU-µs', goal: '≤ 120', ...beside },
    {
      name: `${kind}: with the full managed set`,
      value: round(inspecting.micros),
      unit: 'CPU-µs',
      goal: isGet ? '≤ 200' : '≤ 350',
      ...besideCrs,
    },
    ...(crs
      ? [
          {
            name: `${kind}: times as fast as nginx with the CRS`,
            value: round(crs.micros / inspecting.micros),
            unit: '×',
            goal: isGet ? '≥ 10' : '≥ 20',
          },
        ]
      : []),
    { name: `${kind}: p99.9 with ${manyLanes} clients at once`, value: at(inspecting.last, 0.999), unit: 'ms' },
    { name: `${kind}: requests per second of one process`, value: Math.round(inspecting.last.perSecond), unit: '1/s' },
    {
      name: `${kind}: recorded ordinary requests that were blocked`,
      value: round(blockedShare(inspecting.last) * 100),
      unit: '%',
      ...(crs && { baseline: `CRS ${round(blockedShare(crs.last) * 100)} %` }),
    },
  ];
}

function blockedShare({ statuses }: Driven): number {
  const all = Object.values(statuses).reduce((sum, one) => sum + one, 0);
  return (statuses[403] ?? 0) / all;
}

/** Requests that browsers sent, as bytes; JSON bodies of about a kilobyte. */
function recorded(): Record<Kind, readonly Buffer[]> {
  const gets: Buffer[] = [];
  const posts: Buffer[] = [];
  for (const { method, uri, headers = [], body = '' } of load('blazehttp-benign')) {
    if (uri === undefined || !/^\/[!"$-~]*$/.test(uri)) continue;
    const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
    const bytes = Buffer.from(body);
    if (method === 'GET' && body === '' && gets.length < distinct) gets.push(wire('GET', uri, headers, bytes));
    const isJson = method === 'POST' && type.includes('json') && bytes.length >= 400 && bytes.length <= 2_000;
    if (isJson && posts.length < distinct) posts.push(wire('POST', uri, headers, bytes));
    if (gets.length === distinct && posts.length === distinct) break;
  }
  if (gets.length < 300) throw new Error('too few recorded requests');
  return { GET: gets, 'JSON 1 KB': posts };
}

const own = new Set(['content-length', 'connection', 'transfer-encoding', 'host', 'upgrade', 'expect']);

function wire(method: string, uri: string, headers: readonly (readonly [string, string])[], body: Buffer): Buffer {
  const kept = headers.filter(([name]) => !own.has(name.toLowerCase()));
  const lines = [
    `${method} ${uri} HTTP/1.1`,
    'Host: shop.example',
    ...kept.map(([name, value]) => `${name}: ${value}`),
  ];
  if (method === 'POST') lines.push(`Content-Length: ${body.length}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]);
}

async function startTarget(): Promise<{ readonly port: number; stop(): void }> {
  const entry = fileURLToPath(new URL('./target.ts', import.meta.url));
  const child = spawn(process.execPath, [entry], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const port = await new Promise<number>((resolve) => child.stdout?.once('data', (line) => resolve(Number(line))));
  return { port, stop: () => child.disconnect() };
}
