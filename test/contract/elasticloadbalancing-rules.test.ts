/** Rules of listeners: every condition and action, priorities, limits, over HTTP with the real SDK. */
import {
  type Action,
  CreateRuleCommand,
  type CreateRuleCommandInput,
  DeleteRuleCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  ModifyRuleCommand,
  type Rule,
  type RuleCondition,
  SetRulePrioritiesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answering, elbClient, makeListener, makeLoadBalancer, makeTargetGroup, refusal } from '../support/elb.ts';
import { startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
let elb: ReturnType<typeof elbClient>;
let listener: string;
let group: string;
beforeAll(async () => {
  instance = await startInstance();
  elb = elbClient(instance);
  const { LoadBalancerArn } = await makeLoadBalancer(elb, 'rules');
  listener = (await makeListener(elb, LoadBalancerArn, 8201)).ListenerArn;
  group = (await makeTargetGroup(elb, 'pages')).TargetGroupArn;
});
afterAll(() => instance.stop());

const path = (...Values: string[]): RuleCondition => ({ Field: 'path-pattern', Values });
let next = 1000;
async function create(more: Partial<CreateRuleCommandInput> = {}): Promise<Rule & { RuleArn: string }> {
  next += 1;
  const { Rules } = await elb.send(
    new CreateRuleCommand({
      ListenerArn: listener,
      Priority: next,
      Conditions: [path('/a')],
      Actions: [answering('a')],
      ...more,
    }),
  );
  return Rules?.[0] as Rule & { RuleArn: string };
}

async function described(arn: string): Promise<Rule | undefined> {
  return (await elb.send(new DescribeRulesCommand({ RuleArns: [arn] }))).Rules?.[0];
}

describe('conditions', () => {
  test.each([
    [path('/img/*'), { Field: 'path-pattern', Values: ['/img/*'], PathPatternConfig: { Values: ['/img/*'] } }],
    [
      { Field: 'path-pattern', PathPatternConfig: { Values: ['/a', '/b?'] } },
      { Field: 'path-pattern', Values: ['/a', '/b?'], PathPatternConfig: { Values: ['/a', '/b?'] } },
    ],
    [
      { Field: 'host-header', HostHeaderConfig: { Values: ['*.Example.com'] } },
      { Field: 'host-header', Values: ['*.Example.com'], HostHeaderConfig: { Values: ['*.Example.com'] } },
    ],
    [
      { Field: 'path-pattern', PathPatternConfig: { RegexValues: ['^/v[0-9]+/.*$'] } },
      {
        Field: 'path-pattern',
        RegexValues: ['^/v[0-9]+/.*$'],
        PathPatternConfig: { RegexValues: ['^/v[0-9]+/.*$'] },
      },
    ],
    [
      { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Team', Values: ['bar*', 'kitchen'] } },
      { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Team', Values: ['bar*', 'kitchen'] } },
    ],
    [
      { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['GET', 'HEAD'] } },
      { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['GET', 'HEAD'] } },
    ],
    [
      { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'v', Value: '1' }, { Value: '*x*' }] } },
      { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'v', Value: '1' }, { Value: '*x*' }] } },
    ],
    [
      { Field: 'source-ip', SourceIpConfig: { Values: ['192.0.2.0/24', '2001:db8::/32'] } },
      { Field: 'source-ip', SourceIpConfig: { Values: ['192.0.2.0/24', '2001:db8::/32'] } },
    ],
  ] as [RuleCondition, RuleCondition][])('%j is read back', async (given, shown) => {
    const made = await create({ Conditions: [given] });
    expect(made.Conditions).toEqual([shown]);
    expect(await described(made.RuleArn)).toEqual(made);
    await elb.send(new DeleteRuleCommand({ RuleArn: made.RuleArn }));
  });

  test.each([
    [[], /^ValidationError: A condition must be specified$/],
    [[{ Field: 'colour', Values: ['red'] }], /^ValidationError: Condition field 'colour' must be one of '\[/],
    [[path('/a'), path('/b')], /^ValidationError: A rule can only have one 'path-pattern' condition$/],
    [[path('/a', '/b')], /^ValidationError: The 'path-pattern' field contains too many values; the limit is '1'$/],
    [[path(`/${'x'.repeat(128)}`)], /^ValidationError: The 'path-pattern' value is too long; the limit is '128'$/],
    [[path('/a b')], /^ValidationError: The path pattern '\/a b' is not valid$/],
    [[{ Field: 'host-header', Values: ['nodot'] }], /^ValidationError: The host name 'nodot' is not valid$/],
    [
      [{ Field: 'path-pattern', Values: ['/a'], PathPatternConfig: { Values: ['/b'] } }],
      /^ValidationError: You cannot provide both Values and 'PathPatternConfig'/,
    ],
    [[{ Field: 'path-pattern' }], /^ValidationError: A condition value must be specified$/],
    [
      [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/1', '/2', '/3', '/4', '/5', '/6'] } }],
      /^ValidationError: A rule can only have '5' condition values$/,
    ],
    [[path('/*/*/*/*/*/*')], /^ValidationError: A rule can only have '5' condition wildcards$/],
    [[{ Field: 'http-header', Values: ['x'] }], /^ValidationError: The 'Values' field is not compatible with 'http-h/],
    [[{ Field: 'http-header' }], /^ValidationError: A 'HttpHeaderConfig' must be specified with 'http-header'$/],
    [
      [{ Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'Host', Values: ['x'] } }],
      /^ValidationError: The 'http-header' condition cannot be used with the host header/,
    ],
    [
      [{ Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['get'] } }],
      /^ValidationError: The 'http-request-method' value is invalid/,
    ],
    [
      [{ Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'a' }] } }],
      /^ValidationError: A 'Value' must be specified in 'QueryStringKeyValuePair'$/,
    ],
    [
      [{ Field: 'source-ip', SourceIpConfig: { Values: ['192.0.2.1'] } }],
      /^ValidationError: The source IP '192.0.2.1' must be in CIDR format$/,
    ],
    [
      [{ Field: 'path-pattern', PathPatternConfig: { RegexValues: ['('] } }],
      /^ValidationError: The regular expression '\(' is not valid$/,
    ],
    [
      [{ Field: 'path-pattern', PathPatternConfig: { RegexValues: ['(a)\\1'] } }],
      /^ValidationError: The regular expression/,
    ],
  ] as [RuleCondition[], RegExp][])('%j is refused', async (Conditions, expected) => {
    expect(await refusal(create({ Conditions }))).toMatch(expected);
  });
});

describe('actions', () => {
  test('forward by weight, redirect and fixed response are read back', async () => {
    const other = (await makeTargetGroup(elb, 'other')).TargetGroupArn;
    const weighted = await create({
      Actions: [
        {
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: [{ TargetGroupArn: group, Weight: 10 }, { TargetGroupArn: other }],
            TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
          },
        },
      ],
    });
    expect(weighted.Actions).toEqual([
      {
        Type: 'forward',
        ForwardConfig: {
          TargetGroups: [
            { TargetGroupArn: group, Weight: 10 },
            { TargetGroupArn: other, Weight: 1 },
          ],
          TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
        },
      },
    ]);
    const redirect = await create({
      Actions: [{ Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } }],
    });
    expect(redirect.Actions).toEqual([
      {
        Type: 'redirect',
        RedirectConfig: {
          Protocol: 'HTTPS',
          Port: '443',
          Host: '#{host}',
          Path: '/#{path}',
          Query: '#{query}',
          StatusCode: 'HTTP_301',
        },
      },
    ]);
    const fixed = await create({ Actions: [answering('hi')] });
    expect(fixed.Actions).toEqual([answering('hi')]);
    const ordered = await elb.send(
      new ModifyRuleCommand({ RuleArn: fixed.RuleArn, Actions: [{ ...answering('hi'), Order: 1 }] }),
    );
    expect(ordered.Rules?.[0]?.Actions).toEqual([{ ...answering('hi'), Order: 1 }]);
    for (const { RuleArn } of [weighted, redirect, fixed]) await elb.send(new DeleteRuleCommand({ RuleArn }));
  });

  test('a target group has one load balancer', async () => {
    const { LoadBalancerArn } = await makeLoadBalancer(elb, 'second');
    const second = await makeListener(elb, LoadBalancerArn, 8202, { Type: 'forward', TargetGroupArn: group });
    expect(second.ListenerArn).toBeDefined();
    expect(await refusal(create({ Actions: [{ Type: 'forward', TargetGroupArn: group }] }))).toBe(
      `TargetGroupAssociationLimit: The following target groups cannot be associated with more than one load balancer: ${group}`,
    );
  });

  const to = (RedirectConfig: object): Action => ({ Type: 'redirect', RedirectConfig }) as Action;
  const fixed = (FixedResponseConfig: object): Action => ({ Type: 'fixed-response', FixedResponseConfig }) as Action;
  test.each([
    [
      [to({ StatusCode: 'HTTP_302' })],
      /^InvalidLoadBalancerAction: The redirect configuration is not valid because it/,
    ],
    [[to({ Path: 'x', StatusCode: 'HTTP_302' })], /^ValidationError: The redirect path 'x' must start with '\/'$/],
    [[to({ Port: '0', StatusCode: 'HTTP_302' })], /^ValidationError: The redirect port '0' must be between/],
    [[to({ Host: 'a\r\nb', StatusCode: 'HTTP_302' })], /^ValidationError: The redirect host/],
    [[to({ Path: '/#{cookie}', StatusCode: 'HTTP_302' })], /^ValidationError: The redirect configuration contains an/],
    [[fixed({ StatusCode: '302' })], /^ValidationError: 1 validation error detected: Value '302' at/],
    [[fixed({ StatusCode: '200', ContentType: 'image/png' })], /^ValidationError: The ContentType must be one of:/],
    [[fixed({ StatusCode: '200', MessageBody: 'x'.repeat(1025) })], /^ValidationError: 1 validation error detected/],
    [[{ Type: 'forward' }], /^ValidationError: A target group ARN must be specified$/],
    [[answering('a'), answering('b')], /^InvalidLoadBalancerAction: Only one action/],
    [[{ ...answering('a'), RedirectConfig: { StatusCode: 'HTTP_302' } }], /^ValidationError: The 'RedirectConfig' fi/],
    [[{ Type: 'authenticate-cognito' }, answering('a')], /^NotImplemented: The action 'authenticate-cognito' needs/],
  ] as [Action[], RegExp][])('%j is refused', async (Actions, expected) => {
    expect(await refusal(create({ Actions }))).toMatch(expected);
  });

  test('transforms', async () => {
    const Transforms: CreateRuleCommandInput['Transforms'] = [
      { Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [{ Regex: '^/old/(.*)$', Replace: '/new/$1' }] } },
      { Type: 'host-header-rewrite', HostHeaderRewriteConfig: { Rewrites: [{ Regex: '.*', Replace: 'in.example' }] } },
    ];
    const made = await create({ Transforms });
    expect(made.Transforms).toEqual(Transforms);
    const modify = (more: object) => elb.send(new ModifyRuleCommand({ RuleArn: made.RuleArn, ...more }));
    expect((await modify({ ResetTransforms: true })).Rules?.[0]?.Transforms).toEqual([]);
    expect(await refusal(modify({ ResetTransforms: true, Transforms }))).toMatch(
      /^ValidationError: Transforms and Rese/,
    );
    const twice = [Transforms?.[0], Transforms?.[0]] as CreateRuleCommandInput['Transforms'];
    expect(await refusal(create({ Transforms: twice }))).toMatch(/^ValidationError: A rule can only have one/);
    // What would hold up everybody's requests, or looks around, is not taken.
    for (const Regex of ['(?:a{99}){99}', '(?=a)', '(?i:a)']) {
      const Rewrites = [{ Regex, Replace: '/' }];
      expect(await refusal(create({ Transforms: [{ Type: 'url-rewrite', UrlRewriteConfig: { Rewrites } }] }))).toBe(
        `ValidationError: The regular expression '${Regex}' is not valid`,
      );
    }
  });
});

describe('priorities', () => {
  test('are unique; rules are listed by them, the default rule last', async () => {
    const { LoadBalancerArn } = await makeLoadBalancer(elb, 'ordered');
    const { ListenerArn } = await makeListener(elb, LoadBalancerArn, 8203);
    const at = (Priority: number) => create({ ListenerArn, Priority });
    const [ten, two] = [await at(10), await at(2)];
    expect(await refusal(at(10))).toBe("PriorityInUse: Priority '10' is currently in use");
    expect(await refusal(at(50_001))).toMatch(/^ValidationError: 1 validation error detected/);
    const order = async () =>
      (await elb.send(new DescribeRulesCommand({ ListenerArn }))).Rules?.map(({ Priority }) => Priority);
    expect(await order()).toEqual(['2', '10', 'default']);
    const swap = new SetRulePrioritiesCommand({
      RulePriorities: [
        { RuleArn: ten.RuleArn, Priority: 2 },
        { RuleArn: two.RuleArn, Priority: 10 },
      ],
    });
    expect((await elb.send(swap)).Rules?.map(({ RuleArn, Priority }) => [RuleArn, Priority])).toEqual([
      [ten.RuleArn, '2'],
      [two.RuleArn, '10'],
    ]);
    const set = (RuleArn: string, Priority: number) =>
      elb.send(new SetRulePrioritiesCommand({ RulePriorities: [{ RuleArn, Priority }] }));
    expect(await refusal(set(ten.RuleArn, 10))).toBe("PriorityInUse: Priority '10' is currently in use");
    const page = await elb.send(new DescribeRulesCommand({ ListenerArn, PageSize: 1 }));
    const rest = await elb.send(new DescribeRulesCommand({ ListenerArn, Marker: page.NextMarker }));
    expect(rest.Rules?.map(({ Priority }) => Priority)).toEqual(['10', 'default']);
    const fallback = rest.Rules?.[1]?.RuleArn as string;
    expect(await refusal(set(fallback, 5))).toMatch(/^OperationNotPermitted: /);
    expect(await refusal(elb.send(new DeleteRuleCommand({ RuleArn: fallback })))).toBe(
      `OperationNotPermitted: Default rule '${fallback}' cannot be deleted`,
    );
    const modify = new ModifyRuleCommand({ RuleArn: fallback, Actions: [answering('x')] });
    expect(await refusal(elb.send(modify))).toMatch(/^OperationNotPermitted: /);
  });
});

test('of many who want one priority at once, one gets it', async () => {
  const wanted = Array.from({ length: 8 }, () => create({ Priority: 700 }));
  const outcomes = await Promise.allSettled(wanted);
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [(one.reason as Error).message] : []));
  expect(new Set(refused)).toEqual(new Set(["Priority '700' is currently in use"]));
});

test('ModifyRule leaves alone what it does not name', async () => {
  const { RuleArn } = await create({ Tags: [{ Key: 'team', Value: 'bar' }] });
  const changed = await elb.send(new ModifyRuleCommand({ RuleArn, Conditions: [path('/b')] }));
  expect(changed.Rules?.[0]).toMatchObject({
    Conditions: [{ Field: 'path-pattern', Values: ['/b'] }],
    Actions: [answering('a')],
  });
  expect(await refusal(elb.send(new ModifyRuleCommand({ RuleArn })))).toBe(
    'ValidationError: Either conditions or actions must be specified',
  );
  const { TagDescriptions } = await elb.send(new DescribeTagsCommand({ ResourceArns: [RuleArn] }));
  expect(TagDescriptions?.[0]?.Tags).toEqual([{ Key: 'team', Value: 'bar' }]);
  await elb.send(new DeleteRuleCommand({ RuleArn }));
  for (const command of [
    new DeleteRuleCommand({ RuleArn }),
    new ModifyRuleCommand({ RuleArn, Conditions: [path('/')] }),
  ]) {
    expect(await refusal(elb.send(command as DeleteRuleCommand))).toBe('RuleNotFound: One or more rules not found');
  }
  expect(await refusal(elb.send(new DescribeRulesCommand({})))).toBe(
    'ValidationError: You must specify either listener rule ARNs or a listener ARN',
  );
});
