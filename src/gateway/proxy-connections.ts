/** Takes PROXY headers off new connections of trusted peers, before HTTP sees their first byte. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { type Peer, type Proxies, plainAddress } from './proxies.ts';
import { readProxyHeader } from './proxy-protocol.ts';

/** How long a trusted peer may take over its header, in milliseconds. */
const patienceMs = 30_000;

const spoken = new WeakMap<Socket, Peer>();
/** Connections that HTTP does not know yet, so that closing it would wait for them. */
const waiting = new WeakMap<object, Set<Socket>>();

/** For whom the proxy at the other end speaks on this connection; undefined without a header that says so. */
export function spokenFor(socket: Socket): Peer | undefined {
  return spoken.get(socket);
}

/** From anybody but trusted peers such a header stays what it is to HTTP: a malformed request. */
export function takeProxyHeaders(server: Server, proxies: Proxies): void {
  const unread = new Set<Socket>();
  waiting.set(server, unread);
  const listeners = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection');
  const serve = (socket: Socket): void => {
    for (const listener of listeners) listener.call(server, socket);
  };
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? '');
    if (proxies.trusts(address)) readHead(socket, address, unread, serve);
    else serve(socket);
  });
}

/** Cuts connections that have not said yet who they are. */
export function cutUnread(server: object): void {
  for (const socket of waiting.get(server) ?? []) socket.destroy();
}

function readHead(socket: Socket, address: string, unread: Set<Socket>, serve: (socket: Socket) => void): void {
  let held: Buffer = Buffer.alloc(0);
  const leave = (): void => {
    clearTimeout(timer);
    unread.delete(socket);
    socket.off('data', take).off('error', give).off('close', leave).off('end', give);
  };
  const give = (): void => {
    leave();
    socket.destroy();
  };
  const take = (chunk: Buffer): void => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const header = readProxyHeader(held);
    if (header === 'more') return;
    if (header === 'malformed') {
      give();
      return;
    }
    leave();
    socket.pause();
    if (header !== 'none') {
      held = held.subarray(header.length);
      spoken.set(socket, { address: plainAddress(header.source ?? address), secure: header.secure });
    }
    serve(socket);
    if (held.length > 0) socket.unshift(held);
    process.nextTick(() => socket.resume());
  };
  const timer = setTimeout(give, patienceMs);
  timer.unref();
  unread.add(socket);
  socket.on('data', take).on('error', give).on('close', leave).on('end', give);
}
