/** The vault process: it alone holds key material, speaks only over the socket it was born with, and ends with its parent. */
import { Socket } from 'node:net';
import { VaultError } from '../services/kms/ports.ts';
import { operations, refusals } from './codes.ts';
import { encodeFrame, type Field, type Frame, FrameReader, FrameWriter } from './frames.ts';
import { Lifecycle, type OpenOptions } from './lifecycle.ts';

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
const lifecycle = new Lifecycle();
let heardAt = performance.now();

function perform({ code, fields }: Frame): readonly Field[] | Promise<readonly Field[]> {
  const operation = operations[code];
  switch (operation) {
    case 'open':
      return lifecycle.open(JSON.parse((fields[0] ?? Buffer.from('{}')).toString()) as OpenOptions).then(status);
    case 'unseal':
      return lifecycle.give(fields[0] ?? Buffer.alloc(0)).then(status);
    case 'initialize':
      return lifecycle.initialize(fields[0]?.[0] ?? 0, fields[1]?.[0] ?? 0, fields[2] ?? Buffer.alloc(0));
    case 'seal':
      return lifecycle.seal().then(status);
    case 'status':
      return status();
    case 'archive':
      lifecycle.archive((fields[0] ?? Buffer.from('{}')).toString());
      return [];
    case undefined:
      throw new VaultError('unsupported', 'The vault knows no such call.');
    default:
      return lifecycle.vault.perform(operation, fields);
  }
}

const status = (): readonly Field[] => [JSON.stringify(lifecycle.status)];

function answer({ id, fields }: Frame, answered: readonly Field[]): void {
  writer.send(encodeFrame(id, 0, answered));
  for (const field of fields) field.fill(0);
  for (const field of answered) if (typeof field !== 'string') field.fill(0);
}

/** Messages of our own errors hold no secret; those of others are not told. */
function refuse({ id, code, fields }: Frame, error: unknown): void {
  for (const field of fields) field.fill(0);
  const known = error instanceof VaultError ? error : new VaultError('unavailable', messageOf(code, error));
  writer.send(encodeFrame(id, refusals.indexOf(known.code) + 1, [known.message]));
}

/** Those that speak of files and modes, which the operator must read, and never of what a call brought. */
const spoken: readonly (string | undefined)[] = ['open', 'unseal', 'initialize', 'archive', 'rotateRootKey'];

function messageOf(code: number, error: unknown): string {
  return spoken.includes(operations[code]) && error instanceof Error ? error.message : 'The vault failed.';
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
  lifecycle.forget();
  process.exit(0);
}

function hear(bytes: Buffer): void {
  heardAt = performance.now();
  try {
    for (const frame of reader.push(bytes)) take(frame);
  } catch {
    end();
  }
  bytes.fill(0);
}

setInterval(() => {
  // After what may still wait to be read: this process may have been the one that slept.
  setImmediate(() => {
    if (!lifecycle.isSealed && performance.now() - heardAt > lifecycle.silenceMs) void lifecycle.seal();
  });
}, 1000).unref();

// The parent is gone: nothing may outlive it.
socket.on('end', end);
socket.on('close', end);
socket.on('error', end);
process.on('SIGTERM', end);
// The terminal's interrupt is the parent's business: it ends this process by closing the socket.
process.on('SIGINT', () => undefined);
