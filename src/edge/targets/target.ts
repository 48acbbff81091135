/** One registered target as the edge knows it: its health, its load, and the way to it. */
import type { TargetSettings } from '../snapshot.ts';
import { numberOf } from './choice.ts';
import type { HealthChecker, TargetHealth } from './health.ts';

export class Target {
  settings: TargetSettings;
  /** Short and stable: what a sticky cookie holds. */
  readonly mark: string;
  /** Of the mark, for choices that go by the client. */
  readonly number: number;
  /** `10.0.0.1:80`, as the access log writes it; '' where nothing is known of it. */
  readonly place: string;
  /** `http://10.0.0.1:80`, by HTTP/2 `h2c://10.0.0.1:80`: the key of its connections. */
  readonly origin: string;
  outstanding = 0;
  /** Since when it is in service: slow start counts from here. Epoch milliseconds. */
  healthySince = 0;
  checker: HealthChecker | undefined;
  /** Whether it is registered no more. */
  isGone = false;
  /** Ends what is joined to it. */
  readonly joined = new Set<() => void>();

  constructor(settings: TargetSettings, scheme: 'http' | 'https' | 'h2c' | 'h2', mark: string) {
    this.settings = settings;
    this.mark = mark;
    this.number = numberOf(mark);
    const { address, port } = settings;
    const host = address?.includes(':') ? `[${address}]` : address;
    this.place = host === undefined ? '' : `${host}:${port}`;
    this.origin = `${scheme}://${this.place}`;
  }

  /** @param ends whether what is joined to it ends, too */
  leave(ends: boolean): void {
    this.checker?.stop();
    this.checker = undefined;
    this.isGone = true;
    if (ends) for (const end of [...this.joined]) end();
  }

  get health(): TargetHealth {
    if (this.settings.deregisteredAt !== undefined) {
      return {
        state: 'draining',
        reason: 'Target.DeregistrationInProgress',
        description: 'Target deregistration is in progress',
      };
    }
    if (this.settings.address === undefined) {
      return { state: 'unused', reason: 'Target.InvalidState', description: 'Target is in an invalid state' };
    }
    return this.checker?.health ?? { state: 'unavailable', reason: 'Target.HealthCheckDisabled' };
  }
}
