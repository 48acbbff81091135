/** The DNS part of an edge process: a listener where the last snapshot says, with its zones. */
import type { Snapshot } from '../snapshot.ts';
import { DnsListener } from './listener.ts';

export interface DnsPartOptions {
  readonly reusesPort: boolean;
  readonly random: () => number;
  readonly failed: (error: unknown) => void;
}

export class Dns {
  readonly #options: DnsPartOptions;
  #listener: DnsListener | undefined;
  #place = '';

  constructor(options: DnsPartOptions) {
    this.#options = options;
  }

  async apply({ node, zones }: Snapshot): Promise<void> {
    const place = zones.length === 0 || !node.dns ? '' : `${node.dns.host} ${node.dns.port}`;
    if (place !== this.#place) {
      this.#place = place;
      await this.#listener?.close();
      this.#listener = undefined;
      if (place !== '' && node.dns) await this.#open(node.dns);
    }
    this.#listener?.use(zones);
  }

  async close(): Promise<void> {
    await this.#listener?.close();
    this.#listener = undefined;
  }

  async #open(at: { readonly host: string; readonly port: number }): Promise<void> {
    const { reusesPort, random, failed } = this.#options;
    const listener = new DnsListener({ ...at, reusesPort, random });
    try {
      await listener.open();
      this.#listener = listener;
    } catch (error) {
      // The next snapshot tries again.
      this.#place = '';
      failed(new Error(`names cannot be answered on ${at.host}:${at.port}: ${(error as Error).message}`));
    }
  }
}
