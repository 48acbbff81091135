/** Names that nobody has a public zone of. */
import { expect, test } from 'vitest';
import { isReserved } from './names.ts';

test.each([
  ...['com.', 'example.', 'co.uk.', 'com.au.', 'gov.br.', 'ac.nz.', 'ne.jp.', 'or.kr.', 'me.uk.', 'govt.nz.'],
  ...['amazonaws.com.', 'shop-1.us-east-1.elb.amazonaws.com.', 'd111111abcdef8.cloudfront.net.', 'console.aws.'],
])('%s is nobody’s', (name) => {
  expect(isReserved(name)).toBe(true);
});

test.each([
  ...['shop.co.uk.', 'co.example.', 'co.com.', 'uk.co.', 'coffee.uk.', 'go.me.', 'me.us.', 'com.coffee.', 'xco.uk.'],
  ...['notamazonaws.com.', 'cloudfront.net.example.', 'aws.example.'],
])('%s may be anybody’s', (name) => {
  expect(isReserved(name)).toBe(false);
});
