/** Requests that cost more than they should: each ends soon, and leaves room for others. */
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BodyMemory, collect } from '../../src/gateway/body.ts';
import { startInstance, type TestInstance } from '../support/instance.ts';

let instance: TestInstance;
beforeAll(async () => {
  instance = await startInstance();
  await new S3Client(instance.clientOptions()).send(new CreateBucketCommand({ Bucket: 'victim' }));
});
afterAll(() => instance.stop());

async function post(path: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(`${instance.endpoint}${path}`, { method: 'POST', body, headers });
  const text = await answer.text();
  return `${answer.status} ${/<Code>([^<]*)/.exec(text)?.[1] ?? /__type":"([^"]*)/.exec(text)?.[1] ?? ''}`.trim();
}

const signed = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=AKIANOSUCHKEY/20261122/us-east-1/${service}/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`;

describe('wire trap, attack: bodies of strangers', () => {
  it.each([
    ['references that are none', `<Delete>${'&'.repeat(4_000_000)}</Delete>`],
    ['elements without end', '<a>'.repeat(1_000_000)],
    ['comments without end', `<Delete>${'<!--'.repeat(1_000_000)}`],
    ['entities', '<!DOCTYPE a [<!ENTITY b "&c;&c;"><!ENTITY c "d">]><Delete>&b;</Delete>'],
  ])('XML full of %s is refused at once', async (_name, xml) => {
    const before = performance.now();
    expect(await post('/victim?delete', xml)).toBe('400 MalformedXML');
    expect(performance.now() - before).toBeLessThan(1_500);
  });

  it('too long ones are refused, however they come', async () => {
    expect(await post('/victim?delete', Buffer.alloc(5_000_000, 32))).toBe('413 RequestEntityTooLarge');
    expect(
      await post('/', Buffer.alloc(5_000_000, 'a'), { 'content-type': 'application/x-www-form-urlencoded' }),
    ).toMatch(/^413/);
  });

  it('a key that nobody has buys no memory', async () => {
    const headers = {
      authorization: signed('cloudtrail'),
      'x-amz-date': '20261122T000000Z',
      'x-amz-target': 'CloudTrail_20131101.LookupEvents',
    };
    expect(await post('/', Buffer.alloc(1_000_000, 32), headers)).toBe('400 UnrecognizedClientException');
  });
});

describe('all bodies together', () => {
  const request = { method: 'POST', path: '/', query: '', headers: { 'content-length': '30' }, repeated: [] };
  async function* pieces(...sizes: number[]) {
    for (const size of sizes) yield new Uint8Array(size);
  }

  it('have one limit, and give back what they took', async () => {
    const memory = new BodyMemory(50);
    let held = 0;
    const took = (bytes: number) => {
      memory.take(bytes);
      held += bytes;
    };
    expect(await collect(request, pieces(10, 20), 100, took)).toHaveLength(30);
    expect(await collect(request, pieces(20), 100, took)).toHaveLength(20);
    await expect(collect(request, pieces(1), 100, took)).rejects.toMatchObject({
      code: 'ServiceUnavailable',
      status: 503,
    });
    expect(held).toBe(50);
    memory.give(held);
    expect(await collect(request, pieces(50), 100, (bytes) => memory.take(bytes))).toHaveLength(50);
  });
});
