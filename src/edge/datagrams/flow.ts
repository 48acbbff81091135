/**
 * One flow of datagrams: a client's address and port, and one target. It has a socket of its own that is connected to the
 * target, so that the system itself takes answers from nobody else, and lets datagrams go nowhere else.
 */
import type { Socket } from 'node:dgram';
import type { Told } from '../reports/flows.ts';
import type { Target } from '../targets/target.ts';
import type { DatagramGate, GatedFlow } from './gate.ts';
import { isFull, socketFor } from './socket.ts';

interface DatagramClient {
  /** As the socket has it; answers go there and nowhere else. */
  readonly address: string;
  readonly port: number;
}

export interface FlowParts {
  readonly client: DatagramClient;
  /** The client's address as rules and logs have it. */
  readonly address: string;
  readonly source: string;
  readonly target: Target;
  /** ARN of the target's group. */
  readonly group: string;
  /** Whether it goes on when the rule that let it in goes. */
  readonly isTracked: boolean;
  readonly gate: DatagramGate;
  readonly now: () => number;
  /** Whether its target may still be heard. */
  readonly keeps: (flow: DatagramFlow) => boolean;
  /** Sends to the client. @returns whether it went out */
  readonly answer: (bytes: Buffer, client: DatagramClient) => boolean;
  readonly ended: (flow: DatagramFlow) => void;
}

/** Datagrams that wait until the socket is connected: a moment. */
const mostHeld = 16;

export class DatagramFlow implements GatedFlow {
  readonly parts: FlowParts;
  readonly source: string;
  readonly told: Told = { read: 0, written: 0, isBegun: false };
  lastAt: number;
  isProven = false;
  bytesRead = 0;
  bytesWritten = 0;
  datagramsRead = 0;
  datagramsWritten = 0;
  /** Bytes that are in the metrics already. */
  counted = 0;
  readonly #socket: Socket;
  #held: Buffer[] | undefined = [];
  #isOver = false;

  constructor(parts: FlowParts) {
    this.parts = parts;
    this.source = parts.source;
    this.lastAt = parts.now();
    const { address = '', port } = parts.target.settings;
    this.#socket = socketFor(address);
    this.#socket.on('message', (bytes) => this.#answer(bytes));
    parts.target.outstanding += 1;
    this.#socket.on('error', () => {
      // Later ones say that nobody listens at the target: its health is asked otherwise.
      if (this.#held) this.end();
    });
    this.#socket.connect(port, address, (error?: Error) => (error ? this.end() : this.#connected()));
  }

  /** Perhaps from the beginning: the system may have no socket left. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** @returns whether it was sent, or will be */
  send(bytes: Buffer): boolean {
    const { gate, now } = this.parts;
    if (this.datagramsWritten > 0) this.isProven = true;
    gate.touch(this, now());
    if (this.#held) {
      if (this.#held.length >= mostHeld) return false;
      this.#held.push(bytes);
    } else if (isFull(this.#socket)) return false;
    else this.#socket.send(bytes, () => undefined);
    this.bytesRead += bytes.length;
    this.datagramsRead += 1;
    return true;
  }

  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { target, gate, ended } = this.parts;
    target.outstanding -= 1;
    gate.leave(this);
    this.#held = [];
    this.#socket.close();
    ended(this);
  }

  #connected(): void {
    if (this.#isOver) return;
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const bytes of held) this.#socket.send(bytes, () => undefined);
  }

  #answer(bytes: Buffer): void {
    const { gate, now, keeps, client, answer } = this.parts;
    if (this.#isOver) return;
    if (!keeps(this)) {
      this.end();
      return;
    }
    if (!gate.answers(this.source, bytes.length, now())) return;
    if (!answer(bytes, client)) return;
    gate.touch(this, now());
    this.bytesWritten += bytes.length;
    this.datagramsWritten += 1;
  }
}
