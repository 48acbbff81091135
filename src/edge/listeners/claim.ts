/**
 * Processes of one node share their ports, and the system would share them with another node's just as well: a name that
 * only one node can hold says whose a port is. Abstract sockets of Linux: they are gone with whoever holds them.
 */
import { connect, createServer, type Server } from 'node:net';

const nameOf = (address: string, port: ClaimedPort): string => `\0bailey-edge ${address} ${port}`;
const patienceMs = 1_000;
const tries = 5;

/** `53/udp`: the same number of UDP is another port. */
export type ClaimedPort = number | `${number}/udp`;

export interface Claim {
  release(): void;
}

/** Rejects with an Error that begins with EADDRINUSE where the port is another instance's. */
export async function claimPort(address: string, port: ClaimedPort, instanceId: string): Promise<Claim> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const server = await hold(nameOf(address, port), instanceId);
    if (server) return { release: () => void server.close() };
    const holder = await ask(nameOf(address, port));
    if (holder === instanceId) return { release: () => undefined };
    if (holder !== undefined) break;
    // Whoever held it has gone in this moment.
  }
  throw new Error(`EADDRINUSE: port ${port} of ${address} is served by another instance`);
}

function hold(name: string, instanceId: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(instanceId);
    });
    server.once('error', () => resolve(undefined));
    server.listen(name, () => {
      server.unref();
      resolve(server);
    });
  });
}

function ask(name: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(name);
    socket.setTimeout(patienceMs, () => socket.destroy());
    socket.on('data', (chunk) => {
      said += chunk.toString('latin1');
      if (said.length > 256) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(said === '' ? undefined : said));
  });
}
