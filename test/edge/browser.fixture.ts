/** As much of a browser as signing in needs: cookies by host, HTTPS, and redirects one by one. */
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';

export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly cookies: readonly string[];
  readonly body: string;
}

export interface Visit {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly host?: string;
  /** Of the server: 127.0.0.1 unless said otherwise. */
  readonly address?: string;
}

export class Browser {
  readonly #authorities: string;
  readonly #jars = new Map<string, Map<string, string>>();

  constructor(authorities: string) {
    this.#authorities = authorities;
  }

  /** Of a host, by name. */
  jar(host: string): Map<string, string> {
    const jar = this.#jars.get(host) ?? new Map<string, string>();
    this.#jars.set(host, jar);
    return jar;
  }

  /** Every host is on this machine. Redirects are not followed. */
  visit(url: string, { method = 'GET', headers = {}, host, address = '127.0.0.1' }: Visit = {}): Promise<Page> {
    const { hostname, port, pathname, search } = new URL(url);
    // What follows the host as it stands there: URL would tidy it up.
    const path = url.slice(url.indexOf('/', 'https://'.length)) || `${pathname}${search}`;
    const jar = this.jar(hostname);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    return new Promise((resolve, reject) => {
      const asking = request(
        {
          host: address,
          port,
          path,
          method,
          servername: hostname,
          ca: this.#authorities,
          agent: false,
          headers: { host: host ?? `${hostname}:${port}`, ...(cookie !== '' && { cookie }), ...headers },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            const cookies = answer.headers['set-cookie'] ?? [];
            for (const one of cookies) keep(jar, one);
            const body = Buffer.concat(chunks).toString();
            resolve({ url, status: answer.statusCode ?? 0, headers: answer.headers, cookies, body });
          });
        },
      );
      // What becomes of a tunnel is the test's own business.
      asking.on('upgrade', (answer, socket) => {
        socket.destroy();
        resolve({ url, status: answer.statusCode ?? 0, headers: answer.headers, cookies: [], body: '' });
      });
      asking.on('error', reject);
      asking.end();
    });
  }

  /** Until somebody answers with a page. */
  async browse(url: string, visit: Visit = {}): Promise<Page> {
    let page = await this.visit(url, visit);
    for (let hops = 0; hops < 10 && page.headers.location !== undefined; hops++) {
      page = await this.visit(new URL(page.headers.location, page.url).href);
    }
    return page;
  }
}

function keep(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split('; ');
  const equals = pair.indexOf('=');
  const expires = attributes.find((one) => one.startsWith('Expires='))?.slice('Expires='.length);
  const name = pair.slice(0, equals);
  if (expires !== undefined && Date.parse(expires) <= Date.now()) jar.delete(name);
  else jar.set(name, pair.slice(equals + 1));
}
