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

  /** All at once: whoever is checked and does not answer keeps nobody else waiting. */
  async #run(now: number): Promise<void> {
    const byAccount: HealthCheckRow[][] = [];
    for (const { id: account } of await this.#reader.list(accounts, '')) {
      byAccount.push((await this.#reader.list(healthChecks, account)).map(({ value }) => value));
    }
    const isDue = ({ id, type }: HealthCheckRow): boolean => type !== 'CALCULATED' && (this.#due.get(id) ?? 0) <= now;
    await Promise.all(
      byAccount
        .flat()
        .filter(isDue)
        .map(async (row) => {
          this.#due.set(row.id, now + row.intervalSeconds * 1000);
          this.#take(row, row.isDisabled ? disabled : await check(row), now);
        }),
    );
    for (const own of byAccount) {
      const ids = new Set(own.map(({ id }) => id));
      for (const row of own) if (row.type === 'CALCULATED') this.#calculate(row, ids, now);
    }
    const known = new Set(byAccount.flat().map(({ id }) => id));
    for (const id of this.#found.keys()) if (!known.has(id)) this.#found.delete(id);
    for (const id of this.#due.keys()) if (!known.has(id)) this.#due.delete(id);
  }

  /** A check changes its mind after so many results in a row. */
  #take(row: HealthCheckRow, { isWell, reason }: Result, now: number): void {
    const isNow = isWell !== row.isInverted;
    const before = this.#found.get(row.id);
    const against = before === undefined || before.isHealthy === isNow ? 0 : before.against + 1;
    const isHealthy = before === undefined || against >= row.failureThreshold ? isNow : before.isHealthy;
    this.#found.set(row.id, { isHealthy, at: now, reason, against: isHealthy === isNow ? 0 : against });
    if (before?.isHealthy !== isHealthy) this.#changed();
  }

  /** @param own ids of the account's checks: others' are none of its business */
  #calculate(row: HealthCheckRow, own: ReadonlySet<string>, now: number): void {
    const well = row.children.filter((id) => own.has(id) && this.#found.get(id)?.isHealthy).length;
    const reason = `${well} of ${row.children.length} children are healthy`;
    const result = row.isDisabled ? disabled : { isWell: well >= (row.threshold ?? 0), reason };
    this.#take({ ...row, failureThreshold: 1 }, result, now);
  }
}

interface Result {
  readonly isWell: boolean;
  readonly reason: string;
}

/** "Route 53 considers the status of the health check to always be healthy", and asks nobody; what is inverted stays so. */
const disabled: Result = { isWell: true, reason: 'the check is disabled' };

/** A name or path that nobody can be asked by is nobody's answer. */
async function check(row: HealthCheckRow): Promise<Result> {
  try {
    return await (row.type === 'TCP' ? checkConnection(row) : checkPage(row));
  } catch (error) {
    return { isWell: false, reason: (error as NodeJS.ErrnoException).code ?? 'it cannot be asked' };
  }
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
      // The name is not compared. Who vouches for it is: Route 53 does not even ask that, but nothing here takes a peer
      // that nobody vouches for.
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
          else if (text.length >= searchedBytes) end(false, 'the string was not found');
        });
        incoming.on('end', () => end(false, 'the string was not found'));
      }
    });
    outgoing.end();
  });
}
