/**
 * The header that a proxy sends before anything else to say for whom it speaks: PROXY protocol, versions 1 and 2
 * (haproxy.org, "The PROXY protocol"). Only reads bytes; whose header counts is decided by who listens.
 */
import { isIP, SocketAddress } from 'node:net';

export interface ProxyHeader {
  /** Bytes that the header takes. */
  readonly length: number;
  /** Undefined when the proxy speaks for itself (LOCAL, UNKNOWN): its own address counts. */
  readonly source?: string;
  /** Whether the client came by TLS; version 1 cannot tell. */
  readonly secure: boolean;
}

/** Bytes of version 2's address block with its extensions; a header of TLS facts and names has some hundred. */
const longestBlock = 4096;
/** "So a 108-byte buffer is always enough to store all the line" (section 2.1). */
const longestLine = 107;

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const word = Buffer.from('PROXY ', 'latin1');

/**
 * @param bytes what has come so far on a new connection
 * @returns the header; `none` if these bytes begin something else; `more` if they are too few to tell; `malformed`
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader | 'none' | 'more' | 'malformed' {
  if (begins(bytes, signature)) return bytes.length < 16 ? 'more' : readBinary(bytes);
  if (begins(bytes, word)) return bytes.length < word.length ? 'more' : readLine(bytes);
  return 'none';
}

/** Whether the bytes, as far as they go, are those that the mark begins with. */
function begins(bytes: Buffer, mark: Buffer): boolean {
  const length = Math.min(bytes.length, mark.length);
  return bytes.compare(mark, 0, length, 0, length) === 0;
}

/** `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n` */
function readLine(bytes: Buffer): ProxyHeader | 'more' | 'malformed' {
  const end = bytes.subarray(0, longestLine).indexOf('\r\n');
  if (end < 0) return bytes.length < longestLine ? 'more' : 'malformed';
  const length = end + 2;
  const [, family, source, destination, sourcePort, destinationPort, ...rest] = bytes
    .toString('latin1', 0, end)
    .split(' ');
  if (family === 'UNKNOWN') return { length, secure: false };
  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : undefined;
  const isWhole =
    version !== undefined &&
    rest.length === 0 &&
    isIP(source ?? '') === version &&
    isIP(destination ?? '') === version &&
    isPort(sourcePort) &&
    isPort(destinationPort);
  // A zone (`fe80::1%eth0`) is an address to node, and none to policies.
  return isWhole && !source?.includes('%') ? { length, source: source as string, secure: false } : 'malformed';
}

function isPort(text: string | undefined): boolean {
  return text !== undefined && /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

/** Addresses of a family take this many bytes, ports included. */
const addressBytes = { 1: 12, 2: 36 } as const;

function readBinary(bytes: Buffer): ProxyHeader | 'more' | 'malformed' {
  const command = bytes[12] as number;
  const block = bytes.readUInt16BE(14);
  if ((command !== 0x20 && command !== 0x21) || block > longestBlock) return 'malformed';
  const length = 16 + block;
  if (bytes.length < length) return 'more';
  // LOCAL: the proxy asks on its own behalf, and what else the header holds is to be passed over.
  if (command === 0x20) return { length, secure: false };
  const kind = bytes[13] as number;
  const family = kind >> 4;
  // Sockets of the internet that carry streams: nothing else can be in front of an HTTP listener.
  if ((kind & 0x0f) !== 1 || (family !== 1 && family !== 2))
    return kind === 0 ? { length, secure: false } : 'malformed';
  const size = addressBytes[family];
  if (block < size) return 'malformed';
  const extensions = bytes.subarray(16 + size, length);
  const secure = tlsOf(extensions);
  if (secure === undefined) return 'malformed';
  const source = family === 1 ? bytes.subarray(16, 20).join('.') : addressOf(bytes.subarray(16, 32).toString('hex'));
  return { length, source, secure };
}

function addressOf(hex: string): string {
  const groups = hex.match(/.{4}/g) ?? [];
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
}

/** Type of the extension that tells of TLS between client and proxy, and its bit for "by TLS" (section 2.2.6). */
const tlsExtension = 0x20;
const byTls = 0x01;

/** Undefined when the extensions do not fill their place exactly. */
function tlsOf(extensions: Buffer): boolean | undefined {
  let secure = false;
  for (let at = 0; at < extensions.length; ) {
    if (at + 3 > extensions.length) return undefined;
    const value = extensions.subarray(at + 3, at + 3 + extensions.readUInt16BE(at + 1));
    if (at + 3 + extensions.readUInt16BE(at + 1) > extensions.length) return undefined;
    if (extensions[at] === tlsExtension) {
      // One byte of flags, four of the verification's result.
      if (value.length < 5) return undefined;
      secure = ((value[0] as number) & byTls) !== 0;
    }
    at += 3 + value.length;
  }
  return secure;
}
