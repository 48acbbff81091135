/** `/_bailey/…`: health for everybody, the test API only where it was asked for. */
import { isIP } from 'node:net';
import type { OwnRequest } from '../gateway/server.ts';
import type { HttpResponse } from '../wire/types.ts';

export interface Health {
  readonly live: boolean;
  readonly ready: boolean;
  readonly sealed: boolean;
}

export interface TestApi {
  reset(): Promise<void>;
  advance(seconds: number): Promise<void>;
}

const bodyLimit = 64 * 1024;
/** The clock goes at most ten years forward. */
const farthest = 10 * 366 * 86_400;

/**
 * @param testApi undefined where the instance was started without --test-api: its paths then do not exist.
 * @param hosts names under which this instance is reached
 * @param links what links that this instance has given away lead to
 * @returns undefined for a request that is not ours, such as one to a bucket that its host names
 */
export function ownPaths(
  health: () => Health,
  testApi: TestApi | undefined,
  hosts: readonly string[],
  links: (method: string, path: string) => Promise<HttpResponse | undefined>,
) {
  return async ({ method, path, headers, body }: OwnRequest): Promise<HttpResponse | undefined> => {
    if (path === '/_bailey/health' && (method === 'GET' || method === 'HEAD')) {
      const state = health();
      return json(state.ready ? 200 : 503, state);
    }
    if (!isOwnHost(headers.host, hosts)) return undefined;
    // Browsers may follow these: nobody knows one who was not given it.
    const linked = await links(method, path);
    if (linked) return linked;
    if (comesFromPage(headers)) return json(403, { error: 'Web pages have no business here.' });
    if (testApi && method === 'POST' && path === '/_bailey/reset') {
      await read(body);
      await testApi.reset();
      return json(200, { reset: true });
    }
    if (testApi && method === 'POST' && path === '/_bailey/clock') {
      const seconds = advance(await read(body));
      if (seconds === undefined) {
        return json(400, { error: `advanceSeconds must be a number from 0 to ${farthest}` });
      }
      await testApi.advance(seconds);
      return json(200, { advancedSeconds: seconds });
    }
    return json(404, { error: 'There is nothing under this path.' });
  };
}

/** A page whose host name was made to point here (DNS rebinding) still sends that name. */
function isOwnHost(host: string | undefined, hosts: readonly string[]): boolean {
  const name = (host ?? '').toLowerCase().replace(/:\d{1,5}$/, '');
  const bare = name.startsWith('[') && name.endsWith(']') ? name.slice(1, -1) : name;
  return isIP(bare) !== 0 || bare === 'localhost' || hosts.includes(bare);
}

/** Browsers say where a request comes from; the tools that drive an instance send none of these. */
function comesFromPage(headers: OwnRequest['headers']): boolean {
  return ['origin', 'referer', 'sec-fetch-site'].some((name) => headers[name] !== undefined);
}

function advance(text: string): number | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const seconds =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>).advanceSeconds : undefined;
  return typeof seconds === 'number' && seconds >= 0 && seconds <= farthest ? seconds : undefined;
}

async function read(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > bodyLimit) throw new RangeError('The body is too long.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function json(status: number, value: object): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: `${JSON.stringify(value)}\n` };
}
