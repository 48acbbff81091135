/**
 * One port of UDP: takes datagrams, asks who may begin a flow, and hands each on to the target of its flow.
 *
 * Processes of a node share it as they share ports of TCP, by SO_REUSEPORT: the kernel hashes addresses and ports of
 * both ends and gives all datagrams of a flow to the same process. When a process comes or goes some flows change theirs;
 * the target is chosen by the same client everywhere (`TargetGroup.sameFor`), so it stays what it was.
 */
import type { RemoteInfo, Socket } from 'node:dgram';
import { plainAddress } from '../../gateway/proxies.ts';
import { sourceOf } from '../listeners/gate.ts';
import type { Ingress } from '../listeners/ingress.ts';
import type { DatagramSite } from '../sites/datagrams.ts';
import { DatagramFlow } from './flow.ts';
import type { DatagramGate } from './gate.ts';
import { isFull, socketFor } from './socket.ts';

/** What the system may hold of what has come, while this process is busy; it has a limit of its own (`rmem_max`). */
const waitingBytes = 4 * 1024 * 1024;

export interface DatagramSettings {
  readonly site: DatagramSite;
  readonly ingress: Ingress;
}

export class DatagramPort {
  readonly number: number;
  #settings: DatagramSettings;
  readonly #gate: DatagramGate;
  readonly #now: () => number;
  /** By the client's port and address. */
  readonly #flows = new Map<string, DatagramFlow>();
  #socket: Socket | undefined;

  constructor(number: number, settings: DatagramSettings, gate: DatagramGate, now: () => number) {
    this.number = number;
    this.#settings = settings;
    this.#gate = gate;
    this.#now = now;
  }

  /** Rejects with the system's error (EADDRINUSE, EACCES). */
  listen(address: string, reusesPort: boolean): Promise<void> {
    const socket = socketFor(address, { reusePort: reusesPort, recvBufferSize: waitingBytes });
    this.#socket = socket;
    socket.on('message', (bytes, from) => this.#heard(bytes, from));
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ port: this.number, address, exclusive: true }, () => {
        socket.off('error', reject);
        socket.on('error', () => undefined);
        resolve();
      });
    });
  }

  /** Flows whose target is gone, that were never tracked and may not come any more, or whom the border stops, end. */
  update(settings: DatagramSettings): void {
    this.#settings = settings;
    const { site, ingress } = settings;
    for (const flow of this.#flows.values()) {
      const { isTracked, address, client } = flow.parts;
      const mayGoOn = ingress.crosses(address, client.port) && (isTracked || ingress.keeps(address, client.port));
      if (!site.keeps(flow) || !mayGoOn) flow.end();
    }
  }

  /** Tells the site what it cannot see by itself. */
  measure(): void {
    this.#settings.site.measure(this.#flows.size);
    for (const flow of this.#flows.values()) this.#tell(flow);
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    for (const flow of this.#flows.values()) flow.end();
    if (!socket) return;
    await new Promise<void>((resolve) => {
      try {
        socket.close(() => resolve());
      } catch {
        // It was never bound.
        resolve();
      }
    });
  }

  #heard(bytes: Buffer, from: RemoteInfo): void {
    const { site } = this.#settings;
    const address = plainAddress(from.address);
    const source = sourceOf(address);
    // Port 0 cannot be answered: nobody sends from there who means well.
    if (from.port === 0 || !this.#gate.takes(source, this.#now())) {
      site.dropped();
      return;
    }
    const key = `${from.port} ${from.address}`;
    let flow = this.#flows.get(key);
    if (flow && !site.keeps(flow)) {
      flow.end();
      flow = undefined;
    }
    flow ??= this.#begin(key, address, source, from);
    if (flow && !flow.send(bytes)) site.dropped();
  }

  #begin(key: string, address: string, source: string, from: RemoteInfo): DatagramFlow | undefined {
    const { site, ingress } = this.#settings;
    const standing = ingress.standingOf(address, from.port);
    if (standing === 'refused') {
      site.refused(address, from.port, this.number);
      return undefined;
    }
    const choice = site.choose(address, from.port);
    if (!choice) {
      site.dropped();
      return undefined;
    }
    const flow = new DatagramFlow({
      ...choice,
      client: { address: from.address, port: from.port },
      address,
      source,
      isTracked: standing === 'tracked',
      gate: this.#gate,
      now: this.#now,
      keeps: (one) => this.#settings.site.keeps(one),
      answer: (answered, client) => this.#answer(answered, client.address, client.port),
      ended: (one) => {
        this.#flows.delete(key);
        this.#tell(one);
      },
    });
    if (flow.isOver) {
      site.dropped();
      return undefined;
    }
    this.#gate.admit(flow);
    this.#flows.set(key, flow);
    site.opened();
    return flow;
  }

  #answer(bytes: Buffer, address: string, port: number): boolean {
    const socket = this.#socket;
    if (!socket || isFull(socket)) return false;
    socket.send(bytes, port, address, () => undefined);
    return true;
  }

  #tell(flow: DatagramFlow): void {
    const { address, client } = flow.parts;
    this.#settings.site.carried(flow, { source: address, sourcePort: client.port, port: this.number });
  }
}
