/** Web ACLs of the API on real requests: what rules do, and what samples, logs, explanations and replays then tell. */
import { gunzipSync } from 'node:zlib';
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { AuthorizeSecurityGroupIngressCommand, CreateSecurityGroupCommand, EC2Client } from '@aws-sdk/client-ec2';
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  AssociateWebACLCommand,
  CreateIPSetCommand,
  type CreateWebACLCommandInput,
  DisassociateWebACLCommand,
  GetRateBasedStatementManagedKeysCommand,
  GetSampledRequestsCommand,
  GetTopPathStatisticsByTrafficCommand,
  GetWebACLCommand,
  PutLoggingConfigurationCommand,
  type Rule,
  UpdateIPSetCommand,
  UpdateWebACLCommand,
  type WAFV2Client,
} from '@aws-sdk/client-wafv2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askBailey } from '../support/bailey-api.ts';
import { answering, elbClient, makeListener, makeLoadBalancer } from '../support/elb.ts';
import { startInstance, type TestInstance, testConfig } from '../support/instance.ts';
import { anyName, type MadeWebAcl, makeWebAcl, visible, wafClient } from '../support/wafv2.ts';
import { ask, freePort, until } from './edge.fixture.ts';

let instance: TestInstance;
let waf: WAFV2Client;
let port: number;
let balancer = '';
const Scope = 'REGIONAL' as const;
const none = [{ Priority: 0, Type: 'NONE' as const }];
const prankster = '127.0.0.66';

beforeAll(async () => {
  instance = await startInstance({ ...testConfig, edge: { processes: 1 }, cloudtrail: { deliverySeconds: 1 } });
  waf = wafClient(instance);
  port = await freePort();
  const ec2 = new EC2Client(instance.clientOptions());
  const { GroupId } = await ec2.send(new CreateSecurityGroupCommand({ GroupName: 'web', Description: 'web' }));
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));
  const elb = elbClient(instance);
  balancer = (await makeLoadBalancer(elb, 'shop', { SecurityGroups: [GroupId ?? ''] })).LoadBalancerArn;
  await makeListener(elb, balancer, port, answering('coffee'));
  await until(() =>
    ask({ port })
      .then(({ status }) => status === 200)
      .catch(() => false),
  );
});
afterAll(() => instance.stop());

const contains = (text: string, FieldToMatch: object = { UriPath: {} }) => ({
  ByteMatchStatement: {
    SearchString: Buffer.from(text),
    FieldToMatch,
    TextTransformations: none,
    PositionalConstraint: 'CONTAINS' as const,
  },
});
const rule = (Name: string, Priority: number, Statement: object, more: Partial<Rule> = {}): Rule => ({
  Name,
  Priority,
  Statement,
  Action: { Block: {} },
  VisibilityConfig: visible(Name),
  ...more,
});

/** Put in front of the load balancer, and acting. A header tells which web ACL is at work. */
async function protect(Rules: Rule[], more: Partial<CreateWebACLCommandInput> = {}): Promise<MadeWebAcl> {
  const mark = anyName('mark');
  const acting = rule(mark, 100_000, contains(mark), { Action: { Block: {} } });
  const acl = await makeWebAcl(waf, { Rules: [...Rules, acting], ...more });
  await waf.send(new AssociateWebACLCommand({ WebACLArn: acl.ARN, ResourceArn: balancer }));
  await until(async () => (await ask({ port, path: `/${mark}` })).status === 403);
  return acl;
}
const statusOf = async (path: string, more: object = {}): Promise<number> =>
  (await ask({ port, path, ...more })).status;

async function samples(acl: MadeWebAcl, RuleMetricName: string) {
  const TimeWindow = { StartTime: new Date(Date.now() - 600_000), EndTime: new Date(Date.now() + 1_000) };
  return waf.send(
    new GetSampledRequestsCommand({ WebAclArn: acl.ARN, RuleMetricName, Scope, TimeWindow, MaxItems: 100 }),
  );
}

test('M-189 M-191 M-192 everybody is let in but whom a list names, as long as the list names them', async () => {
  const { Summary } = await waf.send(
    new CreateIPSetCommand({ Name: 'pranksters', Scope, IPAddressVersion: 'IPV4', Addresses: [`${prankster}/32`] }),
  );
  await protect([rule('listed', 0, { IPSetReferenceStatement: { ARN: Summary?.ARN } })]);
  const him = { localAddress: prankster };
  expect([await statusOf('/', him), await statusOf('/')]).toEqual([403, 200]);
  const { Name = '', Id = '', LockToken } = Summary ?? {};
  const update = (Addresses: string[], token: string | undefined) =>
    waf.send(new UpdateIPSetCommand({ Name, Id, Scope, Addresses, LockToken: token }));
  const { NextLockToken } = await update([], LockToken);
  await until(async () => (await statusOf('/', him)) === 200);
  await update(['127.0.0.64/26'], NextLockToken);
  await until(async () => (await statusOf('/', him)) === 403);
  expect(await statusOf('/')).toBe(200);
  await waf.send(new DisassociateWebACLCommand({ ResourceArn: balancer }));
  await until(async () => (await statusOf('/', him)) === 200);
});

test('M-190 M-195 M-196 rules in the order of their priority: counting goes on, the first that ends it decides', async () => {
  await protect([
    rule('teapot', 30, contains('tea'), { Action: { Block: { CustomResponse: { ResponseCode: 404 } } } }),
    rule('label', 10, contains('tea'), { Action: { Count: {} }, RuleLabels: [{ Name: 'tea' }] }),
    rule('staff', 20, contains('staff', { SingleHeader: { Name: 'x-who' } }), { Action: { Allow: {} } }),
    rule('labelled', 40, { LabelMatchStatement: { Scope: 'LABEL', Key: 'tea' } }),
    rule('both', 50, {
      AndStatement: {
        Statements: [
          contains('POST', { Method: {} }),
          { NotStatement: { Statement: { ...contains('form') } } },
          {
            OrStatement: {
              Statements: [
                {
                  SizeConstraintStatement: {
                    FieldToMatch: { Body: {} },
                    ComparisonOperator: 'GT',
                    Size: 10,
                    TextTransformations: none,
                  },
                },
                {
                  RegexMatchStatement: {
                    RegexString: '^/[0-9]+$',
                    FieldToMatch: { UriPath: {} },
                    TextTransformations: none,
                  },
                },
              ],
            },
          },
        ],
      },
    }),
  ]);
  expect(await statusOf('/tea')).toBe(404);
  expect(await statusOf('/tea', { headers: { 'x-who': 'staff' } })).toBe(200);
  expect(await statusOf('/coffee')).toBe(200);
  const post = (path: string, body: string) => statusOf(path, { method: 'POST', body });
  expect([
    await post('/a', 'x'.repeat(11)),
    await post('/a', 'x'),
    await post('/12', 'x'),
    await post('/form', 'x'.repeat(11)),
  ]).toEqual([403, 200, 403, 200]);
});

test('M-186 M-198 what was counted and what was stopped is sampled, with address, headers and what became of it', async () => {
  const acl = await protect(
    [rule('count', 0, contains('/menu'), { Action: { Count: {} } }), rule('stop', 1, contains('/admin'))],
    {
      DataProtectionConfig: {
        DataProtections: [
          { Field: { FieldType: 'SINGLE_HEADER', FieldKeys: ['authorization'] }, Action: 'SUBSTITUTION' },
        ],
      },
    },
  );
  const headers = { 'User-Agent': 'coffee/1', Authorization: 'Bearer s3cret' };
  await ask({ port, path: '/menu?day=1', headers });
  await ask({ port, path: '/admin', headers, localAddress: prankster });
  await until(async () => ((await samples(acl, 'stop')).SampledRequests ?? []).length > 0);
  const stopped = await samples(acl, 'stop');
  expect(stopped.SampledRequests).toMatchObject([
    { Action: 'BLOCK', Request: { ClientIP: prankster, URI: '/admin', Method: 'GET', HTTPVersion: 'HTTP/1.1' } },
  ]);
  expect(stopped.SampledRequests?.[0]?.Request?.Headers).toContainEqual({ Name: 'User-Agent', Value: 'coffee/1' });
  expect(JSON.stringify(stopped)).not.toContain('s3cret');
  expect((await samples(acl, 'count')).SampledRequests).toMatchObject([
    { Action: 'COUNT', Request: { ClientIP: '127.0.0.1', URI: '/menu' } },
  ]);
  expect(stopped.PopulationSize).toBe(1);
});

test('WAF trap 16: logs come into the bucket, filtered and redacted', async () => {
  const s3 = new S3Client(instance.clientOptions());
  const Bucket = anyName('aws-waf-logs');
  await s3.send(new CreateBucketCommand({ Bucket }));
  const acl = await protect([rule('stop', 0, contains('/admin'))]);
  await waf.send(
    new PutLoggingConfigurationCommand({
      LoggingConfiguration: {
        ResourceArn: acl.ARN,
        LogDestinationConfigs: [`arn:aws:s3:::${Bucket}`],
        RedactedFields: [{ QueryString: {} }],
        LoggingFilter: {
          DefaultBehavior: 'DROP',
          Filters: [
            { Behavior: 'KEEP', Requirement: 'MEETS_ANY', Conditions: [{ ActionCondition: { Action: 'BLOCK' } }] },
          ],
        },
      },
    }),
  );
  const logged = async (): Promise<Record<string, never>[]> => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
    const lines: Record<string, never>[] = [];
    for (const { Key } of Contents) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const text = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString();
      for (const line of text.trimEnd().split('\n')) lines.push(JSON.parse(line));
    }
    return lines;
  };
  await until(async () => {
    await ask({ port, path: '/admin?token=s3cret' });
    await ask({ port, path: '/menu' });
    return (await logged()).length > 0;
  });
  const lines = await logged();
  for (const line of lines) {
    expect(line).toMatchObject({
      webaclId: acl.ARN,
      terminatingRuleId: 'stop',
      terminatingRuleType: 'REGULAR',
      action: 'BLOCK',
      httpSourceName: 'ALB',
      httpRequest: { clientIp: '127.0.0.1', uri: '/admin', args: 'REDACTED', httpMethod: 'GET', scheme: 'http' },
    });
  }
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  expect(Contents[0]?.Key).toMatch(
    new RegExp(`^AWSLogs/111122223333/WAFLogs/us-east-1/${acl.Name}/\\d{4}/\\d\\d/\\d\\d/\\d\\d/\\d\\d/.*\\.log\\.gz$`),
  );
});

test('logs come into the log group', async () => {
  const logs = new CloudWatchLogsClient(instance.clientOptions());
  const logGroupName = anyName('aws-waf-logs');
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  const acl = await protect([rule('stop', 0, contains('/admin'))]);
  const destination = `arn:aws:logs:us-east-1:111122223333:log-group:${logGroupName}`;
  const LoggingConfiguration = { ResourceArn: acl.ARN, LogDestinationConfigs: [destination] };
  await waf.send(new PutLoggingConfigurationCommand({ LoggingConfiguration }));
  const filterPattern = '{ $.action = "BLOCK" }';
  const found = async () => (await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern }))).events ?? [];
  await until(async () => {
    await ask({ port, path: '/admin' });
    return (await found()).length > 0;
  });
  const [event] = await found();
  expect(event?.logStreamName).toBe(`us-east-1_${acl.Name}_0`);
  expect(JSON.parse(event?.message ?? '')).toMatchObject({ webaclId: acl.ARN, terminatingRuleId: 'stop' });
});

test('M-201 a managed group stops an attack, its rule can count instead, and the answer’s id explains it', async () => {
  const managed: Rule = {
    Name: 'common',
    Priority: 0,
    Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'AWSManagedRulesCommonRuleSet' } },
    OverrideAction: { None: {} },
    VisibilityConfig: visible('common'),
  };
  const acl = await protect([managed]);
  const headers = { 'User-Agent': 'Mozilla/5.0' };
  const attack = { port, path: '/search?q=%3Cscript%3Ealert(1)%3C/script%3E', headers };
  const refused = await ask(attack);
  expect(refused.status).toBe(403);
  const RequestId = String(refused.headers['x-amzn-requestid']);
  let Text = '';
  let Explanation = '';
  await until(async () => {
    try {
      ({ Text, Explanation } = await askBailey<{ Text: string; Explanation: string }>(instance, 'Explain', {
        RequestId,
      }));
      return true;
    } catch {
      return false;
    }
  });
  expect(Text).toContain('rule CrossSiteScripting_QUERYARGUMENTS of AWS#AWSManagedRulesCommonRuleSet, in rule common');
  expect(Text).toMatch(/score [01]\.\d\d/);

  const { exclusion } = JSON.parse(Explanation) as { exclusion: { rules: Rule[] } };
  const { WebACL, LockToken } = await waf.send(new GetWebACLCommand({ Name: acl.Name, Id: acl.Id, Scope }));
  const names = new Set(exclusion.rules.map(({ Name }) => Name));
  const changed = [...(WebACL?.Rules ?? []).filter(({ Name }) => !names.has(Name)), ...exclusion.rules];
  const Definition = JSON.stringify({ Rules: changed }, (_key, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  );
  const replayed = await askBailey<{ Text: string; Result: string }>(instance, 'ReplayRequests', {
    WebACLArn: acl.ARN,
    Definition,
  });
  expect(JSON.parse(replayed.Result).changes).toMatchObject({ 'BLOCK → ALLOW': 1 });
  expect(replayed.Text).toContain('common/CrossSiteScripting_QUERYARGUMENTS');
  expect((await ask(attack)).status).toBe(403);

  const bytes = (one: Rule): Rule =>
    JSON.parse(JSON.stringify(one), (key, value) =>
      key === 'SearchString' && typeof value === 'string' ? Buffer.from(value, 'base64') : value,
    );
  const Rules = changed.map((one) => (names.has(one.Name ?? '') ? bytes(one) : one));
  await waf.send(
    new UpdateWebACLCommand({
      Name: acl.Name,
      Id: acl.Id,
      Scope,
      LockToken,
      DefaultAction: WebACL?.DefaultAction,
      VisibilityConfig: WebACL?.VisibilityConfig,
      Rules,
    }),
  );
  await until(async () => (await ask(attack)).status === 200);
  expect((await ask({ ...attack, path: attack.path.replace('/search', '/other') })).status).toBe(403);
});

test('a body that only managed groups saw whole is told in part, and its replay says so', async () => {
  const managed: Rule = {
    Name: 'sql',
    Priority: 0,
    Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'AWSManagedRulesSQLiRuleSet' } },
    OverrideAction: { None: {} },
    VisibilityConfig: visible('sql'),
  };
  const acl = await protect([managed]);
  const body = `note=${'x'.repeat(20_000)}&id=1' UNION SELECT password FROM users--`;
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const answer = await ask({ port, path: '/order', method: 'POST', headers, body });
  expect(answer.status).toBe(403);
  await until(async () => ((await samples(acl, 'sql')).SampledRequests ?? []).length === 1);
  const replayed = await askBailey<{ Result: string }>(instance, 'ReplayRequests', {
    WebACLArn: acl.ARN,
    Definition: '{}',
  });
  const { changes, unfaithful } = JSON.parse(replayed.Result);
  expect((changes['BLOCK → BLOCK'] ?? 0) + (changes['ALLOW → ALLOW'] ?? 0)).toBeGreaterThan(0);
  expect(unfaithful).toBe(1);
});

test('paths that robots ask for, with their names', async () => {
  const bots: Rule = {
    Name: 'bots',
    Priority: 0,
    Statement: { ManagedRuleGroupStatement: { VendorName: 'AWS', Name: 'AWSManagedRulesBotControlRuleSet' } },
    OverrideAction: { Count: {} },
    VisibilityConfig: visible('bots'),
  };
  const acl = await protect([bots]);
  const robot = { port, path: '/menu', headers: { 'User-Agent': 'curl/8.5.0' } };
  for (let n = 0; n < 3; n++) expect((await ask(robot)).status).toBe(200);
  const paths = async () => {
    const TimeWindow = { StartTime: new Date(Date.now() - 600_000), EndTime: new Date(Date.now() + 1_000) };
    const asked = { WebAclArn: acl.ARN, Scope, TimeWindow, Limit: 10, NumberOfTopTrafficBotsPerPath: 2 };
    return waf.send(new GetTopPathStatisticsByTrafficCommand({ ...asked, UriPathPrefix: '/menu' }));
  };
  await until(async () => (await paths()).TotalRequestCount === 3);
  expect((await paths()).PathStatistics).toMatchObject([
    { Path: '/menu', RequestCount: 3, TopBots: [{ BotName: 'curl', RequestCount: 3, Percentage: 100 }] },
  ]);
});

test('WAF trap 14: hundreds of changes under load: no request sees half a web ACL', async () => {
  const either = (which: 'a' | 'b') => [
    rule('first', 0, contains(which === 'a' ? '/a' : '/none')),
    rule('second', 1, contains(which === 'a' ? '/none' : '/b')),
  ];
  const acl = await protect(either('a'));
  const { WebACL, LockToken } = await waf.send(new GetWebACLCommand({ Name: acl.Name, Id: acl.Id, Scope }));
  let isOver = false;
  const seen = new Map<number, number>();
  const client = async (): Promise<void> => {
    while (!isOver) {
      const status = await statusOf('/a/b');
      seen.set(status, (seen.get(status) ?? 0) + 1);
    }
  };
  const clients = [client(), client(), client()];
  let token = LockToken;
  for (let n = 0; n < 150; n++) {
    const { NextLockToken } = await waf.send(
      new UpdateWebACLCommand({
        Name: acl.Name,
        Id: acl.Id,
        Scope,
        LockToken: token,
        DefaultAction: WebACL?.DefaultAction,
        VisibilityConfig: WebACL?.VisibilityConfig,
        Rules: either(n % 2 === 0 ? 'b' : 'a'),
      }),
    );
    token = NextLockToken;
  }
  isOver = true;
  await Promise.all(clients);
  expect([...seen.keys()]).toEqual([403]);
  expect(seen.get(403)).toBeGreaterThan(50);
  await until(async () => (await statusOf('/a')) === 403 && (await statusOf('/b')) === 200);
});

test('whom a rate holds back can be asked for', async () => {
  const rate: Rule = rule('rate', 0, {
    RateBasedStatement: { Limit: 10, AggregateKeyType: 'IP', EvaluationWindowSec: 60 },
  });
  const { Summary } = await waf.send(
    new CreateIPSetCommand({ Name: 'me', Scope, IPAddressVersion: 'IPV4', Addresses: ['127.0.0.1/32'] }),
  );
  const me = rule('me', 0, { IPSetReferenceStatement: { ARN: Summary?.ARN } }, { Action: { Allow: {} } });
  const acl = await protect([
    { ...rate, Priority: 5 },
    { ...me, Priority: 100_001 },
  ]);
  await until(async () => (await statusOf('/', { localAddress: '127.0.0.77' })) === 403);
  const isHeld = async (): Promise<boolean> => {
    await statusOf('/', { localAddress: '127.0.0.77' });
    const { ManagedKeysIPV4 } = await waf.send(
      new GetRateBasedStatementManagedKeysCommand({ Scope, WebACLName: acl.Name, WebACLId: acl.Id, RuleName: 'rate' }),
    );
    return ManagedKeysIPV4?.Addresses?.includes('127.0.0.77/32') ?? false;
  };
  // Nodes tell it every five seconds.
  await until(isHeld).catch(() => until(isHeld));
});
