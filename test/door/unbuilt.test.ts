/** Operations that are not built say so, to those who may call them: never an empty success (wire notes, "200 + ignored"). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtOperations } from '../../src/instance/built-operations.ts';
import { sources } from '../../src/instance/sources.ts';
import { loadService } from '../../src/wire/index.ts';
import { clients } from '../support/every-client.ts';
import { startInstance, type TestInstance } from '../support/instance.ts';
import { minimalInput } from '../support/minimal-input.ts';

describe('wire trap: an operation that is not built', () => {
  let instance: TestInstance;
  beforeAll(async () => {
    instance = await startInstance();
  });
  afterAll(() => instance.stop());

  it.each(Object.keys(clients) as (keyof typeof clients)[])(
    'of %s is never answered with success, not even to an administrator',
    async (name) => {
      const source = sources.find((one) => one.name === name);
      if (!source) throw new Error(`no source ${name}`);
      const model = await loadService(source);
      const sdk = await source.load();
      const client = new clients[name]({
        ...instance.clientOptions(),
        disableHostPrefix: true,
      } as never) as unknown as {
        send(command: unknown): Promise<unknown>;
      };
      const built = new Set(builtOperations().get(name));
      const otherwise: string[] = [];
      let called = 0;
      for (const [operation, { input }] of model.operations) {
        const Command = sdk[`${operation}Command`] as (new (input: object) => unknown) | undefined;
        if (built.has(operation)) continue;
        if (!Command) {
          otherwise.push(`${operation} is unknown to the client`);
          continue;
        }
        called += 1;
        try {
          await client.send(new Command(minimalInput(input)));
          otherwise.push(`${operation} succeeded`);
        } catch (error) {
          const { name: code, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
          // Denied: no action of IAM is called like the operation, so that no policy could allow it.
          const unmapped = message.includes('because the operation maps to no action');
          if ($metadata?.httpStatusCode !== 501 && !unmapped) otherwise.push(`${operation}: ${code}: ${message}`);
        }
      }
      expect(otherwise, otherwise.join('\n')).toEqual([]);
      expect(called + built.size).toBe(model.operations.size);
    },
    120_000,
  );
});
