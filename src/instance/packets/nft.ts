/** The kernel's packet filter, by the `nft` command: loads rulesets, reads the flows that they counted. */
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);
/** Bytes of what `nft` lists: all sets of flows together have less when they are full. */
const MOST = 128 * 1024 * 1024;
const timeout = 20_000;

export interface Flow {
  readonly source: string;
  readonly destination: string;
  /** Name (`tcp`) or number, as nft says it. */
  readonly protocol: string;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly packets: number;
  readonly bytes: number;
}

export class Nft {
  readonly #command: readonly string[];

  /** @param namespace in which packets are forwarded; undefined: where this process is */
  constructor(namespace?: string) {
    this.#command = namespace === undefined ? ['nft'] : ['ip', 'netns', 'exec', namespace, 'nft'];
  }

  /** Why it cannot be used here; undefined where it can. */
  async problem(): Promise<string | undefined> {
    if (process.getuid?.() !== 0) return 'packets are filtered by root only';
    try {
      await this.#run(['list', 'tables']);
      return undefined;
    } catch (error) {
      return `nft does not run: ${(error as Error).message.trim().split('\n').at(-1)}`;
    }
  }

  /** All of the text, or nothing. */
  load(text: string): Promise<void> {
    const [program = '', ...args] = this.#command;
    return new Promise((resolve, reject) => {
      const child = spawn(program, [...args, '-f', '-'], { stdio: ['pipe', 'ignore', 'pipe'], timeout });
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => {
        said = `${said}${chunk}`.slice(0, 2_000);
      });
      child.on('error', reject);
      child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`nft refused the ruleset: ${said}`))));
      child.stdin.on('error', () => undefined);
      child.stdin.end(text);
    });
  }

  /** Settings of the kernel, in the namespace of the filter. */
  async set(values: Readonly<Record<string, string>>): Promise<void> {
    const [program = '', ...args] = [...this.#command.slice(0, -1), 'sysctl'];
    const settings = Object.entries(values).map(([key, value]) => `${key}=${value}`);
    await execute(program, [...args, '-qw', ...settings], { timeout });
  }

  /** Names of the tables that there are. */
  async tables(): Promise<ReadonlySet<string>> {
    const listed = await this.#json(['list', 'tables', 'inet']);
    return new Set(listed.flatMap(({ table }) => table?.name ?? []));
  }

  /** The flows of every set of a table, by the set's name: one question, since each costs a process. */
  async flows(table: string): Promise<ReadonlyMap<string, readonly Flow[]>> {
    const listed = await this.#json(['list', 'table', 'inet', table]);
    return new Map(listed.flatMap(({ set }) => (set?.elem ? [[set.name, set.elem.flatMap(flowOf)] as const] : [])));
  }

  async #json(args: readonly string[]): Promise<readonly Listed[]> {
    const text = await this.#run(['-j', ...args]);
    return (JSON.parse(text) as { nftables: Listed[] }).nftables;
  }

  async #run(args: readonly string[]): Promise<string> {
    const [program = '', ...before] = this.#command;
    const { stdout } = await execute(program, [...before, ...args], { maxBuffer: MOST, timeout });
    return stdout;
  }
}

interface Listed {
  readonly table?: { readonly name: string };
  readonly set?: { readonly name: string; readonly elem?: readonly (Element | string)[] };
}

type Element = {
  readonly elem?: {
    readonly val?: { readonly concat?: readonly (string | number)[] };
    readonly counter?: { readonly packets: number; readonly bytes: number };
  };
};

/** Sets of addresses have elements of another kind. */
function flowOf(element: Element | string): Flow | [] {
  const { val, counter } = (typeof element === 'object' && element.elem) || {};
  const [source, destination, protocol, from, to] = val?.concat ?? [];
  if (typeof source !== 'string' || typeof destination !== 'string' || protocol === undefined || !counter) return [];
  return {
    source,
    destination,
    protocol: String(protocol),
    ...(from !== undefined && { sourcePort: portOf(from) }),
    ...(to !== undefined && { destinationPort: portOf(to) }),
    packets: counter.packets,
    bytes: counter.bytes,
  };
}

const portOf = (value: string | number): number => Number(value);
