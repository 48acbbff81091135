/** The header of PROXY protocol version 2 that tells a target who its client is (haproxy.org, "The PROXY protocol"). */
import { isIPv4, SocketAddress } from 'node:net';
import type { Connection } from '../listeners/gate.ts';

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

export function proxyHeader({ socket, client }: Pick<Connection, 'socket' | 'client'>): Buffer {
  const { localAddress = '', localPort = 0, remotePort = 0 } = socket;
  const source = bytesOf(client);
  const destination = bytesOf(localAddress.replace(/^::ffff:/, ''));
  const isFour = source.length === 4 && destination.length === 4;
  const addresses = isFour ? [source, destination] : [asSix(source), asSix(destination)];
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(remotePort, 0);
  ports.writeUInt16BE(localPort, 2);
  const block = Buffer.concat([...addresses, ports]);
  const head = Buffer.from([0x21, isFour ? 0x11 : 0x21, block.length >> 8, block.length & 0xff]);
  return Buffer.concat([signature, head, block]);
}

function bytesOf(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = new SocketAddress({ address, family: 'ipv6' }).address.split('::');
  const front = head.split(':').filter(Boolean);
  const back = (tail ?? '').split(':').filter(Boolean);
  const groups = [...front, ...new Array<string>(8 - front.length - back.length).fill('0'), ...back];
  return Buffer.concat(groups.map((group) => Buffer.from(group.padStart(4, '0'), 'hex')));
}

function asSix(bytes: Buffer): Buffer {
  return bytes.length === 16 ? bytes : Buffer.concat([Buffer.alloc(10), Buffer.from([0xff, 0xff]), bytes]);
}
