/** Operations that are not built say so, to those who may call them: never an empty success (wire notes, "200 + ignored"). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtOperations } from '../../src/instance/built-operations.ts';
import { anyOperation, clients, type ServiceName } from '../support/every-client.ts';
import { startInstance, type TestInstance } from '../support/instance.ts';
import { minimalInput } from '../support/minimal-input.ts';

describe('wire trap: an operation that is not built', () => {
  let instance: TestInstance;
  beforeAll(async () => {
    instance = await startInstance();
  });
  afterAll(() => instance.stop());

  it.each(Object.keys(clients) as ServiceName[])(
    'of %s is never answered with success, not even to an administrator',
    async (name) => {
      const { model, knows, call } = await anyOperation(name, instance.clientOptions());
      const built = new Set(builtOperations().get(name));
      const otherwise: string[] = [];
      let called = 0;
      for (const [operation, { input }] of model.operations) {
        if (built.has(operation)) continue;
        if (!knows(operation)) {
          otherwise.push(`${operation} is unknown to the client`);
          continue;
        }
        called += 1;
        try {
          await call(operation, minimalInput(input));
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
