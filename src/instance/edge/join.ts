/**
 * An edge node on another machine than the instance's: joins with a token, keeps the certificate that it is given, and
 * then passes on what the control plane says to the processes here, and what they say to the control plane.
 */
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { encodeFrame, FrameReader, fromControl, fromEdge } from '../../edge/control/frames.ts';
import type { FromControl } from '../../edge/control/messages.ts';
import { writeDurably } from '../../store/durable-file.ts';
import { reachableAt } from './addresses.ts';
import { asHere } from './here.ts';
import { Hub } from './hub.ts';
import { doorName, type JoinToken, parseJoinToken } from './join-token.ts';
import type { NodePlace } from './node-place.ts';
import { Processes } from './processes.ts';

export interface JoinOptions {
  /** Where key, certificate, socket and logs of this node lie. */
  readonly folder: string;
  /** Undefined: this node has joined before. */
  readonly token?: string;
  /** Where listeners are served here. */
  readonly bindAddress: string;
  /** Where clients reach it, if not where it listens. */
  readonly advertised?: readonly string[];
  /** With a token: the availability zone that it is in, or the edge location that it is; everywhere by default. */
  readonly place?: NodePlace;
  readonly processes?: number;
}

export interface JoinedNode {
  readonly id: string;
  close(): Promise<void>;
}

/** What a node keeps; the key is nowhere else. */
interface Membership extends Pick<JoinToken, 'host' | 'port' | 'root'> {
  readonly id: string;
  /** PEM. */
  readonly key: string;
  readonly certificate: string;
}

const membershipFile = 'node.json';
const firstPauseMs = 100;
const longestPauseMs = 5_000;
const joinPatienceMs = 15_000;
const graceMs = 5_000;
const hereEveryMs = 5_000;

/** Resolves when the node has joined and looks for its control plane. Rejects with an Error that says what to do. */
export async function joinEdge(options: JoinOptions): Promise<JoinedNode> {
  const { folder, token, place, advertised = [] } = options;
  if (token === undefined && place) {
    throw new Error('A node is given its place when it joins: remove it, and join anew with a token.');
  }
  const wrong = advertised.find((one) => isIP(one) === 0);
  if (wrong !== undefined) throw new Error(`${wrong} is no IP address: clients are told addresses of nodes by DNS.`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, membershipFile);
  let membership: Membership;
  if (token !== undefined) membership = await enrol(parseJoinToken(token), place, file);
  else if (existsSync(file)) membership = JSON.parse(readFileSync(file, 'utf8')) as Membership;
  else throw new Error(`${folder} holds no edge node: join with a token of \`bailey edge token\`.`);
  const node = new RemoteNode(options, membership);
  await node.open();
  return node;
}

async function enrol(token: JoinToken, place: NodePlace | undefined, file: string): Promise<Membership> {
  const { key, publicKey } = newKey();
  const { host, port, root } = token;
  const { id, certificate } = await new Promise<{ id: string; certificate: string }>((resolve, reject) => {
    const socket = connect({ host, port, ca: root, servername: doorName, minVersion: 'TLSv1.3' }, () =>
      socket.write(encodeFrame({ type: 'join', secret: token.secret, publicKey, ...(place && { place }) })),
    );
    const reader = new FrameReader(fromEdge);
    const refused = new Error('The control plane did not take the token: it is used, too old, or of another instance.');
    socket.setTimeout(joinPatienceMs, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      const [answer] = reader.push(chunk) as { id: string; certificate: string; problem?: string }[];
      if (answer?.problem !== undefined) reject(new Error(answer.problem));
      else if (answer) resolve(answer);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(refused));
  });
  const membership = { host, port, root, id, key, certificate };
  writeDurably(file, Buffer.from(JSON.stringify(membership)));
  return membership;
}

function newKey(): { key: string; publicKey: string } {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    key: String(pair.privateKey.export({ format: 'pem', type: 'pkcs8' })),
    publicKey: pair.publicKey.export({ format: 'der', type: 'spki' }).toString('base64'),
  };
}

class RemoteNode implements JoinedNode {
  readonly #options: JoinOptions;
  readonly #hub: Hub;
  readonly #processes: Processes;
  #membership: Membership;
  /** Of a certificate that has been asked for. */
  #nextKey: string | undefined;
  #socket: TLSSocket | undefined;
  #pauseMs = firstPauseMs;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  #here: NodeJS.Timeout | undefined;

  constructor(options: JoinOptions, membership: Membership) {
    this.#options = options;
    this.#membership = membership;
    const { folder, processes = availableParallelism() } = options;
    this.#hub = new Hub({
      folder,
      reported: (report, from) => {
        if (report.rates.length > 0) this.#hub.tell({ type: 'rates', rates: report.rates }, from);
        this.#socket?.write(encodeFrame({ type: 'report', report }));
      },
      joined: () => undefined,
      left: () => undefined,
    });
    this.#processes = new Processes({ folder, count: processes, connected: () => this.#hub.slots });
  }

  get id(): string {
    return this.#membership.id;
  }

  async open(): Promise<void> {
    await this.#hub.open();
    if (this.#processes.areLeft) this.#processes.start();
    this.#dial();
    this.#here = setInterval(() => this.#sayHere(), hereEveryMs);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    clearInterval(this.#here);
    this.#socket?.destroy();
    this.#processes.stop();
    await this.#hub.close(graceMs);
    this.#processes.end();
  }

  #dial(): void {
    const { host, port, root, key, certificate } = this.#membership;
    const socket = connect({
      host,
      port,
      ca: root,
      servername: doorName,
      minVersion: 'TLSv1.3',
      key,
      cert: certificate,
    });
    const reader = new FrameReader(fromControl);
    socket.once('secureConnect', () => {
      this.#socket = socket;
      this.#sayHere();
      this.#renewIfDue();
    });
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const message of reader.push(chunk)) this.#hear(message as FromControl);
        this.#pauseMs = firstPauseMs;
      } catch {
        socket.destroy();
      }
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#socket = undefined;
      if (this.#isClosed) return;
      this.#timer = setTimeout(() => this.#dial(), this.#pauseMs);
      this.#pauseMs = Math.min(longestPauseMs, this.#pauseMs * 2);
    });
  }

  #hear(message: FromControl): void {
    switch (message.type) {
      case 'snapshot':
        this.#hub.publish(asHere(message.snapshot, this.#options));
        this.#processes.start();
        return;
      case 'rates':
        this.#hub.tell(message);
        return;
      case 'renewed':
        this.#renewed(message.certificate);
        return;
      case 'shutdown':
        // The instance ends, but its nodes elsewhere carry on with what they have.
        return;
    }
  }

  #sayHere(): void {
    const { bindAddress, advertised } = this.#options;
    this.#socket?.write(encodeFrame({ type: 'here', addresses: advertised ?? reachableAt(bindAddress) }));
  }

  #renewIfDue(): void {
    const { validFrom, validTo } = new X509Certificate(this.#membership.certificate);
    const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
    if (Date.now() < from + ((to - from) * 2) / 3) return;
    const { key, publicKey } = newKey();
    this.#nextKey = key;
    this.#socket?.write(encodeFrame({ type: 'renew', publicKey }));
  }

  #renewed(certificate: string): void {
    const key = this.#nextKey;
    if (key === undefined) return;
    this.#nextKey = undefined;
    this.#membership = { ...this.#membership, key, certificate };
    writeDurably(join(this.#options.folder, membershipFile), Buffer.from(JSON.stringify(this.#membership)));
  }
}
