/** S3 over a memory store: calls of the table by name, as the gateway would make them after it has authorized them. */
import { BucketKeys } from '../../src/services/s3/encryption/bucket-keys.ts';
import { operations } from '../../src/services/s3/index.ts';
import type { ObjectKeys, S3Ports } from '../../src/services/s3/ports.ts';
import type { Operation } from '../../src/services/service.ts';
import { AwsError } from '../../src/services/service.ts';
import { openMemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/store.ts';
import { Bench, type CallOptions } from './call.ts';

type Table = typeof operations;
type InputOf<N extends keyof Table> = Table[N] extends Operation<infer I, infer _O, infer _P> ? I : never;
type OutputOf<N extends keyof Table> = Table[N] extends Operation<infer _I, infer O, infer _P> ? O : never;

/** Nobody has a key: what needs one is tested over HTTP. */
const noKeys: ObjectKeys = {
  managedKey: () => Promise.reject(new AwsError('NotFoundException', 'There are no keys here.')),
  arnOf: async () => undefined,
  isEnabled: async () => false,
  whenChanged: () => undefined,
};

export interface S3Bench {
  readonly bench: Bench<S3Ports>;
  /** ARN → unique id of the people who exist. */
  readonly people: Map<string, string>;
  run<N extends keyof Table>(name: N, input: InputOf<N>, options?: CallOptions): Promise<OutputOf<N>>;
  checks<N extends keyof Table>(name: N, input: InputOf<N>, options?: CallOptions): Promise<readonly string[]>;
  /** The error that the call answers; fails if it succeeds. */
  refusal<N extends keyof Table>(name: N, input: InputOf<N>, options?: CallOptions): Promise<AwsError>;
}

export function s3Bench(store: Store = openMemoryStore()): S3Bench {
  const people = new Map<string, string>();
  const bench = new Bench<S3Ports>(
    {
      blobs: store.blobs,
      keys: noKeys,
      bucketKeys: new BucketKeys(noKeys),
      principals: {
        uniqueId: async (arn) => people.get(arn),
        arn: async (id) => [...people].find(([, known]) => known === id)?.[0],
        accountExists: async (account) => account === '111122223333' || account === '444455556666',
        accounts: async () => ['111122223333', '444455556666'],
      },
    },
    store,
  );
  const operationOf = (name: keyof Table) => operations[name] as unknown as Operation<unknown, unknown, S3Ports>;
  const self: S3Bench = {
    bench,
    people,
    async run(name, input, options) {
      const full = { service: 's3', ...options };
      await bench.checks(name, operationOf(name), input as unknown, full);
      return (await bench.run(name, operationOf(name), input as unknown, full)) as never;
    },
    async checks(name, input, options) {
      const checks = await bench.checks(name, operationOf(name), input as unknown, { service: 's3', ...options });
      return checks.map((check) => `${check.action} ${check.resource.arn}`);
    },
    async refusal(name, input, options) {
      try {
        await self.run(name, input, options);
      } catch (error) {
        if (error instanceof AwsError) return error;
        throw error;
      }
      throw new Error(`${name} succeeded`);
    },
  };
  return self;
}

export async function textOf(body: AsyncIterable<Uint8Array> | Uint8Array | undefined): Promise<string> {
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  const chunks: Uint8Array[] = [];
  for await (const chunk of body ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
