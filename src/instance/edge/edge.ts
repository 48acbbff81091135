/**
 * The control side of the edge: composes snapshots when something changes that they hold, starts processes with the
 * first listener, and hands on what they report.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Report } from '../../edge/reports/reports.ts';
import { defaultLimits, type EdgeLimits, type NodeSettings, type Snapshot } from '../../edge/snapshot.ts';
import type { ChangedRow } from '../../store/store.ts';
import { compose, type EdgeSources, isNeeded } from './compose.ts';
import { Hub } from './hub.ts';
import { fitted, type NodePlace, nameOf } from './node-place.ts';
import type { NodeAddresses } from './nodes.ts';
import { Processes } from './processes.ts';

export interface EdgeOptions {
  /** Where socket, token and pid files lie; the spilled bodies too. */
  readonly folder: string;
  readonly processes: number;
  readonly bindAddress: string;
  readonly trustedProxies: readonly string[];
  readonly targetAuthorities?: string;
  readonly placeFiles?: NodeSettings['placeFiles'];
  readonly addressLists?: NodeSettings['addressLists'];
  readonly stolenCredentials?: NodeSettings['stolenCredentials'];
  readonly filesVersion?: NodeSettings['filesVersion'];
  readonly dns?: NodeSettings['dns'];
  readonly limits?: Partial<EdgeLimits>;
  readonly sources: EdgeSources;
  readonly onCommit: (listener: (changed: readonly ChangedRow[]) => void) => () => void;
  readonly reported: (report: Report, from: string) => void;
  readonly left: (from: string) => void;
  /** Where the node is that a process belongs to. @param name as the hub knows it */
  readonly placeOf: (name: string) => NodePlace | undefined;
  readonly nodes: NodeAddresses;
  /** A node elsewhere has said where it is reached. */
  readonly reachedAt?: (from: string, addresses: unknown) => void;
  readonly failed: (error: unknown) => void;
  /** A new certificate for a node elsewhere. */
  readonly renew?: (from: string, publicKey: string) => Promise<string>;
}

/** Tables that snapshots are made of, by their service. */
const watched = /^(?:elasticloadbalancing|wafv2|shield|ec2|acm|cloudfront|route53|iam\.server-certificate)/;
/** Changes that come together are one snapshot. */
const settleMs = 5;
const graceMs = 5_000;

export class EdgeControl {
  readonly #options: EdgeOptions;
  readonly #hub: Hub;
  readonly #processes: Processes;
  #version = 0;
  #instanceId = '';
  #node: NodeSettings | undefined;
  #timer: NodeJS.Timeout | undefined;
  #composing: Promise<void> = Promise.resolve();
  #isStale = false;
  #stopListening: (() => void) | undefined;
  snapshot: Snapshot | undefined;

  constructor(options: EdgeOptions) {
    this.#options = options;
    this.#hub = new Hub({
      folder: options.folder,
      reported: (report, from) => this.#reported(report, from),
      joined: () => undefined,
      left: (from) => options.left(from),
      ...(options.reachedAt && { reachedAt: options.reachedAt }),
      ...(options.renew && { renew: options.renew }),
    });
    this.#processes = new Processes({
      folder: options.folder,
      count: options.processes,
      connected: () => this.#hub.slots,
    });
  }

  async open(): Promise<void> {
    this.#stopListening = this.#options.onCommit((changed) => {
      if (changed.some(({ table }) => watched.test(table))) this.changed();
    });
    // Those who carry on an earlier control plane's traffic hear the news, even that there is nothing left to do.
    if (this.#processes.areLeft) await this.#begin();
    await this.#compose();
  }

  /** A node elsewhere, that has shown who it is. */
  async welcome(socket: Duplex, name: string): Promise<void> {
    await this.#begin();
    if (!this.snapshot) await this.#compose();
    this.#hub.welcome(socket, name);
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
    await this.#composing;
    // Only now: what was being composed may have started them.
    this.#processes.stop();
    if (!this.#node) return;
    await this.#hub.close(graceMs);
    this.#processes.end();
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
      const parts = await compose(this.#options.sources);
      if (isNeeded(parts)) await this.#begin();
      if (!this.#node) return;
      this.#version += 1;
      this.snapshot = { version: this.#version, instanceId: this.#instanceId, node: this.#node, ...parts };
      this.#hub.publish(this.snapshot, this.#fitting(this.snapshot));
    } catch (error) {
      this.#options.failed(error);
    }
  }

  /** What each node is sent: the same for those that are in the same place. */
  #fitting(snapshot: Snapshot): (name: string) => Snapshot {
    const { placeOf, nodes } = this.#options;
    const byPlace = new Map<string, Snapshot>();
    return (name) => {
      const place = placeOf(name);
      const key = nameOf(place);
      const known = byPlace.get(key);
      if (known) return known;
      const made = fitted(snapshot, place, ({ zones }) => zones && nodes.ofZones(zones)[0]);
      byPlace.set(key, made);
      return made;
    };
  }

  /** Nothing is on the disk, and nobody runs, before there is something to carry. */
  async #begin(): Promise<void> {
    if (this.#node) return;
    const { folder, bindAddress, trustedProxies, targetAuthorities, limits, dns } = this.#options;
    const { placeFiles, addressLists, stolenCredentials, filesVersion } = this.#options;
    await this.#hub.open();
    const cookieKey = await cookieKeyIn(folder);
    this.#instanceId = createHash('sha256').update(`instance ${cookieKey}`).digest('hex').slice(0, 32);
    // Newer than whatever an earlier control plane has sent.
    this.#version = Date.now();
    this.#node = {
      bindAddress,
      trustedProxies,
      spillFolder: join(folder, 'bodies'),
      cookieKey,
      limits: { ...defaultLimits, ...limits },
      ...(targetAuthorities !== undefined && { targetAuthorities }),
      ...(placeFiles && { placeFiles }),
      ...(addressLists && { addressLists }),
      ...(stolenCredentials !== undefined && { stolenCredentials }),
      ...(filesVersion !== undefined && { filesVersion }),
      ...(dns && { dns }),
    };
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
