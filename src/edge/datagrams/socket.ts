/** UDP sockets for addresses: nothing is ever looked up by name. */
import { createSocket, type Socket, type SocketOptions } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** Bytes that may wait in this process for a socket that the system takes no more of; the rest is dropped. */
const mostWaiting = 1024 * 1024;

export function socketFor(address: string, options: Pick<SocketOptions, 'reusePort' | 'recvBufferSize'> = {}): Socket {
  const type = isIPv6(address) ? 'udp6' : 'udp4';
  return createSocket({
    ...options,
    type,
    lookup: (name, _options, found) => found(null, name, type === 'udp6' ? 6 : 4),
  });
}

export const isFull = (socket: Socket): boolean => socket.getSendQueueSize() > mostWaiting;
