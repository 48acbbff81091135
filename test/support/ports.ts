/** Ports for what tests start. */
import { type AddressInfo, createServer } from 'node:net';

const given = new Set<number>();

/**
 * A port that is free now, and that was not given before: who asks for two, and opens neither at once, has two. The
 * system chooses among some thousands, and so chooses the same one again sooner than one thinks.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((resolve) => server.close(() => resolve()));
    if (given.has(port)) continue;
    given.add(port);
    return port;
  }
}
