/** Every security policy that AWS has can be served: OpenSSL takes its ciphers. */
import { createSecureContext } from 'node:tls';
import { expect, test } from 'vitest';
import { sslPolicies } from '../../services/elasticloadbalancing/ssl-policies.ts';

test.each(sslPolicies.map(({ Name, Ciphers }) => [Name, Ciphers] as const))('%s', (_name, ciphers = []) => {
  const names = ciphers.flatMap(({ Name }) => Name ?? []);
  expect(names.length).toBeGreaterThan(0);
  createSecureContext({ ciphers: names.join(':') });
});
