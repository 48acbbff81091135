/** Writes flow logs from what the packet filter has counted: a file or a batch of events per flow log and interval. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { protocolNumber } from '../../engines/network/index.ts';
import { type FlowFacts, fieldsOf, flowRecord } from '../../services/ec2/network/flow-log-format.ts';
import { readAll } from '../../services/ec2/network/rows.ts';
import {
  type FlowLogRow,
  flowLogs,
  type NetworkInterfaceRow,
  networkInterfaces,
} from '../../services/ec2/network/state.ts';
import { zonesOf } from '../../services/ec2/network/zones.ts';
import type { Caller, JobRuntime, Scope } from '../../services/service.ts';
import type { Store } from '../../store/store.ts';
import type { CountedFlow } from './flow-counts.ts';

const compress = promisify(gzip);
/** Records of one file or batch; further ones follow in another. */
const MOST_RECORDS = 10_000;

export interface FlowLogWriterOptions {
  readonly store: Store;
  readonly scopes: () => Promise<readonly Scope[]>;
  readonly take: () => Promise<readonly CountedFlow[]>;
  /** The session of a role that EC2's flow logs may assume; undefined when they may not. */
  readonly assume: (roleArn: string) => Promise<Caller | undefined>;
  readonly failed: (error: unknown) => void;
}

interface FlowLine {
  /** Id of the network interface. */
  readonly interface: string;
  readonly text: string;
}

interface Waiting {
  readonly lines: FlowLine[];
  readonly since: number;
}

export class FlowLogWriter {
  readonly #options: FlowLogWriterOptions;
  readonly #waiting = new Map<string, Waiting>();
  #from = 0;

  constructor(options: FlowLogWriterOptions) {
    this.#options = options;
  }

  /** Takes what has flowed, and writes the logs whose interval is over. */
  async run({ now, actor }: JobRuntime): Promise<void> {
    const { store, scopes, take, failed } = this.#options;
    const start = Math.floor((this.#from || now) / 1000);
    const end = Math.floor(now / 1000);
    this.#from = now;
    const flows = await take();
    for (const scope of await scopes()) {
      const logs = await readAll(store, flowLogs, scope);
      if (logs.length === 0) continue;
      const interfaces = await readAll(store, networkInterfaces, scope);
      for (const log of logs) {
        const lines = flows.flatMap((flow) => this.#lines(log, scope, interfaces, flow, start, end));
        const waiting = this.#waiting.get(log.id) ?? { lines: [], since: now };
        waiting.lines.push(...lines.slice(0, MOST_RECORDS - waiting.lines.length));
        this.#waiting.set(log.id, waiting);
        if (waiting.lines.length === 0 || now - waiting.since < log.aggregationSeconds * 1000) continue;
        this.#waiting.delete(log.id);
        await this.#write(log, scope, waiting.lines, now, actor).catch(failed);
      }
    }
  }

  #lines(
    log: FlowLogRow,
    scope: Scope,
    interfaces: readonly NetworkInterfaceRow[],
    flow: CountedFlow,
    start: number,
    end: number,
  ): FlowLine[] {
    if (log.traffic !== 'ALL' && log.traffic !== flow.verdict) return [];
    const own = flow.direction === 'ingress' ? flow.destination : flow.source;
    const at = interfaces.find(({ addresses }) => addresses.includes(own));
    if (!at || ![at.id, at.subnet, at.vpc].includes(log.resource)) return [];
    const protocol = protocolNumber(flow.protocol) ?? (flow.protocol === 'ipv6-icmp' ? 58 : 0);
    const zoneId = zonesOf(scope.region).find(({ name }) => name === at.zone)?.id;
    const facts: FlowFacts = {
      account: scope.account,
      interface: at.id,
      source: flow.source,
      destination: flow.destination,
      ...(flow.sourcePort !== undefined && { sourcePort: flow.sourcePort }),
      ...(flow.destinationPort !== undefined && { destinationPort: flow.destinationPort }),
      protocol,
      packets: flow.packets,
      bytes: flow.bytes,
      start,
      end,
      action: flow.verdict,
      direction: flow.direction,
      vpc: at.vpc,
      subnet: at.subnet,
      ...(at.attachment && { instance: at.attachment.instance }),
      region: scope.region,
      ...(zoneId !== undefined && { zoneId }),
    };
    return [{ interface: at.id, text: flowRecord(log.format, facts) }];
  }

  async #write(
    log: FlowLogRow,
    scope: Scope,
    lines: readonly FlowLine[],
    now: number,
    actor: JobRuntime['actor'],
  ): Promise<void> {
    if (log.destinationType === 's3') {
      const header = (fieldsOf(log.format) ?? []).join(' ');
      const body = await compress(`${header}\n${lines.map(({ text }) => text).join('\n')}\n`);
      const { bucket, key } = placeOf(log, scope, now, body);
      const source = `arn:aws:logs:${scope.region}:${scope.account}:*`;
      await actor.call(
        {
          as: 'service',
          name: 'delivery.logs.amazonaws.com',
          region: scope.region,
          sourceAccount: scope.account,
          sourceArn: source,
        },
        's3',
        'PutObject',
        {
          Bucket: bucket,
          Key: key,
          Body: once(body),
          ContentLength: body.length,
          ACL: 'bucket-owner-full-control',
          ContentType: 'application/octet-stream',
        },
      );
      return;
    }
    const caller = await this.#options.assume(log.role ?? '');
    if (!caller) throw new Error(`flow log ${log.id}: the role ${log.role} does not trust vpc-flow-logs.amazonaws.com`);
    const identity = { as: 'role', caller, via: 'vpc-flow-logs.amazonaws.com', region: scope.region } as const;
    const logGroupName = log.logGroup ?? '';
    // Each interface has a stream of its own.
    for (const [at, own] of Map.groupBy(lines, (line) => line.interface)) {
      const stream = { logGroupName, logStreamName: `${at}-${log.traffic.toLowerCase()}` };
      await actor.call(identity, 'logs', 'CreateLogStream', stream).catch((error: Error & { code?: string }) => {
        if (error.code !== 'ResourceAlreadyExistsException') throw error;
      });
      const logEvents = own.map(({ text }) => ({ timestamp: now, message: text }));
      await actor.call(identity, 'logs', 'PutLogEvents', { ...stream, logEvents });
    }
  }
}

/** VPC User Guide, "Publish flow logs to Amazon S3": the key of a file. */
function placeOf(
  log: FlowLogRow,
  { account, region }: Scope,
  now: number,
  body: Uint8Array,
): { bucket: string; key: string } {
  const path = log.destination.slice('arn:aws:s3:::'.length);
  const [bucket = '', ...rest] = path.split('/');
  const prefix = rest.join('/').replace(/\/+$/, '');
  const stamp = new Date(now).toISOString();
  const day = stamp.slice(0, 10).replaceAll('-', '/');
  const minute = `${stamp.slice(0, 16).replaceAll('-', '').replaceAll(':', '')}Z`;
  const unique = createHash('sha256').update(body).digest('hex').slice(0, 8);
  const name = `${account}_vpcflowlogs_${region}_${log.id}_${minute}_${unique}.log.gz`;
  return { bucket, key: `${prefix === '' ? '' : `${prefix}/`}AWSLogs/${account}/vpcflowlogs/${region}/${day}/${name}` };
}

/** A body that can be read again, should the call run again. */
function once(body: Uint8Array): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      yield body;
    },
  };
}
