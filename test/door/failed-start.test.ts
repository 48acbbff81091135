/** A start that fails leaves nothing behind: no lock on the data folder, no listener, no process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { start } from '../../src/main.ts';
import { testConfig } from '../support/instance.ts';

const folder = mkdtempSync(join(tmpdir(), 'bailey-failed-'));
const other = createServer();
let taken: number;
beforeAll(async () => {
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  taken = typeof address === 'object' && address ? address.port : 0;
});
afterAll(() => {
  other.close();
  rmSync(folder, { recursive: true, force: true });
});

it.each([
  ['the API', (port: number) => ({ port })],
  ['TLS', (tlsPort: number) => ({ port: 0, tls: true, tlsPort })],
  ['health and metrics', (metricsPort: number) => ({ port: 0, metricsPort })],
])('for want of the port of %s', async (_of, ports) => {
  const dataDir = join(folder, 'data');
  await expect(start({ dataDir, config: testConfig, ...ports(taken) })).rejects.toThrow('EADDRINUSE');
  const instance = await start({ dataDir, config: testConfig, port: 0 });
  await instance.close();
});
