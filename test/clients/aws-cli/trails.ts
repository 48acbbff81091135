/** CloudTrail with the aws CLI: events, a trail, and `validate-logs` before and after tampering. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { accountId } from '../../support/instance.ts';
import type { Cli } from './cli.ts';
import { policy } from './cli.ts';

const arn = `arn:aws:cloudtrail:us-east-1:${accountId}:trail/audit`;
const bucket = 'audit-logs';

export async function trailChecks(aws: Cli): Promise<void> {
  const { check, advance } = aws.bench;
  const started = Date.now();

  await check('cloudtrail lookup-events finds a call and who made it', async () => {
    await aws.text('iam create-user --user-name witness');
    await aws.prints(
      'cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue=witness --query Events[].[EventName,Username]',
      [['CreateUser', 'admin']],
    );
    await aws.text('cloudtrail lookup-events --max-items 5 --page-size 2');
  });

  await check('cloudtrail create-trail needs a bucket that lets it in, start-logging, get-trail-status', async () => {
    await aws.text(`s3 mb s3://${bucket}`);
    const create = `cloudtrail create-trail --name audit --s3-bucket-name ${bucket} --enable-log-file-validation --is-multi-region-trail`;
    await aws.refused(create, '(InsufficientS3BucketPolicyException)');
    const Principal = { Service: 'cloudtrail.amazonaws.com' };
    const Effect = 'Allow';
    const folder = `arn:aws:s3:::${bucket}/AWSLogs/${accountId}/*`;
    const document = policy(
      { Effect, Principal, Action: 's3:GetBucketAcl', Resource: `arn:aws:s3:::${bucket}` },
      { Effect, Principal, Action: 's3:PutObject', Resource: folder },
    );
    await aws.text([`s3api put-bucket-policy --bucket ${bucket} --policy`, document]);
    await aws.text(create);
    await aws.text('cloudtrail start-logging --name audit');
    await aws.prints('cloudtrail get-trail-status --name audit --query IsLogging', true);
    await aws.prints('cloudtrail describe-trails --query trailList[].TrailARN', [arn]);
  });

  const hours = 4;
  let elapsed = 0;
  const pass = async (seconds: number): Promise<void> => {
    await advance(seconds);
    elapsed += seconds;
    // Delivery happens on the machine's time, every second in this configuration.
    await sleep(1_200);
  };
  const list = async (folder: string): Promise<string[]> => {
    const query = `s3api list-objects-v2 --bucket ${bucket} --query Contents[].Key --prefix`;
    const keys = (await aws.json([query, `AWSLogs/${accountId}/${folder}/us-east-1/`])) as string[] | null;
    return (keys ?? []).filter((key) => key.endsWith('.gz')).sort();
  };

  let logs: string[] = [];
  let digests: string[] = [];
  await check('log files and hourly digests arrive', async () => {
    for (let hour = 0; hour < hours; hour += 1) {
      await aws.text(`iam tag-user --user-name witness --tags Key=hour,Value=${hour}`);
      await pass(10);
      await pass(3_600);
    }
    logs = await list('CloudTrail');
    digests = await list('CloudTrail-Digest');
    assert.ok(logs.length >= 3, `${logs.length} log files`);
    assert.ok(digests.length >= hours, `${digests.length} digests`);
    await aws.text(`s3 cp s3://${bucket}/${logs[0]} log.gz --quiet`);
    assert.match(gunzipSync(await aws.read('log.gz')).toString(), /^\{"Records":\[/);
  });

  if (!aws.readsEndpoint) {
    aws.bench.skip(
      'cloudtrail validate-logs',
      'needs an aws CLI of 1.29 or 2.13: older ones look for the bucket at AWS',
    );
    return;
  }

  const validate = async () => {
    const time = (at: number) => new Date(at).toISOString();
    const range = `--start-time ${time(started - 3_600_000)} --end-time ${time(Date.now() + (elapsed + 3_600) * 1000)}`;
    const { code, stdout, stderr } = await aws.run(`cloudtrail validate-logs --verbose --trail-arn ${arn} ${range}`, {
      env: { AWS_ENDPOINT_URL: aws.bench.instance.endpoint },
      endpointOption: false,
    });
    // What is not valid is told on standard error.
    return { code, text: stdout + stderr };
  };

  await check('cloudtrail validate-logs accepts what was delivered', async () => {
    const { code, text } = await validate();
    assert.doesNotMatch(text, /INVALID/);
    assert.match(text, /(\d+)\/\1 digest files valid/);
    assert.match(text, /(\d+)\/\1 log files valid/);
    assert.equal(code, 0);
  });

  await check('cloudtrail validate-logs names a changed log file and one that is gone', async () => {
    const [changed = '', gone = ''] = logs;
    await aws.text(`s3 cp s3://${bucket}/${changed} log.gz --quiet`);
    const records = gunzipSync(await aws.read('log.gz')).toString();
    await aws.file('log.gz', gzipSync(records.replaceAll('"admin"', '"nobody"')));
    await aws.text(`s3 cp log.gz s3://${bucket}/${changed} --quiet`);
    await aws.text(`s3 rm s3://${bucket}/${gone} --quiet`);
    const { code, text } = await validate();
    assert.ok(text.includes(`s3://${bucket}/${changed}\tINVALID: hash value doesn't match`), text);
    assert.ok(text.includes(`s3://${bucket}/${gone}\tINVALID: not found`), text);
    assert.equal(code, 1);
  });

  await check('cloudtrail validate-logs names a digest that is gone and one that was changed', async () => {
    const changed = digests[1] ?? '';
    const gone = digests[2] ?? '';
    await aws.text(`s3api get-object --bucket ${bucket} --key ${gone} digest.gz`);
    await aws.text(`s3 rm s3://${bucket}/${gone} --quiet`);
    const missing = await validate();
    assert.ok(missing.text.includes(`s3://${bucket}/${gone}\tINVALID: not found`), missing.text);
    assert.equal(missing.code, 1);
    const query = `s3api head-object --bucket ${bucket} --query Metadata --key ${changed}`;
    const metadata = JSON.stringify(await aws.json(query));
    await aws.text(`s3 cp s3://${bucket}/${changed} digest.gz --quiet`);
    const digest = JSON.parse(gunzipSync(await aws.read('digest.gz')).toString()) as object;
    await aws.file('digest.gz', gzipSync(JSON.stringify({ ...digest, logFiles: [] })));
    await aws.text([`s3 cp digest.gz s3://${bucket}/${changed} --quiet --metadata`, metadata]);
    const bent = await validate();
    assert.ok(bent.text.includes(`s3://${bucket}/${changed}\tINVALID: `), bent.text);
    assert.equal(bent.code, 1);
  });
}
