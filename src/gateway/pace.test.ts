import { createServer } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { close, listen } from './server.ts';

afterEach(() => vi.useRealTimers());

it('attack: a body that drips is cut after two looks, one that flows is not', async () => {
  // A timer that other tests of this thread left running would not be the fake one.
  vi.resetModules();
  const { watchPace } = await import('./pace.ts');
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const server = createServer((incoming, outgoing) => {
    watchPace(incoming);
    incoming.resume();
    incoming.on('end', () => outgoing.end('whole'));
    incoming.on('error', () => undefined);
  });
  const port = await listen(server, '127.0.0.1', 0);
  const open = (): { send(text: string): Promise<void>; closed: Promise<boolean>; end(): void } => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    const closed = new Promise<boolean>((resolve) => socket.once('close', () => resolve(true)));
    return {
      closed,
      send: async (text) => {
        await new Promise((resolve) => socket.write(text, resolve));
        await new Promise((resolve) => setTimeout(resolve, 50));
      },
      end: () => socket.destroy(),
    };
  };
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n';
  const [dripping, flowing] = [open(), open()];
  await Promise.all([dripping.send(head), flowing.send(head)]);
  vi.advanceTimersByTime(30_000);
  await Promise.all([dripping.send('a'), flowing.send('a'.repeat(20_000))]);
  vi.advanceTimersByTime(30_000);
  const still = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 100));
  expect(await dripping.closed).toBe(true);
  expect(await Promise.race([flowing.closed, still])).toBe(false);
  flowing.end();
  await close(server, 100);
}, 60_000);
