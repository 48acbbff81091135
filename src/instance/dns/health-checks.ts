/** Carries Route 53's health checks out from this machine, and remembers what they found. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { accounts } from '../../services/account/state.ts';
import type { Route53Ports } from '../../services/route53/ports.ts';
import { type HealthCheckRow, healthChecks } from '../../services/route53/state.ts';
import type { Job } from '../../services/service.ts';
import type { Reader } from '../../store/store.ts';

/** Route 53 Developer Guide, "How Route 53 determines whether a health check is healthy". */
const connectMs = 10_000;
const answerMs = 2_000;
/** Of a body that is searched for a string. */
const searchedBytes = 5_120;

interface Found {
  readonly isHealthy: boolean;
  readonly at: number;
  readonly reason: string;
  /** Results in a row that say otherwise. */
  readonly against: number;
}

export class HealthChecks {
  readonly #reader: Reader;
  readonly #changed: () => void;
  readonly #found = new Map<string, Found>();
  readonly #due = new Map<string, number>();

  /** @param changed told when a check's health has changed */
  constructor(reader: Reader, changed: () => void) {
    this.#reader = reader;
    this.#changed = changed;
  }

  readonly health: Route53Ports['health'] = (id) => {
    const found = this.#found.get(id);
    return found && { isHealthy: found.isHealthy, at: found.at, reason: found.reason };
  };

  get job(): Job {
    return { name: 'health checks', everySeconds: 5, run: ({ now }) => this.#run(now) };
  }

  async #run(now: number): Promise<void> {
    const known = new Set<string>();
    const waiting: Promise<void>[] = [];
    for (const { id: account } of await this.#reader.list(accounts, '')) {
      const rows = (await this.#reader.list(healthChecks, account)).map(({ value }) => value);
      for (const row of rows) {
        known.add(row.id);
        if (row.type === 'CALCULATED' || (this.#due.get(row.id) ?? 0) > now) continue;
        this.#due.set(row.id, now + row.intervalSeconds * 1000);
        waiting.push(check(row).then((result) => this.#take(row, result, now)));
      }
      await Promise.all(waiting);
      for (const row of rows) if (row.type === 'CALCULATED') this.#calculate(row, now);
    }
    for (const id of this.#found.keys()) if (!known.has(id)) this.#found.delete(id);
    for (const id of this.#due.keys()) if (!known.has(id)) this.#due.delete(id);
  }

  /** A check changes its mind after so many results in a row. */
  #take(row: HealthCheckRow, { isWell, reason }: Result, now: number): void {
    const isNow = row.isDisabled ? true : isWell !== row.isInverted;
    const before = this.#found.get(row.id);
    const against = before === undefined || before.isHealthy === isNow ? 0 : before.against + 1;
    const isHealthy = before === undefined || against >= row.failureThreshold ? isNow : before.isHealthy;
    this.#found.set(row.id, { isHealthy, at: now, reason, against: isHealthy === isNow ? 0 : against });
    if (before?.isHealthy !== isHealthy) this.#changed();
  }

  #calculate(row: HealthCheckRow, now: number): void {
    const well = row.children.filter((id) => this.#found.get(id)?.isHealthy).length;
    const isWell = well >= (row.threshold ?? 0);
    this.#take(
      { ...row, failureThreshold: 1 },
      { isWell, reason: `${well} of ${row.children.length} children are healthy` },
      now,
    );
  }
}

interface Result {
  readonly isWell: boolean;
  readonly reason: string;
}

function check(row: HealthCheckRow): Promise<Result> {
  return row.type === 'TCP' ? checkConnection(row) : checkPage(row);
}

function checkConnection({ address, domainName, port = 80 }: HealthCheckRow): Promise<Result> {
  return new Promise((resolve) => {
    const socket = connect({ host: address ?? domainName ?? '', port, timeout: connectMs });
    const end = (isWell: boolean, reason: string): void => {
      socket.destroy();
      resolve({ isWell, reason });
    };
    socket.on('connect', () => end(true, 'the connection was taken'));
    socket.on('timeout', () => end(false, 'no connection in time'));
    socket.on('error', (error: NodeJS.ErrnoException) => end(false, error.code ?? 'no connection'));
  });
}

function checkPage(row: HealthCheckRow): Promise<Result> {
  const isSecure = row.type.startsWith('HTTPS');
  const request = isSecure ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const outgoing = request({
      host: row.address ?? row.domainName,
      port: row.port,
      path: row.path ?? '/',
      timeout: connectMs,
      headers: {
        host: row.domainName ?? row.address ?? '',
        'user-agent': 'Amazon-Route53-Health-Check-Service (Bailey)',
      },
      agent: false,
      // What is checked is whether somebody answers; Route 53 does not verify certificates either.
      ...(isSecure && { servername: row.domainName ?? '', checkServerIdentity: () => undefined }),
    });
    const end = (isWell: boolean, reason: string): void => {
      clearTimeout(timer);
      outgoing.destroy();
      resolve({ isWell, reason });
    };
    const timer = setTimeout(() => end(false, 'no answer in time'), connectMs + answerMs);
    outgoing.on('timeout', () => end(false, 'no connection in time'));
    outgoing.on('error', (error: NodeJS.ErrnoException) => end(false, error.code ?? 'no answer'));
    outgoing.on('response', (incoming) => {
      const status = incoming.statusCode ?? 0;
      if (status < 200 || status > 399) end(false, `HTTP Status Code ${status}`);
      else if (row.searchString === undefined) end(true, `HTTP Status Code ${status}`);
      else {
        let text = '';
        const wanted = row.searchString;
        incoming.on('data', (chunk: Buffer) => {
          text = `${text}${chunk.toString('latin1')}`.slice(0, searchedBytes);
          if (text.includes(wanted)) end(true, `HTTP Status Code ${status}, the string was found`);
        });
        incoming.on('end', () => end(false, 'the string was not found'));
      }
    });
    outgoing.end();
  });
}
