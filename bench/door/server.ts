/** The measured side, in a process of its own: a bare server, or an instance. Tells its CPU time when asked. */
import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { markLater } from '../../src/cli/heap.ts';
import { start } from '../../src/main.ts';
import { testConfig } from '../../test/support/instance.ts';

const [kind, dataDir = ''] = process.argv.slice(2);
const lag = monitorEventLoopDelay({ resolution: 5 });

process.on('message', (word) => {
  if (word === 'begin') {
    lag.reset();
    lag.enable();
  }
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuMicros: user + system, lagP99Ms: lag.percentile(99) / 1e6 });
});

if (kind === 'bare') {
  const server = createServer((incoming, outgoing) => {
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
    });
    incoming.on('end', () => {
      outgoing.writeHead(200, { 'content-type': 'application/json', 'content-length': 2, 'x-size': size });
      outgoing.end('{}');
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    if (typeof address === 'object') process.send?.({ endpoint: `http://127.0.0.1:${address?.port}` });
  });
} else {
  // As `bailey up` does.
  markLater();
  const { endpoint } = await start({ dataDir, port: 0, config: testConfig });
  process.send?.({ endpoint });
}
process.on('disconnect', () => process.exit(0));
