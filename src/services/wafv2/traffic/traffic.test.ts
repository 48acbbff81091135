/** What nodes report stays within its room, whatever they report. */
import { expect, test } from 'vitest';
import { httpRequest, inspected } from '../../../../test/support/waf-requests.ts';
import { HeavyHitters } from './heavy-hitters.ts';
import { RecentRequests } from './recent-requests.ts';
import { keptMs, Traffic } from './traffic.ts';

const arn = (name: string) => `arn:aws:wafv2:us-east-1:111122223333:regional/webacl/${name}/1`;
const start = Date.UTC(2026, 10, 1);

test('frequent keys survive any number of rare ones, and are never counted over the truth', () => {
  const hitters = new HeavyHitters(20);
  for (let n = 0; n < 20_000; n++) {
    hitters.add(`rare ${n}`, 1);
    if (n % 4 === 0) hitters.add('frequent', 1);
  }
  const counts = new Map(hitters.entries());
  expect(hitters.size).toBeLessThanOrEqual(20);
  expect(counts.get('frequent')).toBeGreaterThan(5_000 - 25_000 / 20);
  expect(counts.get('frequent')).toBeLessThanOrEqual(5_000);
});

test('recent requests: the newest within the bytes, of each web ACL at most so many, none older than kept', () => {
  const recent = new RecentRequests({ bytes: 40_000, perWebAcl: 5, keepMs: 1_000 });
  const ids = Array.from({ length: 50 }, (_, n) => {
    const one = inspected(arn(n % 2 ? 'a' : 'b'), { at: start + n });
    recent.add(one);
    return one.requestId;
  });
  expect([...recent.of(arn('a'), 0, Number.MAX_SAFE_INTEGER)].length).toBe(5);
  expect(recent.find(ids.at(-1) ?? '')).toBeDefined();
  expect(recent.find(ids[0] ?? '')).toBeUndefined();
  for (let n = 0; n < 50; n++) recent.add(inspected(arn(`c${n}`), { at: start + 60 }));
  expect(recent.bytes).toBeLessThanOrEqual(40_000);
  recent.add(inspected(arn('z'), { at: start + 10_000 }));
  expect([...recent.of(arn('c49'), 0, Number.MAX_SAFE_INTEGER)]).toEqual([]);
  const huge = inspected(arn('z'), { request: httpRequest({ body: new Uint8Array(50_000) }) });
  recent.add(huge);
  expect(recent.find(huge.requestId)).toBeUndefined();
});

test('an id that comes twice is one request', () => {
  const recent = new RecentRequests({ bytes: 40_000, perWebAcl: 5, keepMs: 1_000 });
  const one = inspected(arn('a'), { at: start });
  recent.add(one);
  const { bytes } = recent;
  recent.add({ ...one, at: start + 1 });
  expect(recent.bytes).toBe(bytes);
  expect([...recent.of(arn('a'), 0, start + 5)].length).toBe(1);
});

test('counts per minute, and none of what is older than three hours', () => {
  const traffic = new Traffic();
  const count = (at: number, requests: number) =>
    traffic.count([
      {
        webAclArn: arn('a'),
        at,
        requests,
        metrics: [{ metricName: 'sqli', action: 'BLOCK', requests: 2 }],
        paths: [{ path: '/x', bot: { name: 'curl' }, requests }],
      },
    ]);
  count(start, 5);
  count(start + 61_000, 7);
  expect(traffic.population(arn('a'), undefined, start, start + 120_000)).toBe(12);
  expect(traffic.population(arn('a'), 'sqli', start, start + 120_000)).toBe(4);
  expect(traffic.population(arn('a'), undefined, start + 60_000, start + 120_000)).toBe(7);
  expect(traffic.paths(arn('a'), start, start + 120_000)).toEqual([
    { path: '/x', bot: { name: 'curl' }, requests: 12 },
  ]);
  count(start + keptMs + 30_000, 1);
  expect(traffic.population(arn('a'), undefined, start, start + 30_000)).toBe(0);
});

test('a log that nobody takes away does not grow for ever, and tells how much was lost', () => {
  const traffic = new Traffic();
  const one = inspected(arn('a'), { isKept: false });
  traffic.report(Array.from({ length: 60_000 }, () => one));
  const { requests, dropped } = traffic.takeBacklog();
  expect(requests.length + dropped).toBe(60_000);
  expect(requests.length).toBeLessThanOrEqual(50_000);
  expect(traffic.takeBacklog()).toEqual({ requests: [], dropped: 0 });
});

test('held back: the union of all nodes that spoke within the last minute', () => {
  const traffic = new Traffic();
  const say = (node: string, at: number, addresses: string[]) =>
    traffic.limit(node, at, [{ webAclArn: arn('a'), ruleName: 'rate', addresses }]);
  say('one', start, ['192.0.2.1']);
  say('two', start + 30_000, ['192.0.2.2', '192.0.2.1']);
  expect(traffic.limited(arn('a'), 'rate', undefined, start + 31_000)).toEqual(['192.0.2.1', '192.0.2.2']);
  expect(traffic.limited(arn('a'), 'other', undefined, start + 31_000)).toEqual([]);
  expect(traffic.limited(arn('a'), 'rate', 'group', start + 31_000)).toEqual([]);
  say('two', start + 40_000, []);
  expect(traffic.limited(arn('a'), 'rate', undefined, start + 41_000)).toEqual(['192.0.2.1']);
  expect(traffic.limited(arn('a'), 'rate', undefined, start + 61_000)).toEqual([]);
  for (let n = 0; n < 3_000; n++) say(`node ${n}`, start + 70_000, ['192.0.2.3']);
  expect(traffic.limited(arn('a'), 'rate', undefined, start + 71_000)).toEqual(['192.0.2.3']);
});
