/**
 * Starts edge processes and keeps their number: they are not children to be mourned but neighbours, that outlive the
 * control plane and are found again by the next one.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface ProcessesOptions {
  readonly folder: string;
  readonly count: number;
  /** Slots whose process is on the line. */
  readonly connected: () => ReadonlySet<number>;
}

/** Of Node, for each edge process. */
export const edgeFlags: readonly string[] = [
  '--disable-sigusr1',
  '--disable-warning=ExperimentalWarning',
  '--enable-experimental-regexp-engine-on-excessive-backtracks',
];

/** How long a process that should be there is waited for, before another one takes its place. */
const patienceMs = 3_000;
const lookEveryMs = 250;
/** A process that dies at once is not started again at once. */
const firstPauseMs = 250;
const longestPauseMs = 10_000;
const longestLogBytes = 10 * 1024 * 1024;

interface Slot {
  startedAt: number;
  pauseMs: number;
}

export class Processes {
  readonly #options: ProcessesOptions;
  readonly #slots = new Map<number, Slot>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ProcessesOptions) {
    this.#options = options;
  }

  /** From now on there are as many as there should be. */
  start(): void {
    if (this.#timer) return;
    this.#look();
    this.#timer = setInterval(() => this.#look(), lookEveryMs).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Whether processes of an earlier control plane run on. */
  get areLeft(): boolean {
    return this.#all().some((slot) => this.#alive(slot) !== undefined);
  }

  /** After a clean end nothing is to be found again: those who have not heard of it yet are told by signal. */
  end(): void {
    for (const slot of this.#all()) {
      const pid = this.#alive(slot);
      if (pid !== undefined) signal(pid, 'SIGTERM');
      rmSync(this.#pidFile(slot), { force: true });
    }
  }

  #all(): number[] {
    return Array.from({ length: this.#options.count }, (_, slot) => slot);
  }

  #look(): void {
    const connected = this.#options.connected();
    const now = Date.now();
    for (const slot of this.#all()) {
      const known = this.#slots.get(slot);
      if (connected.has(slot)) {
        if (known && now - known.startedAt > longestPauseMs) known.pauseMs = firstPauseMs;
        continue;
      }
      const pid = this.#alive(slot);
      if (known === undefined) {
        // One of an earlier control plane calls within a moment.
        this.#slots.set(slot, { startedAt: pid === undefined ? 0 : now, pauseMs: firstPauseMs });
        if (pid !== undefined) continue;
      }
      const { startedAt, pauseMs } = this.#slots.get(slot) as Slot;
      if (pid !== undefined && now - startedAt < patienceMs) continue;
      if (now - startedAt < pauseMs) continue;
      if (pid !== undefined) signal(pid, 'SIGKILL');
      this.#slots.set(slot, { startedAt: now, pauseMs: Math.min(longestPauseMs, pauseMs * 2) });
      this.#spawn(slot);
    }
  }

  #spawn(slot: number): void {
    const { folder } = this.#options;
    const own = fileURLToPath(import.meta.url);
    const entry = own.replace(/instance\/edge\/processes(\.[jt]s)$/, 'edge/process$1');
    const log = openLog(join(folder, 'edge.log'));
    const child = spawn(process.execPath, [...edgeFlags, entry, folder, String(slot), String(this.#options.count)], {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: '/',
      env: {},
    });
    closeSync(log);
    child.on('error', () => undefined);
    child.unref();
    if (child.pid !== undefined) writeFileSync(this.#pidFile(slot), `${child.pid}\n`, { mode: 0o600 });
  }

  #pidFile(slot: number): string {
    return join(this.#options.folder, `${slot}.pid`);
  }

  /** Its pid, if that is still an edge process of this folder. */
  #alive(slot: number): number | undefined {
    try {
      const pid = Number(readFileSync(this.#pidFile(slot), 'utf8'));
      if (!Number.isInteger(pid) || pid <= 1) return undefined;
      process.kill(pid, 0);
      return isOurs(pid, this.#options.folder) ? pid : undefined;
    } catch {
      return undefined;
    }
  }
}

/** What processes complain of: begun anew when it has grown long. */
function openLog(path: string): number {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return openSync(path, size > longestLogBytes ? 'w' : 'a', 0o600);
}

/** Pids are used again: what runs there must have been started for this folder. */
function isOurs(pid: number, folder: string): boolean {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1] ?? '';
    return !state.startsWith('Z') && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(folder);
  } catch {
    return process.platform !== 'linux';
  }
}

function signal(pid: number, by: NodeJS.Signals): void {
  try {
    process.kill(pid, by);
  } catch {
    // It has ended by itself.
  }
}
