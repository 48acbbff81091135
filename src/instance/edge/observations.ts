/** What edge nodes have last said of targets and listeners: what Elastic Load Balancing shows of their state. */
import type { ListenerReport, Report, TargetHealthReport } from '../../edge/reports/reports.ts';
import type { Edge, ReportedHealth } from '../../services/elasticloadbalancing/ports.ts';

/** A core carries about 8,000 requests a second, a capacity unit is 25 new connections a second. */
const unitsPerProcess = 320;

export interface ObservationsOptions {
  /** How many processes carry traffic. */
  readonly processes: number;
  /** Listeners bind addresses of this machine alone. */
  readonly isLocal: boolean;
}

export class Observations implements Edge {
  readonly #options: ObservationsOptions;
  /** By target, then by process: each asks by itself. */
  readonly #health = new Map<string, Map<string, ReportedHealth>>();
  readonly #listeners = new Map<string, Map<string, ListenerReport>>();

  constructor(options: ObservationsOptions) {
    this.#options = options;
  }

  take({ health, listeners }: Report, from: string): void {
    for (const one of health) this.#takeHealth(one, from);
    for (const one of listeners) of(this.#listeners, one.arn).set(from, one);
  }

  /** A process that is gone says nothing any more. */
  forget(from: string): void {
    for (const all of [this.#health, this.#listeners]) {
      for (const [key, said] of all) {
        said.delete(from);
        if (said.size === 0) all.delete(key);
      }
    }
  }

  /** Healthy as soon as one process has found it so: that one sends it requests. */
  health(
    targetGroupArn: string,
    { id, port }: { readonly id: string; readonly port: number },
  ): ReportedHealth | undefined {
    const said = this.#health.get(`${targetGroupArn} ${id} ${port}`);
    if (!said) return undefined;
    const all = [...said.values()];
    return all.find(({ state }) => state === 'healthy') ?? all[0];
  }

  /** Undefined as soon as one process serves it. */
  listenerFault(listenerArn: string): string | undefined {
    const said = [...(this.#listeners.get(listenerArn)?.values() ?? [])];
    if (said.length === 0 || said.some(({ state }) => state === 'listening')) return undefined;
    return said[0]?.error;
  }

  capacityUnits(): number {
    return this.#options.processes * unitsPerProcess;
  }

  isLocal(): boolean {
    return this.#options.isLocal;
  }

  #takeHealth({ targetGroupArn, targetId, port, health }: TargetHealthReport, from: string): void {
    const { state, reason, description } = health;
    if (state !== 'initial' && state !== 'healthy' && state !== 'unhealthy') return;
    of(this.#health, `${targetGroupArn} ${targetId} ${port}`).set(from, {
      state,
      ...(reason !== undefined && { reason }),
      ...(description !== undefined && { description }),
    });
  }
}

function of<T>(all: Map<string, Map<string, T>>, key: string): Map<string, T> {
  const known = all.get(key);
  if (known) return known;
  const made = new Map<string, T>();
  all.set(key, made);
  return made;
}
