/** Web ACLs at the edge, with the real engine: what is inspected is what the target would get. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { inspectorMaker } from '../../src/edge/inspection/web-acl.ts';
import { EdgeNode } from '../../src/edge/node.ts';
import { Rules } from '../../src/edge/routing/rules.ts';
import type { Snapshot, WebAclSettings } from '../../src/edge/snapshot.ts';
import { vendorGroupKey } from '../../src/engines/waf/bundle.ts';
import type { Rule, WebACLDefinition } from '../../src/engines/waf/index.ts';
import {
  ask,
  freePort,
  listener,
  loadBalancer,
  mirror,
  type Origin,
  origin,
  pause,
  raw,
  snapshot,
  targetGroup,
} from './edge.fixture.ts';

let node: EdgeNode;
let port: number;
let web: Origin;
/** URLs that the target has seen. */
let arrived: string[] = [];
let revision = 0;
const arn = 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/acl/1';
const visible = (MetricName: string) => ({ SampledRequestsEnabled: true, CloudWatchMetricsEnabled: true, MetricName });

function acl(
  Rules: readonly Rule[],
  over: Partial<WebACLDefinition> = {},
  settings: Partial<WebAclSettings> = {},
): WebAclSettings {
  revision += 1;
  return {
    arn,
    name: 'acl',
    account: '111122223333',
    region: 'us-east-1',
    scope: 'REGIONAL',
    revision: String(revision),
    tokenKey: Buffer.alloc(32, 5).toString('base64'),
    inspectedBodyBytes: 8192,
    isLogged: false,
    definition: {
      webAcl: { Name: 'acl', ARN: arn, DefaultAction: { Allow: {} }, VisibilityConfig: visible('acl'), Rules, ...over },
      ipSets: {},
      regexPatternSets: {},
      ruleGroups: {},
      vendorGroups: {},
    },
    ...settings,
  };
}

const parts = (webAcl: WebAclSettings, attributes = {}): Partial<Snapshot> => ({
  webAcls: [webAcl],
  loadBalancers: [loadBalancer([listener(port)], { webAcl: arn, attributes })],
  targetGroups: [targetGroup('web', [web.port])],
});

const use = (webAcl: WebAclSettings, attributes = {}): Promise<void> => node.apply(snapshot(parts(webAcl, attributes)));

const contains = (text: string, FieldToMatch: object, over: Partial<Rule> = {}): Rule =>
  ({
    Name: 'contains',
    Priority: 1,
    Statement: {
      ByteMatchStatement: {
        SearchString: Buffer.from(text).toString('base64'),
        FieldToMatch,
        PositionalConstraint: 'CONTAINS',
        TextTransformations: [{ Priority: 0, Type: 'NONE' }],
      },
    },
    Action: { Block: {} },
    VisibilityConfig: visible('contains'),
    ...over,
  }) as Rule;

const body = { Body: { OversizeHandling: 'CONTINUE' } };

beforeAll(async () => {
  web = await origin((incoming, outgoing) => {
    arrived.push(incoming.url ?? '');
    mirror(incoming, outgoing);
  });
  port = await freePort();
  node = new EdgeNode({ now: Date.now, random: Math.random, reusesPorts: false, inspectorFor: inspectorMaker() });
});

afterEach(() => {
  arrived = [];
});

afterAll(async () => {
  await node.close(0);
  await web.close();
});

describe('what a web ACL says', () => {
  test('WAF trap 1: M-194 managed groups stop attacks wherever they stand, and the target sees nothing', async () => {
    const managed = (Name: string, Priority: number): Rule => ({
      Name,
      Priority,
      Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name } },
      OverrideAction: { None: {} },
      VisibilityConfig: visible(Name),
    });
    await use(acl([managed('AWSManagedRulesCommonRuleSet', 1), managed('AWSManagedRulesSQLiRuleSet', 2)]));
    const browser = { 'user-agent': 'Mozilla/5.0', host: 'shop.example' };
    const attack = "1' UNION SELECT password FROM users--";
    expect((await ask({ port, headers: browser })).status).toBe(200);
    arrived = [];
    const form = { ...browser, 'content-type': 'application/x-www-form-urlencoded' };
    const answers = await Promise.all([
      ask({ port, path: `/?id=${encodeURIComponent(attack)}`, headers: browser }),
      ask({ port, headers: { ...browser, cookie: `id=${encodeURIComponent(attack)}` } }),
      ask({ port, method: 'POST', headers: form, body: `id=${encodeURIComponent(attack)}` }),
      ask({ port, path: `/?q=${encodeURIComponent('<script>alert(document.cookie)</script>')}`, headers: browser }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    expect(arrived).toEqual([]);
  });

  test("M-202 addresses of the operator's list are held back, and no others", async () => {
    const reputation: Rule = {
      Name: 'reputation',
      Priority: 1,
      Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'AWSManagedRulesAmazonIpReputationList' } },
      OverrideAction: { None: {} },
      VisibilityConfig: visible('reputation'),
    };
    const statuses: number[] = [];
    for (const list of ['192.0.2.0/24', '192.0.2.0/24\n127.0.0.0/8', undefined]) {
      const plain = snapshot(parts(acl([reputation])));
      const addressLists = list === undefined ? {} : { reputation: list };
      await node.apply({ ...plain, node: { ...plain.node, addressLists } });
      statuses.push((await ask({ port })).status);
    }
    expect(statuses).toEqual([200, 403, 200]);
  });

  test('a custom answer, headers for the target, and none of these from a client', async () => {
    const own = {
      CustomResponse: {
        ResponseCode: 418,
        CustomResponseBodyKey: 'tea',
        ResponseHeaders: [{ Name: 'x-why', Value: 'tea' }],
      },
    };
    const counting = contains(
      '/x',
      { UriPath: {} },
      {
        Name: 'seen',
        Priority: 2,
        Action: { Count: { CustomRequestHandling: { InsertHeaders: [{ Name: 'seen', Value: 'yes' }] } } },
      },
    );
    const bodies = { tea: { ContentType: 'TEXT_PLAIN' as const, Content: 'short and stout' } };
    await use(
      acl([contains('tea', { UriPath: {} }, { Action: { Block: own } }), counting], { CustomResponseBodies: bodies }),
    );
    const refused = await ask({ port, path: '/tea' });
    expect([refused.status, refused.body, refused.headers['x-why']]).toEqual([418, 'short and stout', 'tea']);
    const passed = JSON.parse((await ask({ port, path: '/x', headers: { 'x-amzn-waf-seen': 'forged' } })).body);
    expect(passed.headers['x-amzn-waf-seen']).toBe('yes');
    const other = JSON.parse((await ask({ port, path: '/', headers: { 'x-amzn-waf-seen': 'forged' } })).body);
    expect(other.headers).not.toHaveProperty('x-amzn-waf-seen');
  });

  test('M-198 what was stopped is told with address, headers and reason', async () => {
    await use(acl([contains('evil', { QueryString: {} })]));
    node.report();
    const { headers } = await ask({ port, path: '/a?evil', headers: { 'x-own': '1' } });
    const report = node.report();
    const [told] = report?.inspected.filter(({ verdict }) => verdict.action === 'BLOCK') ?? [];
    expect(told).toMatchObject({ requestId: headers['x-amzn-requestid'], isKept: true, webAclArn: arn });
    expect(told?.request).toMatchObject({ path: '/a', query: 'evil', source: { ip: '127.0.0.1' } });
    expect(told?.verdict.terminatingRuleId).toBe('contains');
    expect(report?.metrics.find(({ dimensions }) => dimensions.Rule === 'ALL')?.values.BlockedRequests?.sum).toBe(1);
  });
});

describe('puzzles', () => {
  const challenged = (): Rule => contains('/', { UriPath: {} }, { Action: { Challenge: {} } });
  const browser = { 'user-agent': 'Mozilla/5.0', accept: 'text/html', host: 'shop.example' };

  /** What the page's script does: counts until the hash of `id:number` begins with enough zero bits. */
  function solve(page: string): { puzzle: string; counter: number } {
    const [sealed = ''] = /[\w-]{100,}\.[\w-]{20,}/.exec(page) ?? [];
    const { id, bits } = JSON.parse(Buffer.from(sealed.split('.')[0] as string, 'base64url').toString());
    for (let counter = 0; ; counter++) {
      const digest = createHash('sha256').update(`${id}:${counter}`).digest();
      if (digest.readUInt32BE() >>> (32 - bits) === 0) return { puzzle: sealed, counter };
    }
  }

  test('WAF trap 9: a challenge: browsers get a page, solve it, and pass with the token; nobody else with the same one', async () => {
    await use(acl([challenged()]));
    const page = await ask({ port, path: '/shop', headers: browser });
    expect([page.status, page.headers['x-amzn-waf-action']]).toEqual([202, 'challenge']);
    const json = { ...browser, 'content-type': 'application/json' };
    const answering = { port, method: 'POST', path: '/.well-known/waf/answer', headers: json };
    const solved = solve(page.body);
    const accepted = await ask({ ...answering, body: JSON.stringify(solved) });
    expect(accepted.status).toBe(200);
    const cookie = String(accepted.headers['set-cookie']).split(';')[0] as string;
    expect(cookie).toMatch(/^aws-waf-token=/);
    expect((await ask({ port, path: '/shop', headers: { ...browser, cookie } })).status).toBe(200);
    // The same answer again, the token from another browser or for another name, an altered one.
    expect((await ask({ ...answering, body: JSON.stringify(solved) })).status).toBe(403);
    expect((await ask({ port, path: '/shop', headers: { ...browser, cookie, 'user-agent': 'curl' } })).status).toBe(
      202,
    );
    expect((await ask({ port, path: '/shop', headers: { ...browser, cookie, host: 'other.example' } })).status).toBe(
      202,
    );
    expect((await ask({ port, path: '/shop', headers: { ...browser, cookie: `${cookie}x` } })).status).toBe(202);
    const elsewhere = { port, path: '/shop', headers: { ...browser, cookie }, localAddress: '127.0.0.3' };
    expect((await ask(elsewhere)).status).toBe(202);
  });

  test('WAF trap 9: clients of an API get status and header, no page and no loop', async () => {
    await use(acl([challenged()]));
    const answer = await ask({ port, method: 'POST', path: '/api', headers: browser, body: '{}' });
    expect([answer.status, answer.headers['x-amzn-waf-action'], answer.body]).toEqual([202, 'challenge', '']);
    await use(acl([contains('/', { UriPath: {} }, { Action: { Captcha: {} } })]));
    expect((await ask({ port, path: '/api', headers: { accept: 'application/json' } })).status).toBe(405);
  });
});

describe('traps of bodies', () => {
  test('WAF trap 2: a payload split over chunks of one byte is one payload', async () => {
    await use(acl([contains('attack', body)]));
    const chunks = [...'an attack here'].map((byte) => `1\r\n${byte}\r\n`).join('');
    const answer = await raw(
      port,
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(arrived).toEqual([]);
  });

  test.each([8185, 8186, 8187, 8190, 8191, 8192, 8193, 8194])(
    'WAF trap 2: a payload at byte %i, with each way to handle what is oversize',
    async (at) => {
      const text = Buffer.alloc(9000, 'x');
      text.write('attack', at, 'latin1');
      const isInside = at + 6 <= 8192;
      for (const [OversizeHandling, status] of [
        ['CONTINUE', isInside ? 403 : 200],
        ['MATCH', 403],
        ['NO_MATCH', 200],
      ] as const) {
        await use(acl([contains('attack', { Body: { OversizeHandling } })]));
        expect((await ask({ port, method: 'POST', body: text })).status, OversizeHandling).toBe(status);
      }
    },
  );

  test('WAF trap 1: compressed bodies are opened for inspection, and go on as they came', async () => {
    await use(acl([contains('attack', body)]));
    const zipped = gzipSync('an attack in a box');
    expect((await ask({ port, method: 'POST', headers: { 'content-encoding': 'gzip' }, body: zipped })).status).toBe(
      403,
    );
    const twice = gzipSync(zipped);
    const both = { 'content-encoding': 'gzip, gzip' };
    expect((await ask({ port, method: 'POST', headers: both, body: twice })).status).toBe(403);
    const fine = gzipSync('nothing here');
    const answer = await ask({ port, method: 'POST', headers: { 'content-encoding': 'gzip' }, body: fine });
    expect(JSON.parse(Buffer.from(answer.body, 'latin1').toString()).body).toBe(fine.toString('latin1'));
    // Said to be compressed, but not: its reader may not care.
    const plain = await ask({ port, method: 'POST', headers: { 'content-encoding': 'gzip' }, body: 'an attack' });
    expect(plain.status).toBe(403);
  });

  test('a fault of the edge itself after a body was opened is answered 500', async () => {
    await use(acl([contains('attack', body)]));
    const complaints = vi.spyOn(console, 'error').mockReturnValue(undefined);
    const fault = vi.spyOn(Rules.prototype, 'find').mockImplementationOnce(() => {
      throw new Error('injected');
    });
    const asked = { port, method: 'POST', headers: { 'content-encoding': 'gzip' }, body: gzipSync('an order') };
    expect((await ask(asked)).status).toBe(500);
    fault.mockRestore();
    complaints.mockRestore();
    expect((await ask(asked)).status).toBe(200);
  });

  test('a bomb is opened no further than is inspected, and counts as oversize', async () => {
    await use(acl([contains('attack', { Body: { OversizeHandling: 'MATCH' } })]));
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024));
    const before = process.memoryUsage().rss;
    const answer = await ask({ port, method: 'POST', headers: { 'content-encoding': 'gzip' }, body: bomb });
    expect(answer.status).toBe(403);
    expect(process.memoryUsage().rss - before).toBeLessThan(20 * 1024 * 1024);
  });

  test('WAF trap 6: headers that only a proxy may set do not change who asks', async () => {
    const set = { ...acl([]), arn };
    const blocked: Rule = {
      Name: 'ips',
      Priority: 1,
      Statement: { IPSetReferenceStatement: { ARN: 'set' } },
      Action: { Block: {} },
      VisibilityConfig: visible('ips'),
    };
    const definition = { ...set.definition, ipSets: { set: { Addresses: ['203.0.113.0/24'] } } };
    await use({ ...set, definition: { ...definition, webAcl: { ...definition.webAcl, Rules: [blocked] } } });
    expect((await ask({ port, headers: { 'x-forwarded-for': '203.0.113.5' } })).status).toBe(200);
  });
});

describe('faults', () => {
  /** A seller's group with a rule that throws. */
  function broken(): WebAclSettings {
    const fails: Rule = {
      Name: 'fails',
      Priority: 1,
      Statement: { ManagedRuleGroupStatement: { VendorName: 'Seller', Name: 'Broken' } },
      OverrideAction: { None: {} },
      VisibilityConfig: visible('fails'),
    };
    const settings = acl([fails]);
    const group = {
      VendorName: 'Seller',
      Name: 'Broken',
      Version: '1',
      Capacity: 1,
      LabelNamespace: 'awswaf:managed:seller:broken:',
      Rules: [
        {
          Name: 'throws',
          Action: { Block: {} },
          inspect: () => {
            throw new Error('injected');
          },
        },
      ],
    };
    const vendorGroups = { [vendorGroupKey('Seller', 'Broken', undefined)]: group };
    return { ...settings, definition: { ...settings.definition, vendorGroups } };
  }

  test('WAF trap 14: a rule that throws: refused or passed on as the load balancer is told, with a metric and in the samples', async () => {
    await use(broken());
    node.report();
    expect((await ask({ port })).status).toBe(500);
    expect(arrived).toEqual([]);
    await use(broken(), { 'waf.fail_open.enabled': 'true' });
    expect((await ask({ port })).status).toBe(200);
    const report = node.report();
    expect(report?.metrics.flatMap(({ values }) => Object.keys(values))).toContain('WAFInspectionFailed');
    expect(report?.inspected[0]?.verdict.failure).toMatchObject({ ruleId: 'fails/throws', message: 'injected' });
  });

  test('a web ACL that cannot be compiled lets nobody pass', async () => {
    const silent = vi.spyOn(console, 'error').mockReturnValue(undefined);
    const missing: Rule = { ...contains('x', {}), Statement: { IPSetReferenceStatement: { ARN: 'missing' } } };
    await use(acl([missing]));
    await expect(ask({ port })).rejects.toThrow();
    silent.mockRestore();
    await use(acl([]));
    expect((await ask({ port })).status).toBe(200);
  });

  test('WAF trap 14: 1,000 changes under load: no request sees half a rule set', async () => {
    // Either set refuses `/a` with 401 and `/b` with 402, or with 411 and 412: never a mixture within one answer.
    const set = (base: number): WebAclSettings => {
      const block = (code: number) => ({ Action: { Block: { CustomResponse: { ResponseCode: code } } } });
      return acl([
        contains(
          'first',
          { QueryString: {} },
          {
            Name: 'one',
            Priority: 1,
            Action: { Count: { CustomRequestHandling: { InsertHeaders: [{ Name: 'set', Value: String(base) }] } } },
          },
        ),
        contains(
          'second',
          { QueryString: {} },
          {
            Name: 'two',
            Priority: 2,
            Action: { Count: { CustomRequestHandling: { InsertHeaders: [{ Name: 'again', Value: String(base) }] } } },
          },
        ),
        contains('stop', { QueryString: {} }, { Name: 'three', Priority: 3, ...block(base) }),
      ]);
    };
    await use(set(401));
    let isOver = false;
    let answers = 0;
    const mixed: string[] = [];
    const strange: number[] = [];
    const lane = async (): Promise<void> => {
      while (!isOver) {
        const passed = await ask({ port, path: '/?first-second' });
        const { headers } = JSON.parse(passed.body);
        answers += 1;
        if (headers['x-amzn-waf-set'] !== headers['x-amzn-waf-again']) mixed.push(passed.body);
        const { status } = await ask({ port, path: '/?stop' });
        if (status !== 401 && status !== 411) strange.push(status);
      }
    };
    const load = Promise.all([lane(), lane(), lane(), lane()]);
    for (let change = 0; change < 1_000; change++) {
      await use(set(change % 2 === 0 ? 411 : 401));
      if (change % 10 === 0) await pause(0);
    }
    await pause(50);
    isOver = true;
    await load;
    expect(answers).toBeGreaterThan(50);
    expect(mixed).toEqual([]);
    expect(strange).toEqual([]);
  });
});

test('a rate rule goes on counting when another rule changes, and hears what other processes count', async () => {
  const rate: Rule = {
    Name: 'rate',
    Priority: 5,
    Statement: { RateBasedStatement: { Limit: 100, AggregateKeyType: 'IP', EvaluationWindowSec: 300 } },
    Action: { Block: {} },
    VisibilityConfig: visible('rate'),
  };
  await use(acl([rate]));
  for (let count = 0; count < 80; count++) await ask({ port });
  const { rates = [] } = node.report() ?? {};
  expect(rates).toHaveLength(1);
  expect((await ask({ port })).status).toBe(200);
  await use(acl([rate, contains('x', { QueryString: {} })]));
  node.mergeRates(rates);
  const answers: number[] = [];
  for (let count = 0; count < 25; count++) answers.push((await ask({ port })).status);
  expect(answers.at(-1)).toBe(403);
});
