/** All ports of UDP of a process: opened, changed and closed as snapshots say. */
import { type Claim, claimPort } from '../listeners/claim.ts';
import type { DatagramGate } from './gate.ts';
import { DatagramPort, type DatagramSettings } from './port.ts';

export interface PlannedDatagrams {
  /** Of the listener. */
  readonly arn: string;
  readonly port: number;
  readonly settings: DatagramSettings;
}

export interface DatagramPortsOptions {
  readonly now: () => number;
  readonly reusesPorts: boolean;
  readonly listening: (arn: string, port: number) => void;
  readonly failed: (arn: string, port: number, error: Error) => void;
}

export interface DatagramPlace {
  readonly gate: DatagramGate;
  readonly address: string;
  readonly instanceId: string;
}

export class DatagramPorts {
  readonly #options: DatagramPortsOptions;
  readonly #ports = new Map<number, { readonly arn: string; readonly port: DatagramPort }>();
  readonly #claims = new Map<number, Claim>();

  constructor(options: DatagramPortsOptions) {
    this.#options = options;
  }

  /** What listens has its new settings, and what is wanted no more is closed. @returns what is yet to be opened */
  update(plans: readonly PlannedDatagrams[]): readonly PlannedDatagrams[] {
    const wanted = new Set(plans.map(({ port }) => port));
    for (const [number, { port }] of [...this.#ports]) {
      if (wanted.has(number)) continue;
      this.#ports.delete(number);
      this.#release(number);
      void port.close();
    }
    return plans.filter(({ arn, port: number, settings }) => {
      const known = this.#ports.get(number);
      if (!known) return true;
      known.port.update(settings);
      if (known.arn === arn) return false;
      this.#ports.set(number, { arn, port: known.port });
      this.#options.listening(arn, number);
      return false;
    });
  }

  async open({ arn, port: number, settings }: PlannedDatagrams, place: DatagramPlace): Promise<void> {
    const { now, reusesPorts, listening, failed } = this.#options;
    const port = new DatagramPort(number, settings, place.gate, now);
    try {
      if (reusesPorts && !this.#claims.has(number)) {
        this.#claims.set(number, await claimPort(place.address, `${number}/udp`, place.instanceId));
      }
      await port.listen(place.address, reusesPorts);
      this.#ports.set(number, { arn, port });
      listening(arn, number);
    } catch (error) {
      this.#release(number);
      failed(arn, number, error as Error);
      await port.close();
    }
  }

  measure(): void {
    for (const { port } of this.#ports.values()) port.measure();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#ports.values()].map(({ port }) => port.close()));
    this.#ports.clear();
    for (const number of [...this.#claims.keys()]) this.#release(number);
  }

  #release(number: number): void {
    this.#claims.get(number)?.release();
    this.#claims.delete(number);
  }
}
