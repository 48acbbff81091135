/** The target behind the measured proxies: as little as answers HTTP/1.1, in a process of its own. Prints its port. */
import { type AddressInfo, createServer } from 'node:net';

const body = 'x'.repeat(512);
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\nConnection: keep-alive\r\n\r\n${body}`,
);

const server = createServer({ noDelay: true }, (socket) => {
  let rest: Buffer = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const head = rest.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(rest.toString('latin1', 0, head))?.[1] ?? 0);
      if (rest.length < head + 4 + length) return;
      rest = rest.subarray(head + 4 + length);
      socket.write(answer);
    }
  });
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit(0));
