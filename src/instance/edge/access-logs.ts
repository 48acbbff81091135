/** Delivers the access logs that edge processes wrote: a compressed object for each load balancer and delivery. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { LogReport } from '../../edge/reports/reports.ts';
import { loadBalancerAttributes } from '../../services/elasticloadbalancing/attributes/load-balancer.ts';
import { logDelivery } from '../../services/elasticloadbalancing/log-delivery.ts';
import { loadBalancerByArn } from '../../services/elasticloadbalancing/reading.ts';
import type { LoadBalancerRow } from '../../services/elasticloadbalancing/state.ts';
import type { Job, JobRuntime } from '../../services/service.ts';
import type { Reader } from '../../store/store.ts';

const compress = promisify(gzip);

/** Lines that wait; more than these are lost, as AWS's delivery promises no more than its best. */
const mostBytes = 32 * 1024 * 1024;

export class AccessLogs {
  readonly #reader: Reader;
  #lines = new Map<string, string[]>();
  #bytes = 0;
  lost = 0;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  take(logs: readonly LogReport[]): void {
    for (const { arn, lines } of logs) {
      const known = this.#lines.get(arn) ?? [];
      this.#lines.set(arn, known);
      for (const line of lines) {
        if (this.#bytes + line.length > mostBytes) {
          this.lost += 1;
          continue;
        }
        this.#bytes += line.length;
        known.push(line);
      }
    }
  }

  job(everySeconds: number): Job {
    return { name: 'edge access logs', everySeconds, run: (runtime) => this.#deliver(runtime) };
  }

  async #deliver(runtime: JobRuntime): Promise<void> {
    const all = this.#lines;
    this.#lines = new Map();
    this.#bytes = 0;
    for (const [arn, lines] of all) {
      const row = await loadBalancerByArn(this.#reader, arn);
      if (row) await this.#deliverOne(row, lines, runtime);
    }
  }

  /** A bucket that does not take them loses them: its policy has changed since the load balancer was told of it. */
  async #deliverOne(row: LoadBalancerRow, lines: readonly string[], runtime: JobRuntime): Promise<void> {
    const attributes = loadBalancerAttributes(row);
    const bucket = attributes['access_logs.s3.bucket'] ?? '';
    if (attributes['access_logs.s3.enabled'] !== 'true' || bucket === '') return;
    const body = await compress(`${lines.join('\n')}\n`);
    const name = objectName(row, runtime);
    try {
      await logDelivery(runtime.actor, row).put(bucket, attributes['access_logs.s3.prefix'] ?? '', name, body);
    } catch {
      this.lost += lines.length;
    }
  }
}

/** @see Elastic Load Balancing User Guide, "Access log files" */
function objectName({ account, region, name, id }: LoadBalancerRow, { now, random }: JobRuntime): string {
  const [day = '', time = ''] = new Date(now).toISOString().split('T');
  const end = `${day.replaceAll('-', '')}T${time.slice(0, 5).replace(':', '')}Z`;
  const mark = Buffer.from(random.bytes(6)).toString('hex').slice(0, 8);
  const file = `${account}_elasticloadbalancing_${region}_app.${name}.${id}_${end}_127.0.0.1_${mark}.log.gz`;
  return `elasticloadbalancing/${region}/${day.replaceAll('-', '/')}/${file}`;
}
