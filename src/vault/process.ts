/** The vault process: it alone holds key material, speaks only over the socket it was born with, and ends with its parent. */
import { Socket } from 'node:net';
import { VaultError } from '../services/kms/ports.ts';
import { createAlgorithms } from './algorithms/index.ts';
import { operations, refusals } from './codes.ts';
import { encodeFrame, type Field, type Frame, FrameReader, FrameWriter } from './frames.ts';
import { Hierarchy } from './hierarchy.ts';
import { keyFile } from './seal-providers/key-file.ts';
import { memoryKey } from './seal-providers/memory.ts';
import { type ClusterPlace, Tokens } from './tokens.ts';
import { Vault } from './vault.ts';

/** What the first call, `open`, says. Paths only: no secret travels in it. */
export interface OpenOptions {
  readonly folder?: string;
  readonly keyFile?: string;
  /** CloudHSM clusters of the configuration, by their ids. */
  readonly tokens?: Readonly<Record<string, ClusterPlace>>;
}

const reader = new FrameReader();
/** All reads land here, and are wiped here: buffers of the runtime's own would keep what once lay in them. */
const incoming = Buffer.alloc(64 * 1024);
const socket = new Socket({
  fd: 3,
  readable: true,
  writable: true,
  onread: {
    buffer: incoming,
    callback(size) {
      hear(incoming.subarray(0, size));
      return true;
    },
  },
});
const writer = new FrameWriter(socket);
const algorithms = createAlgorithms();
let hierarchy: Hierarchy | undefined;
let vault: Vault | undefined;
let tokens: Tokens | undefined;

async function open(options: OpenOptions): Promise<void> {
  if (vault) return;
  hierarchy = await Hierarchy.open({
    folder: options.folder,
    provider: options.keyFile === undefined ? memoryKey() : keyFile(options.keyFile),
    anchorPath: options.keyFile === undefined ? undefined : `${options.keyFile}.anchor`,
    now: Date.now,
  });
  tokens = new Tokens(options.tokens);
  vault = new Vault(hierarchy, algorithms, tokens);
}

/** Forgets everything: keys, threads that worked with them, and what past calls left for the collector. */
async function seal(): Promise<void> {
  hierarchy?.wipe();
  hierarchy = undefined;
  vault = undefined;
  tokens?.close();
  tokens = undefined;
  await algorithms.close();
  // What is freed is overwritten (see the client): key objects of past calls hold material until they are collected.
  globalThis.gc?.();
}

function status(): Buffer {
  return Buffer.from(JSON.stringify({ isSealed: hierarchy === undefined, ...hierarchy?.status, pid: process.pid }));
}

function perform({ code, fields }: Frame): readonly Field[] | Promise<readonly Field[]> {
  const operation = operations[code];
  switch (operation) {
    case 'open':
      return open(JSON.parse((fields[0] ?? Buffer.from('{}')).toString()) as OpenOptions).then(() => []);
    case 'seal':
      return seal().then(() => []);
    case 'status':
      return [status()];
    case undefined:
      throw new VaultError('unsupported', 'The vault knows no such call.');
    default:
      if (!vault) throw new VaultError('sealed', 'The vault is sealed.');
      return vault.perform(operation, fields);
  }
}

function answer({ id, fields }: Frame, answered: readonly Field[]): void {
  writer.send(encodeFrame(id, 0, answered));
  for (const field of fields) field.fill(0);
  for (const field of answered) if (typeof field !== 'string') field.fill(0);
}

/** Messages of our own errors hold no secret; those of others are not told. */
function refuse({ id, fields }: Frame, error: unknown): void {
  for (const field of fields) field.fill(0);
  const known = error instanceof VaultError ? error : new VaultError('unavailable', messageOf(error));
  writer.send(encodeFrame(id, refusals.indexOf(known.code) + 1, [known.message]));
}

function messageOf(error: unknown): string {
  // Only opening speaks of files and modes, which the operator must read.
  return hierarchy === undefined && error instanceof Error ? error.message : 'The vault failed.';
}

function take(frame: Frame): void {
  try {
    const answered = perform(frame);
    if (!(answered instanceof Promise)) answer(frame, answered);
    else
      answered.then(
        (fields) => answer(frame, fields),
        (error) => refuse(frame, error),
      );
  } catch (error) {
    refuse(frame, error);
  }
}

function end(): void {
  hierarchy?.wipe();
  process.exit(0);
}

function hear(bytes: Buffer): void {
  try {
    for (const frame of reader.push(bytes)) take(frame);
  } catch {
    end();
  }
  bytes.fill(0);
}

// The parent is gone: nothing may outlive it.
socket.on('end', end);
socket.on('close', end);
socket.on('error', end);
process.on('SIGTERM', end);
// The terminal's interrupt is the parent's business: it ends this process by closing the socket.
process.on('SIGINT', () => undefined);
