/** The DNS listener: UDP and TCP on one port, with authority over the zones of the snapshot and nothing else. */
import { createSocket, type RemoteInfo, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { type Answer, type DecodedPacket, decode, encode } from 'dns-packet';
import type { DnsZoneSettings } from '../snapshot.ts';
import { AUTHORITATIVE, answer, type Reply, TRUNCATED } from './answer.ts';
import { ResponseRates } from './response-rates.ts';
import { Zones } from './zones.ts';

/** What a UDP answer may weigh without EDNS, and at most with it (RFC 9715 advises 1232). */
const plainSize = 512;
const largestUdp = 1_232;
/** What the two bytes before an answer by TCP can say. */
const largestTcp = 65_535;
/** Bytes of a question. */
const largestQuery = 4_096;
const FORMERR = 1;
/** RFC 6891, 6.1.3: 16, whose upper bits are in the option. */
const BADVERS = 1;
const tcpIdleMs = 10_000;
const mostConnections = 1_000;
const questionsPerConnection = 100;

export interface DnsOptions {
  readonly host: string;
  readonly port: number;
  readonly reusesPort: boolean;
  readonly random: () => number;
}

export class DnsListener {
  readonly #options: DnsOptions;
  readonly #rates = new ResponseRates();
  #zones = new Zones([]);
  #udp: UdpSocket | undefined;
  #tcp: Server | undefined;

  constructor(options: DnsOptions) {
    this.#options = options;
  }

  /** From now on these zones are answered. */
  use(zones: readonly DnsZoneSettings[]): void {
    this.#zones = new Zones(zones);
  }

  /** Resolves with the port when both listen. */
  async open(): Promise<number> {
    const { host, port, reusesPort } = this.#options;
    const tcp = createServer((socket) => this.#serve(socket));
    tcp.maxConnections = mostConnections;
    this.#tcp = tcp;
    await new Promise<void>((resolve, reject) => {
      tcp.once('error', reject);
      tcp.listen({ host, port, reusePort: reusesPort }, resolve);
    });
    const address = tcp.address();
    const bound = typeof address === 'object' && address ? address.port : port;
    const udp = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4', reusePort: reusesPort });
    this.#udp = udp;
    udp.on('message', (bytes, from) => this.#heard(bytes, from));
    await new Promise<void>((resolve, reject) => {
      udp.once('error', reject);
      udp.bind(bound, host, () => resolve());
    });
    udp.on('error', () => undefined);
    tcp.on('error', () => undefined);
    return bound;
  }

  async close(): Promise<void> {
    const [udp, tcp] = [this.#udp, this.#tcp];
    this.#udp = undefined;
    this.#tcp = undefined;
    if (udp) await new Promise<void>((resolve) => udp.close(() => resolve()));
    if (tcp) await new Promise<void>((resolve) => tcp.close(() => resolve()));
  }

  #heard(bytes: Buffer, from: RemoteInfo): void {
    const query = read(bytes);
    if (!query) return;
    const decision = this.#rates.take(from.address, performance.now());
    if (decision === 'drop') return;
    const reply = decision === 'slip' ? truncated(emptied(query)) : this.#reply(query);
    const size = Math.min(Math.max(sizeOf(query), plainSize), largestUdp);
    this.#udp?.send(within(size, reply), from.port, from.address, () => undefined);
  }

  #serve(socket: Socket): void {
    let waiting = Buffer.alloc(0);
    let asked = 0;
    const work = (): void => {
      // Who asks without reading waits: answers must not pile up here.
      while (waiting.length >= 2 && !socket.writableNeedDrain) {
        const length = waiting.readUInt16BE();
        if (length > largestQuery || asked >= questionsPerConnection) {
          socket.destroy();
          return;
        }
        if (waiting.length < length + 2) break;
        const query = read(waiting.subarray(2, length + 2));
        waiting = waiting.subarray(length + 2);
        asked += 1;
        if (!query) {
          socket.destroy();
          return;
        }
        const body = within(largestTcp, this.#reply(query));
        const head = Buffer.alloc(2);
        head.writeUInt16BE(body.length);
        socket.write(Buffer.concat([head, body]));
      }
      if (socket.writableNeedDrain) socket.pause();
      else socket.resume();
    };
    socket.setTimeout(tcpIdleMs, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('drain', work);
    socket.on('data', (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      work();
    });
  }

  #reply(query: DecodedPacket): Reply {
    const [option, ...more] = (query.additionals ?? []).filter((one) => one.type === 'OPT');
    if (!option) return answer(this.#zones, query, this.#options.random);
    if (more.length > 0) return { ...emptied(query), flags: FORMERR };
    const isKnown = option.ednsVersion === 0;
    const reply = isKnown ? answer(this.#zones, query, this.#options.random) : { ...emptied(query), flags: 0 };
    return { ...reply, additionals: [...(reply.additionals ?? []), optOf(isKnown ? 0 : BADVERS)] };
  }
}

/** What is too long says so, and nothing else. */
function within(size: number, reply: Reply): Buffer {
  const whole = encode(reply);
  return whole.length > size ? encode(truncated(reply)) : whole;
}
/** @param extended the upper bits of the response code */
const optOf = (extended: number): Answer => ({
  type: 'OPT',
  name: '.',
  udpPayloadSize: largestUdp,
  extendedRcode: extended,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
});

/** Only questions; whatever else comes is not answered. */
function read(bytes: Buffer): DecodedPacket | undefined {
  if (bytes.length < 12 || bytes.length > largestQuery) return undefined;
  // Names may point at names before them, and a crooked one round and round: questions need no pointers at all.
  if (hasPointer(bytes)) return undefined;
  try {
    const query = decode(bytes);
    return query.type === 'query' ? query : undefined;
  } catch {
    return undefined;
  }
}

function hasPointer(bytes: Buffer): boolean {
  const questions = bytes.readUInt16BE(4);
  let at = 12;
  for (let left = Math.min(questions, 2); left > 0; left -= 1) {
    for (;;) {
      const length = bytes[at];
      if (length === undefined || length > 63) return true;
      at += length + 1;
      if (length === 0) break;
    }
    at += 4;
  }
  return false;
}

const sizeOf = (query: DecodedPacket): number => {
  const option = query.additionals?.find(({ type }) => type === 'OPT');
  return option && 'udpPayloadSize' in option ? option.udpPayloadSize : plainSize;
};

const emptied = (query: DecodedPacket): Reply => ({
  type: 'response',
  id: query.id,
  flags: AUTHORITATIVE,
  questions: query.questions ?? [],
  answers: [],
});

const truncated = ({ additionals, ...reply }: Reply): Reply => ({
  ...reply,
  flags: (reply.flags ?? 0) | TRUNCATED,
  answers: [],
  authorities: [],
  // Addresses of name servers go with what they are for.
  ...(additionals && { additionals: additionals.filter(({ type }) => type === 'OPT') }),
});
