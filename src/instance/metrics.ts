/** Counters of an instance in Prometheus text form, on a loopback listener of their own: no secrets, no tenant names. */
import { createServer, type Server } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Health } from './own-paths.ts';

export class Metrics {
  /** By service, then by status. */
  readonly #answers = new Map<string, Map<number, number>>();
  readonly #lag = monitorEventLoopDelay({ resolution: 10 });

  constructor() {
    this.#lag.enable();
  }

  answered(service: string, status: number): void {
    let counts = this.#answers.get(service);
    if (!counts) {
      counts = new Map();
      this.#answers.set(service, counts);
    }
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }

  /** How many answers there were. */
  get answers(): number {
    let sum = 0;
    for (const counts of this.#answers.values()) for (const count of counts.values()) sum += count;
    return sum;
  }

  close(): void {
    this.#lag.disable();
  }

  /** @param gauges further values by metric name, such as records that wait */
  text(health: Health, gauges: Readonly<Record<string, number>>, refused: ReadonlyMap<string, number>): string {
    const lines = ['# TYPE bailey_answers_total counter'];
    for (const [service, counts] of this.#answers) {
      for (const [status, count] of counts) {
        lines.push(`bailey_answers_total{service="${service}",status="${status}"} ${count}`);
      }
    }
    lines.push('# TYPE bailey_refused_total counter');
    for (const [reason, count] of refused) lines.push(`bailey_refused_total{reason="${reason}"} ${count}`);
    const { rss, heapUsed } = process.memoryUsage();
    const values: Record<string, number> = {
      bailey_ready: health.ready ? 1 : 0,
      bailey_sealed: health.sealed ? 1 : 0,
      bailey_event_loop_lag_p99_seconds: this.#lag.percentile(99) / 1e9,
      process_resident_memory_bytes: rss,
      bailey_heap_used_bytes: heapUsed,
      process_cpu_seconds_total: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
      ...gauges,
    };
    for (const [name, value] of Object.entries(values)) lines.push(`# TYPE ${name} gauge`, `${name} ${value}`);
    return `${lines.join('\n')}\n`;
  }
}

/** Serves `/metrics` and `/_bailey/health`; bind it to loopback only. */
export function metricsServer(health: () => Health, text: () => string): Server {
  return createServer((incoming, outgoing) => {
    if (incoming.method !== 'GET') return outgoing.writeHead(405).end();
    if (incoming.url === '/metrics') {
      return outgoing.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text());
    }
    if (incoming.url === '/_bailey/health') {
      const state = health();
      return outgoing
        .writeHead(state.ready ? 200 : 503, { 'content-type': 'application/json' })
        .end(JSON.stringify(state));
    }
    return outgoing.writeHead(404).end();
  });
}
