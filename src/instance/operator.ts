/** The operator's socket in the data folder: file permissions are the authentication. */
import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/** Answers a path with JSON; a thrown Error's message is shown to the operator. */
export type OperatorCommands = Readonly<Record<string, (input: Record<string, unknown>) => Promise<object>>>;

const bodyLimit = 64 * 1024;

/** Bytes of a socket's path: `sun_path` of unix(7) without its end. */
const longestPath = process.platform === 'linux' ? 107 : 103;

function socketPath(dataDir: string): string {
  return join(dataDir, 'operator.sock');
}

/** To be asked before anything is written. @throws Error that says what to do */
export function requireSocketPath(dataDir: string): void {
  const size = Buffer.byteLength(socketPath(dataDir));
  if (size <= longestPath) return;
  throw new Error(
    `The path of the data folder is too long for the socket in it (${size} bytes of ${longestPath}): choose a shorter one with --data`,
  );
}

/** Opens `operator.sock` (0600). The caller holds the data folder's lock, so a socket left behind is a dead one. */
export async function openOperatorSocket(dataDir: string, commands: OperatorCommands): Promise<Server> {
  const path = socketPath(dataDir);
  await rm(path, { force: true });
  const server = createServer((incoming, outgoing) => {
    answer(incoming, commands).then(
      (result) => outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result)),
      (error: Error) =>
        outgoing.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error: error.message })),
    );
  });
  // The umask belongs to the process: in a worker (tests) the folder's own mode alone protects the moment until chmod.
  const before = isMainThread ? process.umask(0o177) : undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  } finally {
    if (before !== undefined) process.umask(before);
  }
  await chmod(path, 0o600);
  server.unref();
  return server;
}

async function answer(incoming: IncomingMessage, commands: OperatorCommands): Promise<object> {
  const command = Object.hasOwn(commands, incoming.url ?? '') ? commands[incoming.url ?? ''] : undefined;
  if (!command || incoming.method !== 'POST') throw new Error('There is no such command.');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += (chunk as Buffer).length;
    if (size > bodyLimit) throw new Error('The command is too long.');
    chunks.push(chunk as Buffer);
  }
  const input: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
  if (typeof input !== 'object' || input === null) throw new Error('A command takes an object.');
  return command(input as Record<string, unknown>);
}
