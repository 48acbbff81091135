/** An aws CLI whose Python stays loaded between commands (warm.py), as starting it costs more than what it does. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command, endGroup, type Outcome, plainEnvironment } from '../command.ts';

interface WarmCommand {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly input?: string | Uint8Array;
}

export interface WarmCli {
  run(command: WarmCommand): Promise<Outcome>;
  end(): void;
}

/** The Python that a script names in its first line, behind pyenv too; undefined for programs that are no scripts. */
async function pythonOf(program: string): Promise<string | undefined> {
  const file = await open(program);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
  await file.close();
  const start = buffer.toString('latin1', 0, bytesRead);
  const first = /^#!\s*(\S+)/.exec(start)?.[1];
  if (first === undefined) return undefined;
  if (/python[\d.]*$/.test(first)) return first;
  if (!start.includes('pyenv')) return undefined;
  const { code, stdout } = await command('pyenv', ['which', basename(program)], { seconds: 20 });
  const behind = stdout.trim();
  return code === 0 && behind !== program ? pythonOf(behind) : undefined;
}

export async function warmCli(program: string, home: string): Promise<WarmCli | undefined> {
  const python = await pythonOf(program);
  if (python === undefined) return undefined;
  const script = fileURLToPath(new URL('warm.py', import.meta.url));
  const child = spawn(python, [script], { detached: true, env: plainEnvironment(home), cwd: home });
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const folder = join(home, '.warm');
  await mkdir(folder);
  return {
    async run({ args, env, cwd, input }) {
      const [out, err, given] = ['out', 'err', 'in'].map((name) => join(folder, name)) as [string, string, string];
      for (const path of [out, err]) await rm(path, { force: true });
      await writeFile(given, input ?? '');
      const code = await ask(child, exited, { args, env, cwd, input: given, out, err });
      const read = (path: string) => readFile(path, 'utf8').catch(() => '');
      return { code, stdout: await read(out), stderr: await read(err) };
    },
    end: () => endGroup(child),
  };
}

/** The exit code; 124 after a minute, when everything that was started is ended. */
async function ask(child: ChildProcessWithoutNullStreams, exited: Promise<void>, request: object): Promise<number> {
  const answer = new Promise<number>((resolve) => {
    child.stdout.once('data', (text) => resolve(Number.parseInt(String(text), 10)));
  });
  child.stdin.on('error', () => undefined);
  child.stdin.write(`${JSON.stringify(request)}\n`);
  const late = setTimeout(() => endGroup(child), 60_000);
  const code = await Promise.race([answer, exited.then(() => 124)]);
  clearTimeout(late);
  child.stdin.removeAllListeners('error');
  return code;
}
