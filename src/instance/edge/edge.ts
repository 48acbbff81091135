/**
 * The control side of the edge: composes snapshots when something changes that they hold, starts processes with the
 * first listener, and hands on what they report.
 */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report } from '../../edge/reports/reports.ts';
import { defaultLimits, type EdgeLimits, type NodeSettings, type Snapshot } from '../../edge/snapshot.ts';
import type { ChangedRow } from '../../store/store.ts';
import { compose, type EdgeSources, isNeeded } from './compose.ts';
import { Hub } from './hub.ts';
import { Processes } from './processes.ts';

export interface EdgeOptions {
  /** Where socket, token and pid files lie; the spilled bodies too. */
  readonly folder: string;
  readonly instanceId: string;
  readonly processes: number;
  readonly bindAddress: string;
  readonly trustedProxies: readonly string[];
  readonly targetAuthorities?: string;
  readonly limits?: Partial<EdgeLimits>;
  readonly sources: EdgeSources;
  readonly onCommit: (listener: (changed: readonly ChangedRow[]) => void) => () => void;
  readonly reported: (report: Report, from: string) => void;
  readonly left: (from: string) => void;
  readonly failed: (error: unknown) => void;
}

/** Tables that snapshots are made of, by their service. */
const watched = /^(?:elasticloadbalancing|wafv2|ec2|acm|cloudfront|route53|iam\.server-certificate)/;
/** Changes that come together are one snapshot. */
const settleMs = 5;
const graceMs = 5_000;

export class EdgeControl {
  readonly #options: EdgeOptions;
  readonly #hub: Hub;
  readonly #processes: Processes;
  #version = 0;
  #node: NodeSettings | undefined;
  #timer: NodeJS.Timeout | undefined;
  #composing: Promise<void> = Promise.resolve();
  #isStale = false;
  #stopListening: (() => void) | undefined;
  #isStarted = false;
  snapshot: Snapshot | undefined;

  constructor(options: EdgeOptions) {
    this.#options = options;
    this.#hub = new Hub({
      folder: options.folder,
      reported: (report, from) => this.#reported(report, from),
      joined: () => undefined,
      left: (slot, pid) => options.left(`${slot}/${pid}`),
    });
    this.#processes = new Processes({
      folder: options.folder,
      count: options.processes,
      connected: () => this.#hub.slots,
    });
  }

  async open(): Promise<void> {
    const { folder, bindAddress, trustedProxies, targetAuthorities, limits } = this.#options;
    await this.#hub.open();
    this.#version = Date.now();
    this.#node = {
      bindAddress,
      trustedProxies,
      spillFolder: join(folder, 'bodies'),
      cookieKey: await cookieKeyIn(folder),
      limits: { ...defaultLimits, ...limits },
      ...(targetAuthorities !== undefined && { targetAuthorities }),
    };
    this.#stopListening = this.#options.onCommit((changed) => {
      if (changed.some(({ table }) => watched.test(table))) this.changed();
    });
    await this.#compose();
    // Those who carry on an earlier control plane's traffic hear the news, even that there is nothing left to do.
    if (this.#processes.areLeft) this.#begin();
  }

  /** Something that snapshots hold has changed. */
  changed(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#composeSoon();
    }, settleMs);
  }

  /** Resolves when everybody who is on the line was sent what the store holds now. */
  async settled(): Promise<void> {
    if (this.#timer) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#composeSoon();
    }
    await this.#composing;
  }

  async close(): Promise<void> {
    this.#stopListening?.();
    clearTimeout(this.#timer);
    this.#processes.stop();
    await this.#composing;
    await this.#hub.close(graceMs);
    this.#processes.forget();
  }

  #composeSoon(): void {
    if (this.#isStale) return;
    this.#isStale = true;
    this.#composing = this.#composing.then(() => {
      this.#isStale = false;
      return this.#compose();
    });
  }

  async #compose(): Promise<void> {
    try {
      const { sources, instanceId } = this.#options;
      this.#version += 1;
      const snapshot = await compose(sources, this.#node as NodeSettings, instanceId, this.#version);
      this.snapshot = snapshot;
      this.#hub.publish(snapshot);
      if (isNeeded(snapshot)) this.#begin();
    } catch (error) {
      this.#options.failed(error);
    }
  }

  #begin(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#processes.start();
  }

  /** Rates are counted where requests come in, and hold everywhere. */
  #reported(report: Report, from: string): void {
    if (report.rates.length > 0) this.#hub.tell({ type: 'rates', rates: report.rates }, from);
    try {
      this.#options.reported(report, from);
    } catch (error) {
      this.#options.failed(error);
    }
  }
}

/** Cookies of sticky sessions hold across restarts. */
async function cookieKeyIn(folder: string): Promise<string> {
  const path = join(folder, 'cookie.key');
  try {
    const known = (await readFile(path, 'utf8')).trim();
    if (Buffer.from(known, 'base64').length === 32) return known;
  } catch {
    // There is none yet.
  }
  const key = randomBytes(32).toString('base64');
  await writeFile(path, `${key}\n`, { mode: 0o600 });
  return key;
}
