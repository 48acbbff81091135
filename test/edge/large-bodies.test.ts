/** Large bodies take no memory: they wait on the disk, in a file without a name, and are gone afterwards. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Hub } from '../../src/instance/edge/hub.ts';
import {
  ask,
  freePort,
  listener,
  loadBalancer,
  type Origin,
  origin,
  snapshot,
  targetGroup,
  temporaryFolder,
  until,
} from './edge.fixture.ts';

const folder = temporaryFolder();
let port: number;
let child: ChildProcess;
let hub: Hub;
let web: Origin;

beforeAll(async () => {
  web = await origin((incoming, outgoing) => {
    const hash = createHash('sha256');
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      hash.update(chunk);
      size += chunk.length;
    });
    incoming.on('end', () => outgoing.end(JSON.stringify({ size, hash: hash.digest('hex') })));
  });
  port = await freePort();
  hub = new Hub({ folder, reported: () => undefined, joined: () => undefined, left: () => undefined });
  await hub.open();
  const whole = snapshot({
    loadBalancers: [loadBalancer([listener(port)])],
    targetGroups: [targetGroup('web', [web.port])],
  });
  hub.publish({ ...whole, node: { ...whole.node, spillFolder: join(folder, 'bodies') } });
  const entry = fileURLToPath(new URL('../../src/edge/process.ts', import.meta.url));
  child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry, folder, '0', '1'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await until(() =>
    ask({ port }).then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
});

afterAll(async () => {
  await hub.close(100);
  child.kill('SIGKILL');
  await web.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Megabytes. */
const memory = (field: string): number =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;

const piece = Buffer.alloc(1024 * 1024, 'bailey ');

function upload(megabytes: number): Promise<{ size: number; hash: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method: 'POST', agent: false }, (answer) => {
      let text = '';
      answer.on('data', (chunk) => {
        text += chunk;
      });
      answer.on('end', () => resolve(JSON.parse(text)));
    });
    outgoing.on('error', reject);
    let left = megabytes;
    const go = (): void => {
      while (left > 0) {
        left -= 1;
        if (!outgoing.write(piece)) {
          outgoing.once('drain', go);
          return;
        }
      }
      outgoing.end();
    };
    go();
  });
}

test('WAF trap 2: 100 MB are taken whole and sent on unchanged, with less than 20 MB of memory', async () => {
  // What any process grows by when it reads and writes for the first time is no part of it.
  await upload(20);
  const before = memory('VmRSS');
  let most = before;
  const watch = setInterval(() => {
    most = Math.max(most, memory('VmRSS'));
  }, 10);
  const hash = createHash('sha256');
  for (let count = 0; count < 100; count++) hash.update(piece);
  const got = await upload(100);
  clearInterval(watch);
  expect(got).toEqual({ size: 100 * 1024 * 1024, hash: hash.digest('hex') });
  expect(most - before).toBeLessThan(20);
});

test('nothing stays on the disk, and nothing open', async () => {
  expect(readdirSync(join(folder, 'bodies'))).toEqual([]);
  const deleted = (): string[] =>
    readdirSync(`/proc/${child.pid}/fd`).flatMap((fd) => {
      try {
        const to = readlinkSync(`/proc/${child.pid}/fd/${fd}`);
        return to.includes('/bodies/') ? to : [];
      } catch {
        return [];
      }
    });
  await until(() => deleted().length === 0);
});

test('a client that leaves in the middle leaves nothing behind', async () => {
  const outgoing = request({
    host: '127.0.0.1',
    port,
    method: 'POST',
    agent: false,
    headers: { 'content-length': 50_000_000 },
  });
  outgoing.on('error', () => undefined);
  for (let count = 0; count < 20; count++) outgoing.write(piece);
  await new Promise((resolve) => setTimeout(resolve, 200));
  outgoing.destroy();
  expect((await ask({ port })).status).toBe(200);
  expect(readdirSync(join(folder, 'bodies'))).toEqual([]);
});
