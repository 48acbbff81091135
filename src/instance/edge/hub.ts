/**
 * The control plane's end of the links to edge processes: a socket in the data folder, a token that only its owner can
 * read, a whole snapshot to everybody, reports from everybody.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { encodeFrame, FrameReader, fromEdge, fromStranger } from '../../edge/control/frames.ts';
import { type FromControl, type FromEdge, type Hello, socketFile, tokenFile } from '../../edge/control/messages.ts';
import type { Report } from '../../edge/reports/reports.ts';
import type { Snapshot } from '../../edge/snapshot.ts';

export interface HubOptions {
  readonly folder: string;
  readonly reported: (report: Report, from: string) => void;
  readonly joined: (from: string) => void;
  readonly left: (from: string) => void;
  /** A node elsewhere has said where it is reached. */
  readonly reachedAt?: (from: string, addresses: unknown) => void;
  /** A new certificate for a node elsewhere. */
  readonly renew?: (from: string, publicKey: string) => Promise<string>;
}

interface Peer {
  readonly socket: Duplex;
  /** `0/4711`: slot and pid of a process here; `edge-…` of a node elsewhere. */
  readonly name: string;
  /** Undefined for nodes elsewhere. */
  readonly slot: number | undefined;
}

/** How long a stranger may take over its first words. */
const patienceMs = 5_000;
const mostStrangers = 64;

export class Hub {
  readonly #options: HubOptions;
  readonly #peers = new Set<Peer>();
  readonly #strangers = new Set<Socket>();
  #server: Server | undefined;
  #token = '';
  #frameFor: ((name: string) => Buffer) | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
  }

  /** The caller holds the lock of the data folder, so that a socket left behind is a dead one. */
  async open(): Promise<void> {
    const { folder } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    this.#token = await tokenIn(folder);
    const path = join(folder, socketFile);
    await rm(path, { force: true });
    const server = createServer((socket) => this.#greet(socket));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    await chmod(path, 0o600);
    this.#server = server;
  }

  get slots(): ReadonlySet<number> {
    return new Set([...this.#peers].flatMap(({ slot }) => slot ?? []));
  }

  /**
   * To everybody who is here, and to everybody who comes, until there is another.
   * @param partFor what of it is for the peer with this name; the same snapshot for those who are sent the same
   */
  publish(snapshot: Snapshot, partFor: (name: string) => Snapshot = () => snapshot): void {
    const frames = new Map<Snapshot, Buffer>();
    const frameFor = (name: string): Buffer => {
      const part = partFor(name);
      const known = frames.get(part);
      if (known) return known;
      const frame = encodeFrame({ type: 'snapshot', snapshot: part } satisfies FromControl);
      frames.set(part, frame);
      return frame;
    };
    this.#frameFor = frameFor;
    for (const { socket, name } of this.#peers) socket.write(frameFor(name));
  }

  /** @param except name of the process that said so */
  tell(message: FromControl, except?: string): void {
    if (this.#peers.size === 0) return;
    const frame = encodeFrame(message);
    for (const peer of this.#peers) if (peer.name !== except) peer.socket.write(frame);
  }

  /** @param graceMs undefined leaves the edge processes running, as the death of the control plane does */
  async close(graceMs?: number): Promise<void> {
    const server = this.#server;
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of this.#strangers) socket.destroy();
    if (graceMs === undefined) for (const { socket } of this.#peers) socket.destroy();
    else {
      this.tell({ type: 'shutdown', graceMs });
      const timer = setTimeout(() => {
        for (const { socket } of this.#peers) socket.destroy();
      }, graceMs + 2_000);
      await closed;
      clearTimeout(timer);
    }
    await closed;
    await rm(join(this.#options.folder, socketFile), { force: true });
  }

  #greet(socket: Socket): void {
    if (this.#strangers.size >= mostStrangers) {
      socket.destroy();
      return;
    }
    this.#strangers.add(socket);
    const reader = new FrameReader(fromStranger);
    const timer = setTimeout(() => socket.destroy(), patienceMs);
    let peer: Peer | undefined;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      try {
        for (const message of reader.push(chunk)) {
          if (peer) this.#hear(peer, message as FromEdge);
          else {
            peer = this.#admit(socket, message as Hello);
            clearTimeout(timer);
            reader.limits = fromEdge;
          }
        }
      } catch {
        socket.destroy();
      }
    });
    socket.on('close', () => {
      clearTimeout(timer);
      this.#strangers.delete(socket);
      if (peer) this.#leave(peer);
    });
  }

  /** Somebody who has shown elsewhere who they are, such as by a certificate. */
  welcome(socket: Duplex, name: string): void {
    const reader = new FrameReader(fromEdge);
    const peer = this.#enter({ socket, name, slot: undefined });
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const message of reader.push(chunk)) this.#hear(peer, message as FromEdge);
      } catch {
        socket.destroy();
      }
    });
    socket.on('close', () => this.#leave(peer));
  }

  /** Throws an Error for anybody who does not know the token. */
  #admit(socket: Socket, hello: Hello): Peer {
    const { token, slot, pid } = hello;
    if (hello.type !== 'hello' || !isSame(token, this.#token)) throw new Error('a stranger');
    if (!Number.isInteger(slot) || !Number.isInteger(pid)) throw new Error('a malformed greeting');
    this.#strangers.delete(socket);
    return this.#enter({ socket, name: `${slot}/${pid}`, slot });
  }

  #enter(peer: Peer): Peer {
    this.#peers.add(peer);
    if (this.#frameFor) peer.socket.write(this.#frameFor(peer.name));
    this.#options.joined(peer.name);
    return peer;
  }

  #leave(peer: Peer): void {
    if (this.#peers.delete(peer)) this.#options.left(peer.name);
  }

  #hear(peer: Peer, message: FromEdge): void {
    if (message.type === 'report') this.#options.reported(message.report, peer.name);
    else if (peer.slot !== undefined) return;
    else if (message.type === 'here') this.#options.reachedAt?.(peer.name, message.addresses);
    else if (message.type === 'renew') {
      this.#options.renew?.(peer.name, message.publicKey).then(
        (certificate) => peer.socket.write(encodeFrame({ type: 'renewed', certificate } satisfies FromControl)),
        () => undefined,
      );
    }
  }
}

/** The same for as long as there are edge processes that know it. */
async function tokenIn(folder: string): Promise<string> {
  const path = join(folder, tokenFile);
  try {
    const known = (await readFile(path, 'utf8')).trim();
    if (/^[\w-]{43}$/.test(known)) return known;
  } catch {
    // There is none yet.
  }
  const token = randomBytes(32).toString('base64url');
  await rm(path, { force: true });
  await writeFile(path, `${token}\n`, { mode: 0o600, flag: 'wx' });
  return token;
}

function isSame(given: unknown, wanted: string): boolean {
  if (typeof given !== 'string') return false;
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
