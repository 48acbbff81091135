/** The measuring side: the same prepared requests over a fixed number of connections, as fast as they are answered. */
import { fork } from 'node:child_process';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';

export interface Prepared {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array;
}

interface Usage {
  readonly cpuMicros: number;
  readonly lagP99Ms: number;
}

export interface Measured {
  readonly requestsPerSecond: number;
  /** Of the server's process, all threads. */
  readonly cpuMicrosPerRequest: number;
  readonly lagP99Ms: number;
}

export interface Server {
  readonly endpoint: string;
  measure(requests: readonly Prepared[], count: number): Promise<Measured>;
  stop(): Promise<void>;
}

const connections = 32;

export async function serve(kind: 'bare' | 'bailey', dataDir = ''): Promise<Server> {
  const child = fork(fileURLToPath(new URL('./server.ts', import.meta.url)), [kind, dataDir], { stdio: 'inherit' });
  const message = <T>() => new Promise<T>((resolve) => child.once('message', (value) => resolve(value as T)));
  const { endpoint } = await message<{ endpoint: string }>();
  const usage = async (word: string): Promise<Usage> => {
    const answer = message<Usage>();
    child.send(word);
    return answer;
  };
  return {
    endpoint,
    async measure(requests, count) {
      const before = await usage('begin');
      const started = performance.now();
      await drive(endpoint, requests, count);
      const seconds = (performance.now() - started) / 1000;
      const after = await usage('end');
      return {
        requestsPerSecond: count / seconds,
        cpuMicrosPerRequest: (after.cpuMicros - before.cpuMicros) / count,
        lagP99Ms: after.lagP99Ms,
      };
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.disconnect();
      await ended;
    },
  };
}

/** @param tell hears the milliseconds from sending each request to the end of its answer */
export async function drive(
  endpoint: string,
  requests: readonly Prepared[],
  count: number,
  tell?: (milliseconds: number) => void,
  lanes = connections,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: lanes });
  const { hostname, port } = new URL(endpoint);
  let next = 0;
  const one = (prepared: Prepared): Promise<void> =>
    new Promise((resolve, reject) => {
      const { method, path, headers, body } = prepared;
      const outgoing = request({ agent, hostname, port, method, path, headers }, (incoming) => {
        incoming.resume();
        incoming.on('end', () => {
          if (incoming.statusCode === 200) resolve();
          else reject(new Error(`${method} ${path} answered ${incoming.statusCode}`));
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  const worker = async (): Promise<void> => {
    while (next < count) {
      const prepared = requests[next % requests.length] as Prepared;
      next += 1;
      const started = performance.now();
      await one(prepared);
      tell?.(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: lanes }, worker));
  agent.destroy();
}
