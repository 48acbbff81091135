/** Bailey as a process of its own, driven from outside: for what only a process can show (signals, locks, exit codes). */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../bin/bailey.mjs', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

interface Ready {
  readonly endpoint: string;
  readonly accountId: string;
  readonly dataDir: string;
  readonly credentialsFile: string;
  readonly pid: number;
}

export interface Running extends Ready {
  readonly child: ChildProcess;
  /** Sends a signal and waits for the end; returns the exit code, or the signal's name. */
  end(signal: NodeJS.Signals): Promise<number | string | null>;
}

/** `bailey up --ready-json`; rejects with what it printed when it ends before it is ready. */
export async function up(args: readonly string[], env: Record<string, string> = {}): Promise<Running> {
  const child = spawn(process.execPath, [bin, 'up', '--port', '0', '--ready-json', ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.stdout.on('data', (text) => {
      output += text;
      const end = output.indexOf('\n');
      if (end >= 0) resolve(JSON.parse(output.slice(0, end)) as Ready);
    });
    child.once('exit', (code) => reject(new Error(`ended with ${code}: ${output}${errors}`)));
  });
  return {
    ...ready,
    child,
    end(signal) {
      if (child.exitCode !== null || child.signalCode !== null)
        return Promise.resolve(child.exitCode ?? child.signalCode);
      const ended = new Promise<number | string | null>((resolve) =>
        child.once('exit', (code, by) => resolve(code ?? by)),
      );
      child.kill(signal);
      return ended;
    },
  };
}

/** Any other `bailey` command. `input`: what standard input holds; nothing by default. */
export async function bailey(
  args: readonly string[],
  env: Record<string, string> = {},
  input?: string,
): Promise<{ code: number; output: string; errors: string }> {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.end(input);
  let output = '';
  let errors = '';
  child.stdout?.on('data', (text) => {
    output += text;
  });
  child.stderr?.on('data', (text) => {
    errors += text;
  });
  const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? -1)));
  return { code, output, errors };
}
