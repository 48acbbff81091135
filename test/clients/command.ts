/** Runs other people's programs: with an environment of our own, within bounded time, and ended with their children. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  /** After so many seconds the program is ended, and the exit code is 124. */
  readonly seconds?: number;
  readonly onLine?: (line: string) => void;
}

const running = new Set<ChildProcess>();
const mostOutput = 20_000_000;

/** What programs get to see of our environment: nothing that names credentials, regions or endpoints. */
export function plainEnvironment(home: string): Record<string, string> {
  const env: Record<string, string> = {
    HOME: home,
    LANG: 'C.UTF-8',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    PYTHONDONTWRITEBYTECODE: '1',
  };
  for (const name of ['PATH', 'PYENV_ROOT', 'PYENV_VERSION', 'TMPDIR', 'TF_PLUGIN_CACHE_DIR'])
    if (process.env[name] !== undefined) env[name] = process.env[name];
  return env;
}

export async function command(program: string, args: readonly string[], options: CommandOptions = {}) {
  // A group of its own, so that what the program starts can be ended with it.
  const child = spawn(program, args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.env && { env: options.env }),
    ...(options.cwd && { cwd: options.cwd }),
  });
  running.add(child);
  const text = { stdout: '', stderr: '' };
  let rest = '';
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8');
    child[name].on('data', (part: string) => {
      if (text[name].length < mostOutput) text[name] += part;
      if (name === 'stderr' || !options.onLine) return;
      const lines = (rest + part).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) options.onLine(line);
    });
  }
  // A program that ends without reading its input is no error of ours.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input);
  let late = false;
  const timer = setTimeout(
    () => {
      late = true;
      endGroup(child);
    },
    (options.seconds ?? 60) * 1000,
  );
  const code = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      text.stderr += error.message;
      resolve(127);
    });
    child.once('close', (status) => resolve(late ? 124 : (status ?? 125)));
  });
  clearTimeout(timer);
  running.delete(child);
  if (late) text.stderr += `\nended after ${options.seconds ?? 60} seconds`;
  const outcome: Outcome = { code, ...text };
  return outcome;
}

/** Ends a detached process and what it has started. */
export function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Ends whatever is still running. */
export function endCommands(): void {
  for (const child of running) endGroup(child);
}

/** Every program of that name on the PATH, in the PATH's order. */
export async function programs(name: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, name);
    if (folder === '' || found.includes(path)) continue;
    try {
      await access(path, constants.X_OK);
      found.push(path);
    } catch {
      // Not here.
    }
  }
  return found;
}
