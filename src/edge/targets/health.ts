/** Asks one target again and again whether it is well. */
import { connect } from 'node:net';
import { Client, type Dispatcher } from 'undici';
import type { HealthCheckSettings } from '../snapshot.ts';

/** The states and reasons of DescribeTargetHealth. */
export interface TargetHealth {
  readonly state: 'initial' | 'healthy' | 'unhealthy' | 'unused' | 'draining' | 'unavailable';
  readonly reason?: string;
  readonly description?: string;
}

export interface CheckResult {
  readonly isHealthy: boolean;
  readonly reason?: string;
  readonly description?: string;
}

/** `200`, `200,202`, `200-299`; codes of gRPC alike */
export function matcher(codes: string): (status: number) => boolean {
  const ranges = codes.split(',').map((part) => {
    const [from = '', to = from] = part.trim().split('-');
    return { from: Number(from), to: Number(to) };
  });
  return (status) => ranges.some(({ from, to }) => status >= from && status <= to);
}

export class HealthChecker {
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #passes = 0;
  #failures = 0;
  health: TargetHealth = {
    state: 'initial',
    reason: 'Elb.InitialHealthChecking',
    description: 'Initial health checks in progress',
  };
  readonly #settings: HealthCheckSettings;
  readonly #check: () => Promise<CheckResult>;
  /** Told after each change. */
  onChange: () => void;

  constructor(settings: HealthCheckSettings, check: () => Promise<CheckResult>, onChange: () => void) {
    this.#settings = settings;
    this.#check = check;
    this.onChange = onChange;
  }

  start(): void {
    void this.#round();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #round(): Promise<void> {
    const result = await this.#check();
    if (this.#stopped) return;
    this.#count(result);
    this.#timer = setTimeout(() => void this.#round(), this.#settings.intervalSeconds * 1000);
    this.#timer.unref();
  }

  /** A new target is in service after its first pass; later changes take the configured number in a row. */
  #count(result: CheckResult): void {
    const { healthyThreshold, unhealthyThreshold } = this.#settings;
    const { state } = this.health;
    if (result.isHealthy) {
      this.#failures = 0;
      this.#passes += 1;
      if (state === 'initial' || (state === 'unhealthy' && this.#passes >= healthyThreshold)) {
        this.#become({ state: 'healthy' });
      }
      return;
    }
    this.#passes = 0;
    this.#failures += 1;
    if (state !== 'unhealthy' && this.#failures >= unhealthyThreshold) {
      this.#become({
        state: 'unhealthy',
        ...(result.reason !== undefined && { reason: result.reason }),
        ...(result.description !== undefined && { description: result.description }),
      });
    }
  }

  #become(health: TargetHealth): void {
    this.health = health;
    this.onChange();
  }
}

export interface Place {
  readonly address: string;
  readonly port: number;
}

export const timedOut: CheckResult = { isHealthy: false, reason: 'Target.Timeout', description: 'Request timed out' };
export const failed: CheckResult = {
  isHealthy: false,
  reason: 'Target.FailedHealthChecks',
  description: 'Health checks failed',
};
export const mismatched = (code: number): CheckResult => ({
  isHealthy: false,
  reason: 'Target.ResponseCodeMismatch',
  description: `Health checks failed with these codes: [${code}]`,
});

export function checkTcp({ address, port }: Place, timeoutMs: number): Promise<CheckResult> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (result: CheckResult): void => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(timeoutMs, () => end(timedOut));
    socket.once('connect', () => end({ isHealthy: true }));
    socket.once('error', () => end({ isHealthy: false, reason: 'Target.FailedHealthChecks' }));
  });
}

export interface HttpCheck {
  readonly place: Place;
  readonly isSecure: boolean;
  readonly path: string;
  readonly timeoutMs: number;
  readonly expected: (status: number) => boolean;
  /** PEM, beside the authorities that the machine knows. */
  readonly authorities: readonly string[] | undefined;
}

/** A connection of its own each time: what it proves is that a new client would be served. */
export async function checkHttp(check: HttpCheck): Promise<CheckResult> {
  const { place, timeoutMs } = check;
  const host = place.address.includes(':') ? `[${place.address}]` : place.address;
  const client = new Client(`${check.isSecure ? 'https' : 'http'}://${host}:${place.port}`, {
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: {
      timeout: timeoutMs,
      ...(check.authorities && { ca: [...check.authorities] }),
      checkServerIdentity: () => undefined,
    },
  });
  try {
    const status = await statusOf(client, check);
    if (status === undefined) return timedOut;
    return check.expected(status) ? { isHealthy: true } : mismatched(status);
  } catch (error) {
    const code = (error as { code?: string }).code ?? '';
    return /TIMEOUT/.test(code) ? timedOut : failed;
  } finally {
    client.destroy().catch(() => undefined);
  }
}

function statusOf(client: Client, { place, path, timeoutMs }: HttpCheck): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), timeoutMs);
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart() {},
      onResponseStart(_controller, statusCode) {
        clearTimeout(timer);
        resolve(statusCode);
      },
      onResponseData() {},
      onResponseEnd() {},
      onResponseError(_controller, error) {
        clearTimeout(timer);
        reject(error);
      },
    };
    const headers = { host: `${place.address}:${place.port}`, 'user-agent': 'ELB-HealthChecker/2.0' };
    client.dispatch({ method: 'GET', path, headers, reset: true }, handler);
  });
}
