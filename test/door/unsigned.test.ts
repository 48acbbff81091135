/** What answers without a signature, outside of S3 (whose bucket policies decide): signing in, and nothing else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sources } from '../../src/instance/sources.ts';
import { loadService } from '../../src/wire/index.ts';
import { startInstance, type TestInstance } from '../support/instance.ts';

const spoken = sources.filter(({ protocols }) => protocols.some((name) => /^(?:awsJson|awsQuery|ec2Query)/.test(name)));

/** For want of a signature, in each family's words (EC2 asks for a parameter), or for want of the operation. */
const refusals = /MissingAuthenticationToken|AWSAccessKeyId|NotImplemented/;

describe('a call without a signature', () => {
  let instance: TestInstance;
  beforeAll(async () => {
    instance = await startInstance();
  });
  afterAll(() => instance.stop());

  it.each(spoken.map(({ name }) => name))('of %s is refused, whatever it asks', async (name) => {
    const source = spoken.find((one) => one.name === name);
    if (!source) throw new Error(`no source ${name}`);
    const { operations } = await loadService(source);
    const considered: string[] = [];
    for (const operation of operations.keys()) {
      const response = await fetch(instance.endpoint, {
        method: 'POST',
        ...(source.targetPrefix
          ? {
              headers: {
                'content-type': 'application/x-amz-json-1.1',
                'x-amz-target': `${source.targetPrefix}.${operation}`,
              },
              body: '{}',
            }
          : { body: new URLSearchParams({ Action: operation, Version: source.apiVersion ?? '' }) }),
      });
      const text = await response.text();
      expect(response.status, operation).toBeGreaterThanOrEqual(400);
      if (!refusals.test(text)) {
        considered.push(operation);
      }
    }
    expect(operations.size).toBeGreaterThan(1);
    expect(considered).toEqual(name === 'bailey' ? ['SignInRootUser', 'SignInUser'] : []);
  });
});
