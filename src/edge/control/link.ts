/** The edge's end of the link to the control plane: dials until somebody answers, again and again while traffic flows. */
import { existsSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Report } from '../reports/reports.ts';
import { encodeFrame, FrameReader, fromControl } from './frames.ts';
import { type FromControl, socketFile, tokenFile } from './messages.ts';

export interface LinkOptions {
  /** Where socket and token lie. */
  readonly folder: string;
  readonly slot: number;
  /** Of the snapshot that the edge runs on. */
  readonly version: () => number;
  readonly heard: (message: FromControl) => void;
  /** The folder is gone, and with it everybody who could ever call. */
  readonly orphaned: () => void;
}

const firstPauseMs = 20;
const longestPauseMs = 500;
/** What has not been sent waits no longer: the next report says it in sum. */
const mostWaitingBytes = 16 * 1024 * 1024;

export class ControlLink {
  readonly #options: LinkOptions;
  #socket: Socket | undefined;
  #pauseMs = firstPauseMs;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  open(): void {
    const { folder } = this.#options;
    if (!existsSync(folder)) {
      this.#options.orphaned();
      return;
    }
    const reader = new FrameReader(fromControl);
    const socket = connect(join(folder, socketFile));
    socket.on('connect', () => {
      let token: string;
      try {
        token = readFileSync(join(folder, tokenFile), 'utf8').trim();
      } catch {
        socket.destroy();
        return;
      }
      const { slot, version } = this.#options;
      socket.write(encodeFrame({ type: 'hello', token, slot, pid: process.pid, version: version() }));
      this.#socket = socket;
    });
    socket.on('data', (chunk) => {
      try {
        for (const message of reader.push(chunk)) {
          this.#pauseMs = firstPauseMs;
          this.#options.heard(message as FromControl);
        }
      } catch {
        socket.destroy();
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#socket = undefined;
      if (this.#isClosed) return;
      this.#timer = setTimeout(() => this.open(), this.#pauseMs);
      this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
    });
  }

  /** Whether somebody is there to be told something now. */
  get isOpen(): boolean {
    return this.#socket !== undefined && this.#socket.writableLength < mostWaitingBytes;
  }

  report(report: Report): void {
    this.#socket?.write(encodeFrame({ type: 'report', report }));
  }

  close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    const socket = this.#socket;
    if (!socket) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once('close', () => resolve());
      socket.end();
    });
  }
}
