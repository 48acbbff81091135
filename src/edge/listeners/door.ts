/** Before a protocol begins: for whom a trusted proxy speaks, and what a client's TLS looks like. */
import type { Socket } from 'node:net';
import { calculateJa3, calculateJa4, readTlsClientHello } from 'read-tls-client-hello';
import { type Proxies, plainAddress } from '../../gateway/proxies.ts';
import { readProxyHeader } from '../../gateway/proxy-protocol.ts';
import type { Connection, Fingerprint } from './gate.ts';

/**
 * Takes a PROXY header off a connection from a trusted peer; from anybody else its bytes stay what they are.
 * @param go called once the header is read, or is none; what has come behind it waits in the socket, which is paused
 */
export function takeProxyHeader(connection: Connection, proxies: Proxies, go: () => void): void {
  if (!proxies.trusts(connection.address)) {
    go();
    return;
  }
  const { socket } = connection;
  let held: Buffer = Buffer.alloc(0);
  const leave = (): void => void socket.off('data', take).off('end', giveUp);
  const giveUp = (): void => {
    leave();
    socket.destroy();
  };
  const take = (chunk: Buffer): void => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const header = readProxyHeader(held);
    if (header === 'more') return;
    leave();
    if (header === 'malformed') {
      socket.destroy();
      return;
    }
    socket.pause();
    if (header !== 'none') {
      held = held.subarray(header.length);
      connection.client = plainAddress(header.source ?? connection.address);
      connection.isSecure = header.secure;
    }
    if (held.length > 0) socket.unshift(held);
    go();
  };
  socket.on('data', take).on('end', giveUp);
}

/** JA3 and JA4 of a TLS client, whose bytes stay for the handshake; undefined for what is no hello of one record. */
export async function fingerprintOf(socket: Socket): Promise<Fingerprint | undefined> {
  try {
    const hello = await readTlsClientHello(socket);
    return { ja3: calculateJa3(hello), ja4: calculateJa4(hello) };
  } catch {
    return undefined;
  }
}
