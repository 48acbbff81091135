/** Every operation of every loaded SDK model, through its real client: what is sent is decoded, what is answered arrives. */
import { AwsQueryProtocol, AwsSmithyRpcV2CborProtocol } from '@aws-sdk/core/protocols';
import { describe, expect, it } from 'vitest';
import { loadService, type OperationModel, type Shape } from './index.ts';
import { type Answered, loopback } from './loopback.fixture.ts';
import { sources } from './sources.fixture.ts';
import type { ProtocolName, ServiceModelSource } from './types.ts';

/** Operations that this test does not drive, each with its reason. */
const exceptions: Readonly<Record<string, string>> = {
  ListDirectoryBuckets: 'served by another endpoint; on this one the request is ListBuckets',
  WriteGetObjectResponse: 'served by another endpoint',
  PostObject: 'what browsers send: no client has it',
  OptionsObject: 'what browsers send: no client has it',
};

/** Members that the S3 client computes from others. */
const computed = /SSECustomerKey(MD5)?$|^ExpiresString$/;

const text = new TextEncoder();

/** A value of every member, to a depth at which recursive shapes end. */
function sample(shape: Shape, depth: number, name = ''): unknown {
  switch (shape.type) {
    case 'string':
      // The S3 client computes checksums, and takes only algorithms that it knows.
      if (name === 'ChecksumAlgorithm') return 'CRC32';
      return shape.traits.mediaType?.includes('json') ? '{}' : `v-${name || 'x'}`;
    case 'number':
      return 3;
    case 'boolean':
      return true;
    case 'timestamp':
      return new Date('2026-01-02T03:04:05Z');
    case 'blob':
      return text.encode('bytes');
    case 'bigInteger':
      return 5n;
    case 'bigDecimal':
      return '5.5';
    case 'document':
      return { a: [1, 'b'] };
    case 'list':
      return [sample(shape.element.shape, depth + 1, name)];
    case 'map':
      return { k: sample(shape.value.shape, depth + 1, name) };
    case 'union': {
      const simple = shape.members.find(({ shape: { type } }) => !['structure', 'union', 'list', 'map'].includes(type));
      const one = simple ?? shape.members[0]!;
      return { [one.name]: sample(one.shape, depth + 1, one.name) };
    }
    case 'structure':
      return Object.fromEntries(
        shape.members
          .filter((member) => depth < 3 || member.required || isSimple(member.shape))
          .map((member) => [member.name, sample(member.shape, depth + 1, member.name)]),
      );
  }
}

function isSimple(shape: Shape): boolean {
  return !['structure', 'union', 'list', 'map'].includes(shape.type);
}

async function settled(value: unknown): Promise<unknown> {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return Promise.all(value.map(settled));
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'object' ? value : (value as { string?: string } | undefined)?.valueOf();
  }
  if ('transformToString' in value) return (value as { transformToString(): Promise<string> }).transformToString();
  if (Symbol.asyncIterator in value) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of value as AsyncIterable<Uint8Array>) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  }
  const entries = Object.entries(value).filter(([key, item]) => key !== '$metadata' && item !== undefined);
  return Object.fromEntries(await Promise.all(entries.map(async ([key, item]) => [key, await settled(item)] as const)));
}

/** Where two values differ, as paths. */
function differences(wanted: unknown, found: unknown, path: string): string[] {
  if (Object.is(wanted, found) || computed.test(path.slice(path.lastIndexOf('.') + 1))) return [];
  // Forms carry values: a structure without any is not there.
  if (found === undefined && isHollow(wanted)) return [];
  if (typeof wanted !== 'object' || typeof found !== 'object' || wanted === null || found === null) {
    return [`${path} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`];
  }
  return [...new Set([...Object.keys(wanted), ...Object.keys(found)])].flatMap((key) =>
    differences((wanted as Record<string, unknown>)[key], (found as Record<string, unknown>)[key], `${path}.${key}`),
  );
}

function isHollow(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every(isHollow);
}

type Client = { send(command: unknown): Promise<object> };
type Constructor<T> = new (settings: unknown) => T;

/** One client, whose calls are answered with samples. */
async function driver(source: ServiceModelSource, protocol: object | undefined) {
  const module = (await source.load()) as Record<string, Constructor<Client>>;
  const clientName = Object.keys(module).find((name) => /^[A-Z]\w*Client$/.test(name) && !name.startsWith('__'))!;
  let seen: Answered | undefined;
  const settings = loopback([source], (call) => {
    seen = call;
    return sample(call.identified.operation.output, 0) as object;
  });
  const extra = { forcePathStyle: true, disableRequestCompression: true, ...(protocol ? { protocol } : {}) };
  const client = new module[clientName]!({ ...settings, ...extra, ...(source.name === 's3' ? quietS3 : {}) });
  return async ({ name, input, output }: OperationModel) => {
    const sent = sample(input, 0);
    const answered = await settled(await client.send(new module[`${name}Command`]!(sent)));
    if (seen?.identified.operation.name !== name) throw new Error(`taken for ${seen?.identified.operation.name}`);
    return [
      ...differences(await settled(sent), await settled(seen.input), 'input'),
      ...differences(await settled(sample(output, 0)), answered, 'output'),
    ];
  };
}

const quietS3 = {
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
};

const alternatives: Readonly<Record<string, () => Partial<Record<ProtocolName, object>>>> = {
  cloudwatch: () => ({
    awsQuery: new AwsQueryProtocol({
      defaultNamespace: 'com.amazonaws.cloudwatch',
      xmlNamespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
      version: '2010-08-01',
    }),
    rpcv2Cbor: new AwsSmithyRpcV2CborProtocol({ defaultNamespace: 'com.amazonaws.cloudwatch' }),
  }),
};

const builtOfEc2 = ['RunInstances', 'DescribeInstances', 'TerminateInstances'];

/** Values here are samples, so the constraint tables would refuse them. */
const loose = sources.map(({ constraints: _, ...source }): ServiceModelSource => source);

describe.each(loose)('$name', (source) => {
  const protocols: [string, object | undefined][] = [
    [source.protocols[0]!, undefined],
    ...Object.entries(alternatives[source.name]?.() ?? {}),
  ];
  it.each(protocols)('%s', { timeout: 60_000 }, async (name, protocol) => {
    const { operations } = await loadService(source);
    const roundTrip = await driver(source, protocol);
    const failures: string[] = [];
    let driven = 0;
    for (const [index, operation] of [...operations.values()].entries()) {
      if (operation.eventStream || exceptions[operation.name]) continue;
      // EC2 has 800 of the same kind: one in eight, and those that are built.
      if (source.name === 'ec2' && index % 8 > 0 && !builtOfEc2.includes(operation.name)) continue;
      driven++;
      try {
        const different = await roundTrip(operation);
        if (different.length > 0) failures.push(`${operation.name}: ${different.join('; ')}`);
      } catch (error) {
        failures.push(`${operation.name}: ${(error as Error).message.slice(0, 1500)}`);
      }
    }
    expect(failures, name).toEqual([]);
    expect(driven).toBeGreaterThan(9);
  });
});
