import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readCustomerKey, rememberCustomerKey, requireSameKey } from './customer-key.ts';

const bytes = Buffer.alloc(32, 7);
const input = {
  SSECustomerAlgorithm: 'AES256',
  SSECustomerKey: bytes.toString('base64'),
  SSECustomerKeyMD5: createHash('md5').update(bytes).digest('base64'),
};

describe('readCustomerKey', () => {
  it('reads the three headers, and knows when there are none', () => {
    expect(readCustomerKey(input)?.bytes.equals(bytes)).toBe(true);
    expect(readCustomerKey({})).toBeUndefined();
  });

  it.each([
    [{ SSECustomerAlgorithm: undefined }, 'a valid encryption algorithm.'],
    [{ SSECustomerKey: undefined }, 'an appropriate secret key.'],
    [{ SSECustomerKeyMD5: undefined }, 'the client calculated MD5 of the secret key.'],
    [{ SSECustomerKey: `${input.SSECustomerKey} ` }, 'The secret key was invalid'],
    [{ SSECustomerKeyMD5: Buffer.alloc(16).toString('base64') }, 'did not match the hash that was provided.'],
    [{ SSECustomerKeyMD5: 'not base64' }, 'did not match the hash that was provided.'],
  ])('refuses %j', (more, message) => {
    expect(() => readCustomerKey({ ...input, ...more })).toThrow(message);
  });
});

describe('what is remembered of a key', () => {
  it('knows it again, differs each time, and does not hold it', () => {
    const key = readCustomerKey(input)!;
    const stored = rememberCustomerKey(key);
    expect(requireSameKey(stored, key)).toBe(key);
    expect(() => requireSameKey(stored, { ...key, bytes: Buffer.alloc(32, 8) })).toThrow('Access Denied');
    expect(() => requireSameKey(stored, undefined)).toThrow('stored using a form of Server Side Encryption');
    expect(rememberCustomerKey(key).mac).not.toBe(stored.mac);
    expect(JSON.stringify(stored)).not.toContain(input.SSECustomerKey);
    expect(JSON.stringify(stored)).not.toContain(input.SSECustomerKeyMD5);
  });
});
