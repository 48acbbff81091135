import { expect, test } from 'vitest';
import { hasIntegrity, integrityValue } from './integrity.ts';

/** "Appendix C" of the XKS Proxy API specification. */
const aad = Buffer.from('project=nile,department=marketing');
const made = {
  metadata: Buffer.from('key_version=1'),
  iv: Buffer.from('HMrlRw85cAJUd5Ax', 'base64'),
  body: Buffer.from('ghxkK1txeDNn3q8Y', 'base64'),
  tag: Buffer.from('vBxN2ncH1oEkR8WVXpmyYQ==', 'base64'),
};

test("the specification's example", () => {
  expect(integrityValue(aad, made).toString('base64')).toBe('qHA/ImC9h5HsLRXqCyPmWgYx7tzyoTplzILbP0fPXsc=');
});

test('every part counts', () => {
  const value = integrityValue(aad, made);
  expect(hasIntegrity(aad, made, value)).toBe(true);
  expect(hasIntegrity(Buffer.from('project=nile'), made, value)).toBe(false);
  for (const part of ['metadata', 'iv', 'body', 'tag'] as const) {
    const changed = Buffer.from(made[part]);
    changed[0] = (changed[0] as number) ^ 1;
    expect(hasIntegrity(aad, { ...made, [part]: changed }, value), part).toBe(false);
  }
  expect(hasIntegrity(aad, made, value.subarray(1))).toBe(false);
});
