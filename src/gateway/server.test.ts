import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import type { HttpRequest } from '../wire/types.ts';
import type { Gateway } from './gateway.ts';
import { trustedProxies } from './proxies.ts';
import { close, createApiServer, listen } from './server.ts';

it('attack: headers inherit nothing, whatever they are called', async () => {
  const seen: HttpRequest[] = [];
  const gateway = {
    handle: async ({ request }: { request: HttpRequest }) => {
      seen.push(request);
      return { status: 200, headers: {}, body: '' };
    },
  } as unknown as Gateway;
  const server = createApiServer({ gateway, proxies: trustedProxies([]), ownPaths: () => undefined });
  const socket = connect(await listen(server, '127.0.0.1', 0), '127.0.0.1');
  socket.write('GET /a?b HTTP/1.1\r\nHost: a\r\n__proto__: p\r\nX: 1\r\nconstructor: c\r\nx: 2\r\n\r\n');
  await once(socket, 'data');
  socket.destroy();
  await close(server, 0);
  const [{ headers, repeated, path, query } = {} as HttpRequest] = seen;
  expect([path, query, repeated]).toEqual(['/a', 'b', ['x']]);
  expect(Object.entries(headers)).toEqual([
    ['host', 'a'],
    ['__proto__', 'p'],
    ['x', '1,2'],
    ['constructor', 'c'],
  ]);
  const names = ['toString', 'hasOwnProperty', 'valueOf', '__defineGetter__', 'absent'];
  expect(names.map((name) => headers[name])).toEqual(names.map(() => undefined));
});
