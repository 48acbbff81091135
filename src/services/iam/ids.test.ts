import { expect, test } from 'vitest';
import { seededRandom } from '../../../test/support/call.ts';
import { entityArn, parseArn } from './arns.ts';
import { accessKeyId, accountOfAccessKeyId, secretAccessKey, uniqueId } from './ids.ts';

test('unique ids look like AWS’s and differ', () => {
  const random = seededRandom();
  const ids = new Set(Array.from({ length: 1000 }, () => uniqueId('AIDA', random)));
  expect(ids.size).toBe(1000);
  for (const id of ids) expect(id).toMatch(/^AIDA[A-Z2-7]{17}$/);
});

test('an access key id carries its account, whatever the random part', () => {
  const random = seededRandom();
  for (const account of ['000000000001', '111122223333', '999999999999']) {
    for (let i = 0; i < 200; i++) {
      const id = accessKeyId('ASIA', account, random);
      expect(id).toMatch(/^ASIA[A-Z2-7]{16}$/);
      expect(accountOfAccessKeyId(id)).toBe(account);
    }
  }
});

test('the account is read as AWS encodes it', () => {
  // The example that security researchers published when AWS began to encode accounts.
  expect(accountOfAccessKeyId('ASIAQNZGKIQY56JQ7WML')).toBe('029608264753');
});

test('ids that carry no account say so', () => {
  for (const id of ['AKIAROOTEXAMPLE00001', 'AKIAIOSFODNN7EXAMPLE', 'short', 'AKIA0000000000000000', '']) {
    expect(accountOfAccessKeyId(id)).toBeUndefined();
  }
});

test('secrets have 40 characters', () => {
  expect(secretAccessKey(seededRandom())).toMatch(/^[A-Za-z0-9+/]{40}$/);
});

test('ARNs are built and taken apart', () => {
  const arn = entityArn('user', '111122223333', '/shop/till/', 'Rudy');
  expect(arn).toBe('arn:aws:iam::111122223333:user/shop/till/Rudy');
  expect(parseArn(arn)).toEqual({ account: '111122223333', kind: 'user', path: '/shop/till/', name: 'Rudy' });
  expect(parseArn('arn:aws:iam::aws:policy/AdministratorAccess')?.account).toBe('aws');
  for (const bad of [
    'arn:aws:iam::1:root',
    'arn:aws:s3:::b',
    'user/x',
    'arn:aws:iam::1:user/',
    'arn:aws:iam::1:mfa/x',
  ]) {
    expect(parseArn(bad)).toBeUndefined();
  }
});
