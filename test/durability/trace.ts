/** Runs the writer under strace and reads back every system call that changes the disk, in order. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type DiskOperation =
  | { readonly kind: 'create' | 'mkdir' | 'unlink'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly path: string; readonly size: number }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  /** A sync covers what was written before it began, from when it ended. */
  | { readonly kind: 'sync-begin' | 'sync-end'; readonly path: string; readonly thread: string }
  | { readonly kind: 'acknowledge'; readonly line: string };

const CALLS = 'openat,pwrite64,write,ftruncate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat';
export const hasStrace = spawnSync('strace', ['-V']).status === 0;

function unhex(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}

/** What a write wrote, in strace's notation. */
function dataOf(args: string): string {
  return args.slice(args.indexOf('"') + 1, args.lastIndexOf('"'));
}

/** Paths in the arguments of a call: of a descriptor (`7<…>`) or a string. */
function pathsOf(args: string): string[] {
  // Of writes only the head, for the data are long.
  const found = (args.length > 10_000 ? args.slice(0, args.indexOf('>') + 1) : args).matchAll(
    /(?:\d+<((?:\\x..)*)>|"((?:\\x..)*)")/g,
  );
  return Array.from(found, ([, descriptor, text]) => unhex(descriptor ?? text ?? '').toString());
}

/** @param dir the data folder: only what happens in it is told, as paths relative to it */
export function traceWriter(dir: string, writes: number, inFlight: number): DiskOperation[] {
  return trace(new URL('./writer.ts', import.meta.url), [dir, '0', String(writes), String(inFlight)], dir);
}

/** What a program does in a folder. */
export function trace(program: URL, args: readonly string[], dir: string): DiskOperation[] {
  const scratch = mkdtempSync(join(tmpdir(), 'bailey-strace-'));
  try {
    const log = join(scratch, 'log');
    const writer = [fileURLToPath(program), ...args];
    const strace = ['-f', '-y', '-xx', '-s', '2000000', '-o', log, '-e', `trace=${CALLS}`, process.execPath, ...writer];
    const { status, stderr } = spawnSync('strace', strace, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`the traced writer failed: ${stderr}`);
    return parse(readFileSync(log, 'latin1'), dir);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function parse(log: string, dir: string): DiskOperation[] {
  const operations: DiskOperation[] = [];
  const unfinished = new Map<string, string>();
  /** Where the next plain write to a file goes: the writer never seeks. */
  const ends = new Map<string, number>();
  for (const line of log.split('\n')) {
    const space = line.indexOf(' ');
    const thread = line.slice(0, space);
    const rest = line.slice(space).trimStart();
    const begun = rest.endsWith(' <unfinished ...>');
    if (begun) {
      const start = rest.slice(0, rest.lastIndexOf(' <'));
      unfinished.set(thread, start);
      if (/^f(data)?sync\(/.test(start)) tell(start, thread, 'begin');
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>/.exec(rest);
    const whole = resumed ? (unfinished.get(thread) ?? '') + rest.slice(resumed[0].length) : rest;
    if (/ = -1 /.test(whole.slice(-200))) continue;
    tell(whole, thread, resumed ? 'end' : 'both');
  }
  return operations;

  function relative(path: string | undefined): string | undefined {
    const living = path?.replace(/ \(deleted\)$/, '');
    return living === dir ? '.' : living?.startsWith(`${dir}/`) ? living.slice(dir.length + 1) : undefined;
  }

  function tell(whole: string, thread: string, part: 'begin' | 'end' | 'both'): void {
    const open = whole.indexOf('(');
    const call = whole.slice(0, open);
    const args = whole.slice(open + 1);
    const paths = pathsOf(args);
    if (call === 'write' && args.startsWith('1<')) {
      operations.push({ kind: 'acknowledge', line: (paths[1] ?? '').trim() });
      return;
    }
    // The folder that openat and the like start from comes first, and is not what they are about.
    const named = /at2?$/.test(call)
      ? paths.filter((path, index) => index > 0 || !args.startsWith('AT_FDCWD<') || path === '')
      : paths;
    const path = relative(named[0]);
    if (path === undefined) return;
    if (call === 'openat') {
      if (args.includes('O_CREAT')) operations.push({ kind: 'create', path });
      if (args.includes('O_TRUNC')) operations.push({ kind: 'truncate', path, size: 0 });
      if (!/O_APPEND|O_RDONLY/.test(args)) ends.set(path, 0);
    } else if (call === 'pwrite64' || call === 'write') {
      const written = Number(/ = (\d+)$/.exec(args.slice(-40))?.[1] ?? 0);
      const bytes = unhex(dataOf(args)).subarray(0, written);
      const offset = call === 'write' ? (ends.get(path) ?? 0) : Number(/, (\d+)\) += \d+$/.exec(args.slice(-60))?.[1]);
      if (call === 'write') ends.set(path, offset + written);
      operations.push({ kind: 'write', path, offset, bytes });
    } else if (call === 'ftruncate') {
      const size = Number(/, (\d+)\)/.exec(args)?.[1]);
      ends.set(path, size);
      operations.push({ kind: 'truncate', path, size });
    } else if (call.endsWith('sync')) {
      if (part !== 'end') operations.push({ kind: 'sync-begin', path, thread });
      if (part !== 'begin') operations.push({ kind: 'sync-end', path, thread });
    } else if (call.startsWith('rename')) {
      const to = relative(named[1]) ?? '';
      ends.set(to, ends.get(path) ?? 0);
      operations.push({ kind: 'rename', path, to });
    } else if (call.startsWith('unlink')) operations.push({ kind: 'unlink', path });
    else if (call.startsWith('mkdir')) operations.push({ kind: 'mkdir', path });
  }
}
