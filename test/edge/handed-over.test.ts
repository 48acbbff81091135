/** A port that comes to somebody else: whoever is connected to the one is not handed over to the other. */
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EdgeNode } from '../../src/edge/node.ts';
import type { LoadBalancerSettings } from '../../src/edge/snapshot.ts';
import {
  freePort,
  groupArn,
  listener,
  loadBalancer,
  type Origin,
  openNode,
  origin,
  snapshot,
  targetGroup,
  until,
} from './edge.fixture.ts';

let node: EdgeNode;
let mine: Origin;
let theirs: Origin;
let port: number;
beforeEach(async () => {
  mine = await origin((_incoming, outgoing) => outgoing.end('mine'));
  theirs = await origin((_incoming, outgoing) => outgoing.end('theirs'));
  port = await freePort();
  node = openNode();
});
afterEach(async () => {
  await node.close(0);
  await mine.close();
  await theirs.close();
});

const others = 'arn:aws:elasticloadbalancing:us-east-1:444455556666:loadbalancer/app/other/1234567890123456';
const of = (group: string, over: Partial<LoadBalancerSettings> = {}): LoadBalancerSettings => {
  const arn = `${(over.arn ?? 'arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/shop/1').replace(':loadbalancer/', ':listener/')}/abc`;
  const defaultActions = [{ Type: 'forward' as const, TargetGroupArn: groupArn(group) }];
  return loadBalancer([listener(port, { arn, defaultActions })], over);
};
const apply = (...loadBalancers: LoadBalancerSettings[]) =>
  node.apply(
    snapshot({ loadBalancers, targetGroups: [targetGroup('mine', [mine.port]), targetGroup('theirs', [theirs.port])] }),
  );

/** Over the one connection of an agent: what is answered, or why nothing is. */
const askBy = (agent: Agent): Promise<string> =>
  new Promise((resolve) => {
    const outgoing = request({ host: '127.0.0.1', port, agent, headers: { host: 'shop' } }, async (incoming) => {
      let body = '';
      for await (const chunk of incoming) body += String(chunk);
      resolve(body);
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'failed')).end();
  });

test('a connection to the listener of one account is never one to the listener of another', async () => {
  await apply(of('mine'));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect(await askBy(agent)).toBe('mine');
  const [socket] = Object.values(agent.freeSockets)[0] ?? [];
  let isOver = false;
  socket?.once('close', () => {
    isOver = true;
  });
  await apply(of('theirs', { arn: others, account: '444455556666' }));
  await until(() => isOver);
  expect(await askBy(new Agent())).toBe('theirs');
  agent.destroy();
});

test('a connection goes on where its own listener changes', async () => {
  await apply(of('mine'));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect(await askBy(agent)).toBe('mine');
  const [before] = Object.values(agent.freeSockets)[0] ?? [];
  await apply(of('theirs'));
  expect(await askBy(agent)).toBe('theirs');
  expect(Object.values(agent.freeSockets)[0]?.[0]).toBe(before);
  agent.destroy();
});

test('a connection whose listener goes ends with the answer that it waits for', async () => {
  let answer: (() => void) | undefined;
  const slow = await origin((_incoming, outgoing) => {
    answer = () => outgoing.end('the last');
  });
  const targetGroups = [targetGroup('web', [slow.port])];
  await node.apply(snapshot({ loadBalancers: [loadBalancer([listener(port)])], targetGroups }));
  const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
  let heard = '';
  const ended = new Promise((resolve) => {
    socket.on('data', (chunk) => {
      heard += chunk;
    });
    socket.on('close', resolve);
  });
  await until(() => answer !== undefined);
  await node.apply(snapshot({}));
  answer?.();
  const from = performance.now();
  await ended;
  expect(heard).toContain('the last');
  expect(performance.now() - from).toBeLessThan(5_000);
  await slow.close();
});

test('a port whose listener cannot be served is nobody else’s who waits for it', async () => {
  const waiting = of('theirs', { arn: others, account: '444455556666' });
  await apply(of('mine'), waiting);
  expect(await askBy(new Agent())).toBe('mine');
  await apply(of('mine', { webAcl: 'arn:gone' }), waiting);
  expect(await askBy(new Agent())).toBe('ECONNREFUSED');
  await apply(waiting);
  expect(await askBy(new Agent())).toBe('theirs');
});

test('the name server’s port is no listener’s, neither of datagrams nor of connections', async () => {
  const parts = snapshot({ loadBalancers: [of('mine')], targetGroups: [targetGroup('mine', [mine.port])] });
  await node.apply({ ...parts, node: { ...parts.node, dns: { host: '127.0.0.1', port } } });
  // The name server takes connections there, and knows no HTTP.
  expect(await askBy(new Agent())).not.toBe('mine');
  await apply(of('mine'));
  expect(await askBy(new Agent())).toBe('mine');
});
