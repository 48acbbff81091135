/** Network namespaces that a test makes for itself: a router between hosts, with nothing else on the wire. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { threadId } from 'node:worker_threads';

/** Why packets cannot be tried on this machine; undefined where they can. */
export function whyNoNamespaces(): string | undefined {
  if (process.getuid?.() !== 0) return 'not root: network namespaces and nftables need it';
  for (const program of ['ip', 'nft']) {
    try {
      execFileSync('which', [program], { stdio: 'ignore' });
    } catch {
      return `${program} is not installed (Debian: iproute2, nftables)`;
    }
  }
  const name = `bt-try-${process.pid}-${threadId}`;
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'pipe' });
    execFileSync('ip', ['netns', 'exec', name, 'nft', 'list', 'ruleset'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `no namespaces: ${(error as Error).message.split('\n')[0]}`;
  } finally {
    try {
      execFileSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
    } catch {
      // It was never made.
    }
  }
}

let made = 0;
const next = (): number => {
  made += 1;
  return made;
};

/** A router and the hosts behind it, each in a namespace of its own, each on a /24 of its own. */
export class Wires {
  /** Two files of tests may run at once in one process, and devices have names of at most 15 letters. */
  readonly #prefix = `bt${process.pid % 1_000}${threadId.toString(36)}_${next()}`;
  readonly #hosts = new Map<string, { address: string; device: string }>();
  readonly #children: ChildProcess[] = [];

  readonly #network: string;

  /** @param network the first two numbers of every address */
  constructor(network = '10.77') {
    this.#network = network;
    this.#ip('netns', 'add', this.router);
    this.#in(this.router, 'ip', 'link', 'set', 'lo', 'up');
    this.#in(this.router, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
  }

  get router(): string {
    return `${this.#prefix}r`;
  }

  namespace(host: string): string {
    return `${this.#prefix}${host}`;
  }

  /** @param subnet third number of its address: NETWORK.SUBNET.10. Returns its address and the router's device to it. */
  host(name: string, subnet: number, extra: readonly string[] = []): { address: string; device: string } {
    const space = this.namespace(name);
    const device = `v${this.#prefix.slice(2)}${name}`.slice(0, 15);
    const peer = `p${this.#prefix.slice(2)}${name}`.slice(0, 15);
    this.#ip('netns', 'add', space);
    this.#ip('link', 'add', device, 'netns', this.router, 'type', 'veth', 'peer', 'name', peer, 'netns', space);
    this.#in(this.router, 'ip', 'addr', 'add', `${this.#network}.${subnet}.1/24`, 'dev', device);
    this.#in(this.router, 'ip', 'link', 'set', device, 'up');
    this.#in(space, 'ip', 'link', 'set', 'lo', 'up');
    const address = `${this.#network}.${subnet}.10`;
    for (const one of [address, ...extra]) this.#in(space, 'ip', 'addr', 'add', `${one}/24`, 'dev', peer);
    this.#in(space, 'ip', 'link', 'set', peer, 'up');
    this.#in(space, 'ip', 'route', 'add', 'default', 'via', `${this.#network}.${subnet}.1`);
    this.#hosts.set(name, { address, device });
    return { address, device };
  }

  /** What the command prints; throws when it fails. */
  run(namespace: string, command: string, args: readonly string[], input?: string): string {
    return execFileSync('ip', ['netns', 'exec', namespace, command, ...args], {
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: 20_000,
      ...(input !== undefined && { input }),
    });
  }

  /** A program that goes on until `close`, once it has written `until`. */
  async start(namespace: string, command: string, args: readonly string[], until: string): Promise<ChildProcess> {
    const child = spawn('ip', ['netns', 'exec', namespace, command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#children.push(child);
    let seen = '';
    await new Promise<void>((resolve, reject) => {
      const hear = (chunk: Buffer) => {
        seen += chunk.toString();
        if (seen.includes(until)) resolve();
      };
      child.stdout?.on('data', hear);
      child.stderr?.on('data', hear);
      child.on('exit', () => reject(new Error(`${command} ended: ${seen}`)));
      setTimeout(() => reject(new Error(`${command} did not say ${until}: ${seen}`)), 10_000).unref();
    });
    return child;
  }

  /** Packets that a host has been sent since it was made. */
  received(host: string): number {
    const listed = this.run(this.namespace(host), 'cat', ['/proc/net/dev']);
    return Number(new RegExp(`p\\w+${host}:\\s+\\d+\\s+(\\d+)`).exec(listed)?.[1]);
  }

  /** Loads a ruleset where the packets are forwarded. */
  filter(text: string): void {
    this.run(this.router, 'nft', ['-f', '-'], text);
  }

  close(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    for (const space of [this.router, ...[...this.#hosts.keys()].map((name) => this.namespace(name))]) {
      try {
        this.#ip('netns', 'del', space);
      } catch {
        // Gone already.
      }
    }
  }

  #ip(...args: string[]): void {
    execFileSync('ip', args, { stdio: 'pipe' });
  }

  #in(namespace: string, ...command: string[]): void {
    execFileSync('ip', ['netns', 'exec', namespace, ...command], { stdio: 'pipe' });
  }
}

/** A TCP server on a port, as a program for `Wires.start`: it answers each connection with one line and ends it. */
export const tcpServer = (port: number): string =>
  `require('net').createServer(s=>s.on('error',()=>0).end('hello\\n')).listen(${port},()=>console.log('listening'))`;

/** Prints `open`, `refused` or `silent` for a TCP connection. */
export const tcpProbe = (address: string, port: number, wait = 1000): string =>
  `const s=require('net').connect(${port},'${address}');const e=t=>{console.log(t);process.exit()};` +
  `s.on('data',()=>e('open'));s.on('error',x=>e('refused '+x.code));setTimeout(()=>e('silent'),${wait})`;
