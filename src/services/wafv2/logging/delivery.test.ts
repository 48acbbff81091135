/** The delivery job: where lines go, under which name, as whom, and that one refusal hurts nobody else. */
import { gunzipSync } from 'node:zlib';
import { beforeEach, expect, test } from 'vitest';
import { type Bench, seededRandom } from '../../../../test/support/call.ts';
import { type BenchAcl, benchAcl, wafBench } from '../../../../test/support/waf-bench.ts';
import type { ActingIdentity } from '../../service.ts';
import { AwsError } from '../../service.ts';
import type { WafPorts } from '../ports.ts';
import { type LoggingRow, loggingConfigurations } from '../state.ts';
import { loggingId } from './configuration.ts';
import { deliveryJob } from './delivery.ts';

interface Made {
  readonly identity: ActingIdentity;
  readonly call: string;
  readonly input: Record<string, unknown>;
}

let bench: Bench<WafPorts>;
let calls: Made[];
let refuse: (call: string, input: Record<string, unknown>) => AwsError | undefined;
beforeEach(() => {
  bench = wafBench();
  calls = [];
  refuse = () => undefined;
});

async function logTo(acl: BenchAcl, destination: string, settings: object = {}): Promise<void> {
  const row: LoggingRow = {
    webAclArn: acl.arn,
    logScope: 'CUSTOMER',
    destinations: [destination],
    settings: settings as LoggingRow['settings'],
  };
  const change = bench.store.begin();
  change.put(loggingConfigurations, '111122223333/us-east-1/REGIONAL', loggingId('CUSTOMER', acl.arn), row);
  await bench.store.commit(change);
}

async function run(job = deliveryJob(bench.ports), later = 61_000): Promise<void> {
  await job.run({
    now: bench.now + later,
    random: seededRandom(7),
    actor: {
      async call(identity, service, operation, input) {
        const call = `${service}:${operation}`;
        const made = input as Record<string, unknown>;
        const refusal = refuse(call, made);
        if (refusal) throw refusal;
        const { Body: body } = made;
        if (body !== undefined) {
          const chunks: Uint8Array[] = [];
          for await (const chunk of body as AsyncIterable<Uint8Array>) chunks.push(chunk);
          made.text = gunzipSync(Buffer.concat(chunks)).toString();
        }
        calls.push({ identity, call, input: made });
        return {};
      },
      authorize: async () => undefined,
    },
  });
}

test('a file in the bucket for five minutes, by the delivery service on behalf of the account', async () => {
  const acl = await benchAcl(bench);
  await logTo(acl, 'arn:aws:s3:::aws-waf-logs-shop/deep');
  acl.see({ path: '/a' });
  acl.see({ path: '/b' });
  await run();
  expect(calls).toHaveLength(1);
  const [{ identity, call, input } = {} as Made] = calls;
  expect(call).toBe('s3:PutObject');
  expect(identity).toMatchObject({
    as: 'service',
    name: 'delivery.logs.amazonaws.com',
    sourceAccount: '111122223333',
    region: 'us-east-1',
  });
  expect(input).toMatchObject({ Bucket: 'aws-waf-logs-shop', ACL: 'bucket-owner-full-control' });
  expect(input.Key).toMatch(
    /^deep\/AWSLogs\/111122223333\/WAFLogs\/us-east-1\/shop\/2026\/11\/01\/00\/00\/111122223333_waflogs_us-east-1_shop_20261101T0000Z_[0-9a-f]{8}\.log\.gz$/,
  );
  const lines = String(input.text)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ httpRequest }) => httpRequest.uri)).toEqual(['/a', '/b']);
  expect(lines[0]).toMatchObject({
    formatVersion: 1,
    webaclId: acl.arn,
    terminatingRuleId: 'Default_Action',
    action: 'ALLOW',
    httpSourceName: 'ALB',
    httpRequest: { clientIp: '192.0.2.44', country: 'NL', scheme: 'https', httpMethod: 'GET' },
  });
  await run();
  expect(calls).toHaveLength(1);
});

test('a stream in the log group, in batches that the log service takes', async () => {
  const acl = await benchAcl(bench);
  await logTo(acl, 'arn:aws:logs:us-east-1:111122223333:log-group:aws-waf-logs-shop:*');
  for (let n = 0; n < 1_200; n++) acl.see({ path: `/${n}` }, { at: bench.now + 1_200 - n });
  refuse = (call) => (call === 'logs:CreateLogStream' ? new AwsError('ResourceAlreadyExistsException', '') : undefined);
  await run();
  expect(calls.map(({ call }) => call)).toEqual(['logs:PutLogEvents', 'logs:PutLogEvents']);
  expect(calls[0]?.input).toMatchObject({ logGroupName: 'aws-waf-logs-shop', logStreamName: 'us-east-1_shop_0' });
  const events = calls.flatMap(({ input }) => input.logEvents as { timestamp: number; message: string }[]);
  expect(events).toHaveLength(1_200);
  expect(events.map(({ timestamp }) => timestamp)).toEqual(events.map(({ timestamp }) => timestamp).sort());
  expect(Math.max(...calls.map(({ input }) => JSON.stringify(input.logEvents).length))).toBeLessThan(1_048_576);
});

test('filters and redaction act on what is delivered', async () => {
  const acl = await benchAcl(bench);
  await logTo(acl, 'arn:aws:s3:::aws-waf-logs-shop', {
    LoggingFilter: {
      DefaultBehavior: 'DROP',
      Filters: [{ Behavior: 'KEEP', Requirement: 'MEETS_ANY', Conditions: [{ ActionCondition: { Action: 'BLOCK' } }] }],
    },
    RedactedFields: [
      { SingleHeader: { Name: 'authorization' } },
      { SingleHeader: { Name: 'cookie' } },
      { QueryString: {} },
    ],
  });
  const seen = acl.see({ path: '/a' });
  await run();
  expect(calls).toEqual([]);
  bench.ports.traffic.report([{ ...seen, verdict: { ...seen.verdict, action: 'BLOCK' } }]);
  await run();
  expect(String(calls[0]?.input.text)).toContain('"action":"BLOCK"');
  expect(String(calls[0]?.input.text)).not.toContain('s3cret');
});

test('a bucket that refuses loses its own lines only', async () => {
  const [one, two] = [await benchAcl(bench), await benchAcl(bench, { Name: 'two' })];
  await logTo(one, 'arn:aws:s3:::aws-waf-logs-closed');
  await logTo(two, 'arn:aws:s3:::aws-waf-logs-open');
  one.see({});
  two.see({});
  refuse = (_call, input) => (input.Bucket === 'aws-waf-logs-closed' ? new AwsError('AccessDenied', '') : undefined);
  const job = deliveryJob(bench.ports);
  await expect(run(job)).rejects.toThrow(`arn:aws:s3:::aws-waf-logs-closed takes no log of ${one.arn}: AccessDenied`);
  expect(calls.map(({ input }) => input.Bucket)).toEqual(['aws-waf-logs-open']);
  one.see({});
  await run(job, 120_000);
  one.see({});
  await expect(run(job, 4_000_000)).rejects.toThrow('AccessDenied');
});

test('what there was no room for is told, not passed over', async () => {
  const acl = await benchAcl(bench);
  const seen = acl.see({});
  bench.ports.traffic.report(Array.from({ length: 60_000 }, () => ({ ...seen, isKept: false })));
  await expect(run()).rejects.toThrow('log lines were lost for want of room');
});

test('without a configuration, or without the web ACL, nothing is written', async () => {
  const acl = await benchAcl(bench);
  acl.see({});
  bench.ports.traffic.report([{ ...acl.see({}), webAclArn: acl.arn.replace(acl.id, 'none') }]);
  await run();
  expect(calls).toEqual([]);
});
