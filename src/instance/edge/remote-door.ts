/**
 * Where edge nodes of other machines come in: by TLS with certificates of this instance's own authority on both sides. A
 * node that has none yet shows the secret of a join token, once, and is given one for the key that it made itself.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { makeLeaf, validFor } from '../../certificates/authority.ts';
import { encodeFrame, FrameReader, fromStranger } from '../../edge/control/frames.ts';
import { writeDurably } from '../../store/durable-file.ts';
import { issueLeaf } from '../transport/leaf.ts';
import type { OwnAuthority } from '../transport/own-authority.ts';
import { doorName, nodeNames, printJoinToken } from './join-token.ts';
import { type NodePlace, parseNodePlace } from './node-place.ts';

export interface RemoteDoorOptions {
  readonly host: string;
  readonly port: number;
  /** How other machines reach it; the host by default. */
  readonly advertised: string;
  /** Of the edge, in the data folder. */
  readonly folder: string;
  readonly authority: () => Promise<OwnAuthority>;
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly welcome: (socket: TLSSocket, name: string) => Promise<void>;
  /** What is wrong with a place, as a sentence. */
  readonly problemOf: (place: NodePlace) => string | undefined;
  /** A node is reached elsewhere than before, or is gone for good. */
  readonly moved: () => void;
}

/** From a node without a certificate. */
interface Joining {
  readonly type: 'join';
  readonly secret: string;
  /** SubjectPublicKeyInfo, DER, base64. */
  readonly publicKey: string;
  readonly place?: unknown;
}

export interface KnownNode {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly joinedAt: number;
  /** Undefined: everywhere. */
  readonly place?: NodePlace;
  /** Where it is reached, as it has last said. */
  readonly addresses?: readonly string[];
}

const doorDays = 7;
const nodeDays = 30;
const renewEveryMs = 24 * 3_600_000;
const patienceMs = 10_000;
/** A node that says so is heard of every 5 seconds: a machine without power closes no connection. */
const silenceMs = 20_000;
const mostAddresses = 16;
const mostTokens = 100;

export class RemoteDoor {
  readonly #options: RemoteDoorOptions;
  /** SHA-256 of the secret → when it ends. Forgotten with the control plane. */
  readonly #tokens = new Map<string, number>();
  readonly #nodes = new Map<string, KnownNode>();
  readonly #open = new Map<TLSSocket, string>();
  readonly #strangers = new Set<TLSSocket>();
  #server: Server | undefined;
  #timer: NodeJS.Timeout | undefined;
  #port = 0;

  constructor(options: RemoteDoorOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const { host, port } = this.#options;
    for (const node of this.#readNodes()) this.#nodes.set(node.id, node);
    const server = createServer({ ...(await this.#context()), requestCert: true, handshakeTimeout: patienceMs });
    server.on('secureConnection', (socket) => this.#greet(socket));
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, resolve);
    });
    this.#server = server;
    this.#port = (server.address() as { port: number }).port;
    this.#timer = setInterval(() => {
      this.#context().then(
        (context) => server.setSecureContext(context),
        (error) => console.error('bailey: the certificate of the door for edge nodes could not be renewed:', error),
      );
    }, renewEveryMs).unref();
  }

  get port(): number {
    return this.#port;
  }

  /** @param hours for which it is good */
  async token(hours: number): Promise<string> {
    const { now, random, advertised, authority } = this.#options;
    for (const [hash, until] of this.#tokens) if (until <= now()) this.#tokens.delete(hash);
    if (this.#tokens.size >= mostTokens)
      throw new Error('There are too many unused join tokens: wait for some to end.');
    const secret = Buffer.from(random(32)).toString('base64url');
    this.#tokens.set(hashOf(secret), now() + hours * 3_600_000);
    const { root } = await authority();
    return printJoinToken({ host: advertised, port: this.#port, root, secret });
  }

  nodes(): readonly (KnownNode & { readonly isConnected: boolean })[] {
    const connected = new Set(this.#open.values());
    return [...this.#nodes.values()].map((node) => ({ ...node, isConnected: connected.has(node.id) }));
  }

  /** Undefined: everywhere; and nobody asks for nodes that there are not. */
  placeOf(id: string): NodePlace | undefined {
    return this.#nodes.get(id)?.place;
  }

  /** A node that is on the line says where it is reached, and that it is there. */
  reachedAt(id: string, given: unknown): void {
    const node = this.#nodes.get(id);
    if (!node || !Array.isArray(given)) return;
    for (const [socket, name] of this.#open) if (name === id) socket.setTimeout(silenceMs);
    const addresses = given.filter((one) => typeof one === 'string' && isIP(one) !== 0).slice(0, mostAddresses);
    if (addresses.join() === node.addresses?.join()) return;
    this.#nodes.set(id, { ...node, addresses });
    this.#writeNodes();
    this.#options.moved();
  }

  /** The node is sent nothing any more, and its certificate opens nothing. */
  remove(id: string): void {
    if (!this.#nodes.delete(id)) throw new Error(`There is no edge node ${id}.`);
    this.#writeNodes();
    for (const [socket, node] of this.#open) if (node === id) socket.destroy();
    this.#options.moved();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    const server = this.#server;
    if (!server) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of [...this.#strangers, ...this.#open.keys()]) socket.destroy();
    await closed;
  }

  async #context() {
    const { authority, advertised, now } = this.#options;
    const own = await authority();
    const names = [doorName, ...(isIP(advertised) === 0 ? [] : [advertised])];
    const { key, chain } = await issueLeaf(own, 'server', names, doorDays, now());
    // Nodes without a certificate may only join.
    const needsCertificate = false;
    return { key, cert: chain, ca: own.root, minVersion: 'TLSv1.3', rejectUnauthorized: needsCertificate } as const;
  }

  #greet(socket: TLSSocket): void {
    socket.on('error', () => socket.destroy());
    socket.on('timeout', () => socket.destroy());
    const id = nodeOf(socket);
    if (id !== undefined && this.#nodes.has(id)) {
      this.#open.set(socket, id);
      socket.once('close', () => this.#open.delete(socket));
      this.#options.welcome(socket, id).catch(() => socket.destroy());
      return;
    }
    if (this.#strangers.size >= 16) {
      socket.destroy();
      return;
    }
    this.#strangers.add(socket);
    const timer = setTimeout(() => socket.destroy(), patienceMs);
    socket.once('close', () => {
      clearTimeout(timer);
      this.#strangers.delete(socket);
    });
    const reader = new FrameReader(fromStranger);
    socket.on('data', (chunk: Buffer) => {
      try {
        const [message] = reader.push(chunk) as Joining[];
        if (message) this.#join(socket, message).catch(() => socket.destroy());
      } catch {
        socket.destroy();
      }
    });
  }

  /** Answers nothing to those who do not know a secret. */
  async #join(socket: TLSSocket, { type, secret, publicKey, place: given }: Joining): Promise<void> {
    const { now, random } = this.#options;
    const hash = hashOf(String(secret));
    const until = this.#tokens.get(hash);
    if (type !== 'join' || until === undefined || until <= now()) throw new Error('a stranger');
    const place = given === undefined ? undefined : parseNodePlace(given);
    const problem = place && this.#options.problemOf(place);
    // The token stays good: the operator tries again with another place.
    if (problem !== undefined) {
      socket.end(encodeFrame({ type: 'refused', problem }));
      return;
    }
    this.#tokens.delete(hash);
    const id = `edge-${Buffer.from(random(8)).toString('hex')}`;
    const certificate = await this.#certify(id, publicKey);
    this.#nodes.set(id, { id, joinedAt: now(), ...(place && { place }) });
    this.#writeNodes();
    socket.end(encodeFrame({ type: 'joined', id, certificate }));
  }

  /** For a node that is here by its old certificate. */
  async renew(id: string, publicKey: string): Promise<string> {
    if (!this.#nodes.has(id)) throw new Error(`There is no edge node ${id}.`);
    return this.#certify(id, publicKey);
  }

  async #certify(id: string, publicKey: string): Promise<string> {
    const { now, authority } = this.#options;
    const { intermediate } = await authority();
    const issuer = await intermediate();
    const names = [`${nodeNames}${id}`];
    const leaf = await makeLeaf(issuer, Buffer.from(publicKey, 'base64'), 'client', names, validFor(now(), nodeDays));
    return `${leaf.trimEnd()}\n${issuer.certificate}`;
  }

  get #file(): string {
    return join(this.#options.folder, 'nodes.json');
  }

  #readNodes(): readonly KnownNode[] {
    return existsSync(this.#file) ? (JSON.parse(readFileSync(this.#file, 'utf8')) as KnownNode[]) : [];
  }

  #writeNodes(): void {
    writeDurably(this.#file, Buffer.from(JSON.stringify([...this.#nodes.values()])));
  }
}

/** Whom the certificate names, if our authority has signed it for an edge node. */
function nodeOf(socket: TLSSocket): string | undefined {
  if (!socket.authorized) return undefined;
  const { subjectaltname = '' } = socket.getPeerCertificate();
  const [, id] = new RegExp(`^URI:${nodeNames}(edge-[0-9a-f]{16})$`).exec(subjectaltname) ?? [];
  return id;
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
