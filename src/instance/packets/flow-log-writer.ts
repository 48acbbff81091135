/** Writes flow logs from what the packet filter has counted: a file or a batch of events per flow log and interval. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type FlowFacts, fieldsOf, flowRecord } from '../../services/ec2/network/flow-log-format.ts';
import { readAll } from '../../services/ec2/network/rows.ts';
import { type FlowLogRow, flowLogs, networkInterfaces } from '../../services/ec2/network/state.ts';
import type { Caller, JobRuntime, Scope } from '../../services/service.ts';
import type { Store } from '../../store/store.ts';
import type { TakenFlows } from './flow-counts.ts';
import { type Balanced, balancedFacts, packetFacts } from './flow-facts.ts';

const compress = promisify(gzip);
/** Records that wait for one log; what is more is told of as skipped. */
const MOST_RECORDS = 10_000;

/**
 * Of one batch of events, with what each counts beside its message.
 * @see CloudWatch Logs API Reference, PutLogEvents
 */
const MOST_EVENTS = 10_000;
const MOST_BYTES = 1_048_576;
const eventBytes = 26;

interface FlowLine {
  /** Id of the network interface. */
  readonly interface: string;
  readonly text: string;
}

export interface FlowLogWriterOptions {
  readonly store: Store;
  readonly scopes: () => Promise<readonly Scope[]>;
  readonly take: () => Promise<TakenFlows>;
  readonly takeOfEdge: () => Balanced;
  readonly interfaceAt: (address: string) => string | undefined;
  /** The session of a role that EC2's flow logs may assume; undefined when they may not. */
  readonly assume: (roleArn: string) => Promise<Caller | undefined>;
  readonly failed: (error: unknown) => void;
}

interface Waiting {
  readonly scope: Scope;
  readonly facts: FlowFacts[];
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
    const { store, take, takeOfEdge, interfaceAt, failed } = this.#options;
    const window = { start: Math.floor((this.#from || now) / 1000), end: Math.floor(now / 1000) };
    this.#from = now;
    const packets = await take();
    const balanced = takeOfEdge();
    for (const address of packets.skipped) failed(new Error(`flows of ${address} were left out of its logs`));
    for (const { path, flows } of balanced.skipped)
      failed(new Error(`${flows} flows of ${path} were left out of its logs`));
    for (const scope of await this.#scopes([...balanced.flows, ...balanced.skipped])) {
      const logs = await readAll(store, flowLogs, scope);
      this.#forget(scope, logs);
      if (logs.length === 0) continue;
      const interfaces = await readAll(store, networkInterfaces, scope);
      const all = [
        ...packetFacts(scope, interfaces, interfaceAt, packets, window),
        ...balancedFacts(scope, interfaces, balanced, window),
      ];
      for (const log of logs) {
        const waiting = this.#waiting.get(log.id) ?? { scope, facts: [], since: now };
        hold(
          waiting.facts,
          all.filter((facts) => isWatched(log, facts)),
        );
        this.#waiting.set(log.id, waiting);
        if (waiting.facts.length === 0 || now - waiting.since < log.aggregationSeconds * 1000) continue;
        this.#waiting.delete(log.id);
        const lines = waiting.facts.map((facts) => ({
          interface: facts.interface,
          text: flowRecord(log.format, facts),
        }));
        await this.#write(log, scope, lines, now, actor).catch(failed);
      }
    }
  }

  /** What waited for logs that are gone. */
  #forget({ account, region }: Scope, logs: readonly FlowLogRow[]): void {
    const known = new Set(logs.map(({ id }) => id));
    for (const [id, { scope }] of this.#waiting) {
      if (scope.account === account && scope.region === region && !known.has(id)) this.#waiting.delete(id);
    }
  }

  /** Where hosts are, where something came for load balancers, and where something waits. */
  async #scopes(came: readonly Scope[]): Promise<readonly Scope[]> {
    const waiting = [...this.#waiting.values()].flatMap(({ scope, facts }) => (facts.length > 0 ? scope : []));
    const all = [...(await this.#options.scopes()), ...came, ...waiting];
    return [...new Map(all.map(({ account, region }) => [`${account}/${region}`, { account, region }])).values()];
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
      for (const batch of batches(own)) {
        const logEvents = batch.map(({ text }) => ({ timestamp: now, message: text }));
        await actor.call(identity, 'logs', 'PutLogEvents', { ...stream, logEvents });
      }
    }
  }
}

/** As many lines as one call takes: more would be refused as a whole. */
function* batches(lines: readonly FlowLine[]): Generator<readonly FlowLine[]> {
  let batch: FlowLine[] = [];
  let bytes = 0;
  for (const line of lines) {
    const more = Buffer.byteLength(line.text) + eventBytes;
    if (batch.length === MOST_EVENTS || bytes + more > MOST_BYTES) {
      yield batch;
      [batch, bytes] = [[], 0];
    }
    batch.push(line);
    bytes += more;
  }
  if (batch.length > 0) yield batch;
}

function isWatched(log: FlowLogRow, facts: FlowFacts): boolean {
  if (log.traffic !== 'ALL' && log.traffic !== facts.action && !facts.isSkipped) return false;
  return [facts.interface, facts.subnet, facts.vpc].includes(log.resource);
}

/** What does not fit is told of as skipped, once for each interface. */
function hold(held: FlowFacts[], more: readonly FlowFacts[]): void {
  const room = Math.max(0, MOST_RECORDS - held.length);
  held.push(...more.slice(0, room));
  const known = new Set(held.filter(({ isSkipped }) => isSkipped).map((facts) => facts.interface));
  for (const facts of more.slice(room)) {
    if (known.has(facts.interface)) continue;
    known.add(facts.interface);
    held.push({ ...facts, isSkipped: true });
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
