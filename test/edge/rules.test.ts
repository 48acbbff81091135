/** Rules, target groups and stickiness of load balancers, on real sockets. */
import { afterEach, describe, expect, test } from 'vitest';
import type { EdgeNode } from '../../src/edge/node.ts';
import type { RuleSettings, Snapshot } from '../../src/edge/snapshot.ts';
import {
  ask,
  freePort,
  groupArn,
  listener,
  loadBalancer,
  type Origin,
  openNode,
  origin,
  pause,
  raw,
  rule,
  snapshot,
  targetGroup,
  until,
} from './edge.fixture.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function named(name: string): Promise<Origin> {
  const one = await origin((incoming, outgoing) => {
    outgoing.setHeader('x-host', incoming.headers.host ?? '');
    outgoing.end(`${name} ${incoming.url}`);
  });
  closing.push(() => one.close());
  return one;
}

async function serve(parts: Partial<Snapshot>): Promise<EdgeNode> {
  const node = openNode();
  closing.push(() => node.close(0));
  await node.apply(snapshot(parts));
  return node;
}

const fixed = (text: string): RuleSettings['actions'] => [
  { Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200', ContentType: 'text/plain', MessageBody: text } },
];

describe('conditions', () => {
  const cases: readonly (readonly [string, RuleSettings['conditions'], object, boolean])[] = [
    [
      'host, any case',
      [{ Field: 'host-header', Values: ['Shop.Example'] }],
      { headers: { host: 'shop.EXAMPLE:80' } },
      true,
    ],
    ['host, wildcard', [{ Field: 'host-header', Values: ['*.example'] }], { headers: { host: 'a.b.example' } }, true],
    [
      'host, one character',
      [{ Field: 'host-header', Values: ['?.example'] }],
      { headers: { host: 'ab.example' } },
      false,
    ],
    ['path', [{ Field: 'path-pattern', Values: ['/img/*'] }], { path: '/img/a.png?b' }, true],
    ['path, case counts', [{ Field: 'path-pattern', Values: ['/img/*'] }], { path: '/IMG/a.png' }, false],
    ['path, not the query', [{ Field: 'path-pattern', Values: ['*admin*'] }], { path: '/a?admin' }, false],
    [
      'path, regex',
      [{ Field: 'path-pattern', PathPatternConfig: { RegexValues: ['^/v[0-9]+/'] } }],
      { path: '/v12/x' },
      true,
    ],
    [
      'header',
      [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Team', Values: ['RED*'] } }],
      { headers: { 'x-team': 'red-1' } },
      true,
    ],
    [
      'header, absent',
      [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Team', Values: ['*'] } }],
      {},
      false,
    ],
    [
      'header, its second value',
      [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Team', Values: ['b'] } }],
      { headers: { 'x-team': ['a', 'b'] } },
      true,
    ],
    [
      'method',
      [{ Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['PUT'] } }],
      { method: 'PUT' },
      true,
    ],
    [
      'method, case counts',
      [{ Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['put'] } }],
      { method: 'PUT' },
      false,
    ],
    [
      'query, key and value',
      [{ Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'v', Value: '1*' }] } }],
      { path: '/?a=b&V=12' },
      true,
    ],
    [
      'query, other key',
      [{ Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'v', Value: '1*' }] } }],
      { path: '/?w=12' },
      false,
    ],
    [
      'query, value alone',
      [{ Field: 'query-string', QueryStringConfig: { Values: [{ Value: '*shoe*' }] } }],
      { path: '/?q=redshoes' },
      true,
    ],
    [
      'query, encoded',
      [{ Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'q', Value: 'a b' }] } }],
      { path: '/?q=a%20b' },
      true,
    ],
    [
      'query, an escaped star',
      [{ Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'q', Value: '\\*' }] } }],
      { path: '/?q=x' },
      false,
    ],
    ['source', [{ Field: 'source-ip', SourceIpConfig: { Values: ['127.0.0.0/8'] } }], {}, true],
    [
      'source, by no header',
      [{ Field: 'source-ip', SourceIpConfig: { Values: ['203.0.113.0/24'] } }],
      { headers: { 'x-forwarded-for': '203.0.113.9' } },
      false,
    ],
    [
      'two, one not met',
      [
        { Field: 'path-pattern', Values: ['/a'] },
        { Field: 'host-header', Values: ['b.example'] },
      ],
      { path: '/a' },
      false,
    ],
    ['a field that nobody knows', [{ Field: 'moon-phase', Values: ['full'] }], {}, false],
  ];

  test.each(cases)('%s', async (_name, conditions, asking, isMet) => {
    const port = await freePort();
    await serve({
      loadBalancers: [
        loadBalancer([
          listener(port, {
            defaultActions: fixed('default'),
            rules: [rule(5, { conditions, actions: fixed('rule') })],
          }),
        ]),
      ],
    });
    expect((await ask({ port, ...asking })).body).toBe(isMet ? 'rule' : 'default');
  });

  test('priorities are numbers: 9 goes before 10', async () => {
    const port = await freePort();
    const all = [10, 9, 100].map((priority) => rule(priority, { actions: fixed(String(priority)) }));
    await serve({ loadBalancers: [loadBalancer([listener(port, { rules: all })])] });
    expect((await ask({ port })).body).toBe('9');
  });
});

test.each([
  ['HTTP_301', 301, 'Moved Permanently', '134'],
  ['HTTP_302', 302, 'Found', '110'],
] as const)('a redirect says in its page what it is: %s', async (StatusCode, status, text, length) => {
  const port = await freePort();
  const RedirectConfig = { Protocol: 'HTTPS', Port: '443', StatusCode };
  await serve({
    loadBalancers: [loadBalancer([listener(port, { defaultActions: [{ Type: 'redirect', RedirectConfig }] })])],
  });
  const answer = await ask({ port, path: '/a?b', headers: { host: 'shop.example' } });
  expect([answer.status, answer.headers.location]).toEqual([status, 'https://shop.example:443/a?b']);
  expect(answer.headers['content-length']).toBe(length);
  expect(answer.body).toContain(`<center><h1>${status} ${text}</h1></center>`);
});

describe('transforms', () => {
  test('rewrite host and URL for the target', async () => {
    const web = await named('web');
    const port = await freePort();
    const rewriting = rule(1, {
      conditions: [{ Field: 'path-pattern', Values: ['/api/*'] }],
      actions: [{ Type: 'forward', TargetGroupArn: groupArn('web') }],
      transforms: [
        { Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [{ Regex: '^/api/(.*)$', Replace: '/$1' }] } },
        { Type: 'host-header-rewrite', HostHeaderRewriteConfig: { Rewrites: [{ Regex: '^www\\.', Replace: '' }] } },
      ],
    });
    await serve({
      loadBalancers: [loadBalancer([listener(port, { rules: [rewriting] })])],
      targetGroups: [targetGroup('web', [web.port])],
    });
    const answer = await ask({ port, path: '/api/x?y=1', headers: { host: 'www.shop.example' } });
    expect([answer.body, answer.headers['x-host']]).toEqual(['web /x?y=1', 'shop.example']);
  });

  test('take no longer than others, whatever the expression; with one that is none nobody passes', async () => {
    const web = await named('web');
    const port = await freePort();
    const rewriting = (priority: number, path: string, Regex: string) =>
      rule(priority, {
        conditions: [{ Field: 'path-pattern', Values: [path] }],
        actions: [{ Type: 'forward', TargetGroupArn: groupArn('web') }],
        transforms: [{ Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [{ Regex, Replace: '/x' }] } }],
      });
    const rules = [rewriting(1, '/aa*', '(a+)+$'), rewriting(2, '/none', '(')];
    await serve({
      loadBalancers: [loadBalancer([listener(port, { rules })])],
      targetGroups: [targetGroup('web', [web.port])],
    });
    const path = `/${'a'.repeat(200)}!`;
    expect((await ask({ port, path })).body).toBe(`web ${path}`);
    expect((await ask({ port, path: '/none' })).status).toBe(500);
  }, 10_000);
});

async function tally(port: number, count: number, headers = {}): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  for (let index = 0; index < count; index++) {
    const [name = ''] = (await ask({ port, headers })).body.split(' ');
    seen[name] = (seen[name] ?? 0) + 1;
  }
  return seen;
}

describe('target groups', () => {
  test('take turns', async () => {
    const all = [await named('a'), await named('b'), await named('c')];
    const port = await freePort();
    await serve({
      loadBalancers: [loadBalancer([listener(port)])],
      targetGroups: [
        targetGroup(
          'web',
          all.map((one) => one.port),
        ),
      ],
    });
    expect(await tally(port, 9)).toEqual({ a: 3, b: 3, c: 3 });
  });

  test('least outstanding requests: the busy one gets none', async () => {
    const busy = await origin((_incoming, outgoing) => void setTimeout(() => outgoing.end('busy'), 1_000));
    closing.push(() => busy.close());
    const free = await named('free');
    const port = await freePort();
    await serve({
      loadBalancers: [loadBalancer([listener(port)])],
      targetGroups: [
        targetGroup('web', [busy.port, free.port], {
          attributes: { 'load_balancing.algorithm.type': 'least_outstanding_requests' },
        }),
      ],
    });
    const held = [ask({ port }), ask({ port })];
    await pause(50);
    expect(await tally(port, 6)).toEqual({ free: 6 });
    await Promise.all(held);
  });

  test('weights share requests among groups, and a client may stay with its group', async () => {
    const [blue, green] = [await named('blue'), await named('green')];
    const port = await freePort();
    await serve({
      loadBalancers: [
        loadBalancer([
          listener(port, {
            defaultActions: [
              {
                Type: 'forward',
                ForwardConfig: {
                  TargetGroups: [
                    { TargetGroupArn: groupArn('blue'), Weight: 1 },
                    { TargetGroupArn: groupArn('green'), Weight: 1 },
                    { TargetGroupArn: groupArn('none'), Weight: 0 },
                  ],
                  TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
                },
              },
            ],
          }),
        ]),
      ],
      targetGroups: [targetGroup('blue', [blue.port]), targetGroup('green', [green.port])],
    });
    const seen = await tally(port, 40);
    expect(Object.keys(seen).sort()).toEqual(['blue', 'green']);
    const first = await ask({ port });
    const [name = ''] = first.body.split(' ');
    const cookie = (first.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ');
    expect(cookie).toMatch(/^AWSALBTG=.*; AWSALBTGCORS=/);
    expect(await tally(port, 10, { cookie })).toEqual({ [name]: 10 });
    expect(await tally(port, 10, { cookie: cookie.replace(/^.*; /, '') })).toEqual({ [name]: 10 });
  });

  test('a sticky client stays with its target; a forged cookie chooses nothing', async () => {
    const all = [await named('a'), await named('b')];
    const port = await freePort();
    const parts = (ports: readonly number[]) => ({
      loadBalancers: [loadBalancer([listener(port)])],
      targetGroups: [
        targetGroup('web', ports, { attributes: { 'stickiness.enabled': 'true', 'stickiness.type': 'lb_cookie' } }),
      ],
    });
    const node = await serve(parts(all.map((one) => one.port)));
    const first = await ask({ port });
    const [name = ''] = first.body.split(' ');
    const cookie = (first.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ');
    expect(first.headers['set-cookie']).toEqual([
      expect.stringMatching(/^AWSALB=[^;]+; Expires=[^;]+; Path=\/$/),
      expect.stringMatching(/^AWSALBCORS=[^;]+; Expires=[^;]+; Path=\/; SameSite=None$/),
    ]);
    expect(await tally(port, 6, { cookie })).toEqual({ [name]: 6 });
    // Pages of other sites have browsers send the second one alone.
    expect(await tally(port, 6, { cookie: cookie.replace(/^.*; /, '') })).toEqual({ [name]: 6 });
    const forged = cookie.replace(/.(?=;|$)/g, (last) => (last === 'A' ? 'B' : 'A'));
    expect(Object.keys(await tally(port, 6, { cookie: forged }))).toHaveLength(2);
    const other = all[name === 'a' ? 1 : 0] as Origin;
    await node.apply(snapshot(parts([other.port])));
    expect(await tally(port, 3, { cookie })).toEqual({ [name === 'a' ? 'b' : 'a']: 3 });
  });

  test('an application’s cookie: only whoever has it stays', async () => {
    let sets = true;
    const make = async (name: string) => {
      const one = await origin((_incoming, outgoing) => {
        if (sets) outgoing.setHeader('set-cookie', 'session=1');
        outgoing.end(name);
      });
      closing.push(() => one.close());
      return one.port;
    };
    const port = await freePort();
    await serve({
      loadBalancers: [loadBalancer([listener(port)])],
      targetGroups: [
        targetGroup('web', [await make('a'), await make('b')], {
          attributes: {
            'stickiness.enabled': 'true',
            'stickiness.type': 'app_cookie',
            'stickiness.app_cookie.cookie_name': 'session',
          },
        }),
      ],
    });
    const first = await ask({ port });
    const cookies = (first.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]);
    expect(cookies.map((one) => one?.split('=')[0])).toEqual(['session', 'AWSALBAPP-0']);
    expect(await tally(port, 6, { cookie: cookies.join('; ') })).toEqual({ [first.body]: 6 });
    sets = false;
    expect((await ask({ port })).headers['set-cookie']).toBeUndefined();
  });
});

describe('health', () => {
  test('a target that fails its checks gets nothing until it passes them again; when all fail, all get requests', async () => {
    const isWell = { a: true, b: true };
    const make = async (name: 'a' | 'b') => {
      const one = await origin((incoming, outgoing) => {
        if (incoming.url === '/health') outgoing.statusCode = isWell[name] ? 200 : 500;
        outgoing.end(name);
      });
      closing.push(() => one.close());
      return one.port;
    };
    const port = await freePort();
    const ports = [await make('a'), await make('b')];
    const node = await serve({
      loadBalancers: [loadBalancer([listener(port)])],
      targetGroups: [
        targetGroup('web', ports, {
          healthCheck: {
            enabled: true,
            protocol: 'HTTP',
            port: 'traffic-port',
            path: '/health',
            intervalSeconds: 0.05,
            timeoutSeconds: 1,
            healthyThreshold: 2,
            unhealthyThreshold: 2,
            matcher: '200-299',
          },
        }),
      ],
    });
    const states: Record<number, object> = {};
    const look = () => {
      for (const one of node.reports.take()?.health ?? []) states[one.port] = one.health;
      return states;
    };
    await until(() => JSON.stringify(look()).match(/"healthy"/g)?.length === 2);
    isWell.a = false;
    await until(() => JSON.stringify(look()).includes('"unhealthy"'));
    expect(states[ports[0] as number]).toEqual({
      state: 'unhealthy',
      reason: 'Target.ResponseCodeMismatch',
      description: 'Health checks failed with these codes: [500]',
    });
    expect(await tally(port, 4)).toEqual({ b: 4 });
    isWell.b = false;
    await until(() => JSON.stringify(look()).match(/"unhealthy"/g)?.length === 2);
    expect(await tally(port, 4)).toEqual({ a: 2, b: 2 });
    isWell.a = true;
    await until(() => JSON.stringify(look()).includes('"healthy"'));
    expect(await tally(port, 4)).toEqual({ a: 4 });
  });

  test('a deregistered target gets no new requests, and ends those it has', async () => {
    const slow = await origin((_incoming, outgoing) => void setTimeout(() => outgoing.end('slow'), 300));
    closing.push(() => slow.close());
    const other = await named('other');
    const port = await freePort();
    const balancers = [loadBalancer([listener(port)])];
    const node = await serve({ loadBalancers: balancers, targetGroups: [targetGroup('web', [slow.port])] });
    const held = ask({ port });
    await pause(50);
    const both = targetGroup('web', [slow.port, other.port]);
    const targets = both.targets.map((one) => (one.port === slow.port ? { ...one, deregisteredAt: Date.now() } : one));
    await node.apply(snapshot({ loadBalancers: balancers, targetGroups: [{ ...both, targets }] }));
    expect(await tally(port, 4)).toEqual({ other: 4 });
    expect((await held).body).toBe('slow');
  });
});

describe('security groups', () => {
  test('M-171 whoever is not on the list is not talked to; on the list means source, protocol and port', async () => {
    const web = await named('web');
    const port = await freePort();
    const ingress = (protocol: number, fromPort: number, toPort: number, cidr: string) => ({
      loadBalancers: [
        loadBalancer([listener(port)], {
          isFlowLogged: true,
          ingress: [{ groupId: 'sg-1', ruleId: 'sgr-1', protocol, fromPort, toPort, cidrs: [cidr] }],
        }),
      ],
      targetGroups: [targetGroup('web', [web.port])],
    });
    const node = await serve(ingress(6, port, port, '127.0.0.1/32'));
    expect((await ask({ port })).status).toBe(200);
    for (const [protocol, from, to, cidr] of [
      [6, port, port, '127.0.0.2/32'],
      [17, port, port, '127.0.0.0/8'],
      [6, port + 1, port + 1, '127.0.0.0/8'],
    ] as const) {
      await node.apply(snapshot(ingress(protocol, from, to, cidr)));
      expect(await raw(port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toBe('');
    }
    const refused = node.reports.take()?.flows.filter(({ verdict }) => verdict === 'REJECT');
    expect(refused?.[0]).toMatchObject({ source: '127.0.0.1', port, direction: 'ingress', connections: 1 });
    await node.apply(snapshot(ingress(-1, 0, 0, '127.0.0.0/8')));
    expect((await ask({ port })).status).toBe(200);
  });
});
