/** Names as they are written, and those that nobody has a public zone of. */
import { expect, test } from 'vitest';
import { escaped, fullName, isReserved, normalized } from './names.ts';

test.each([
  ...[
    'com.',
    'example.',
    'co.uk.',
    'com.au.',
    'gov.br.',
    'ac.nz.',
    'ne.jp.',
    'or.kr.',
    'me.uk.',
    'govt.nz.',
    'in-addr.arpa.',
    'ip6.arpa.',
  ],
  ...['amazonaws.com.', 'shop-1.us-east-1.elb.amazonaws.com.', 'd111111abcdef8.cloudfront.net.', 'console.aws.'],
])('%s is nobody’s', (name) => {
  expect(isReserved(name)).toBe(true);
});

test.each([
  ...[
    'shop.co.uk.',
    'co.example.',
    'co.com.',
    'uk.co.',
    'coffee.uk.',
    'go.me.',
    'me.us.',
    'com.coffee.',
    'xco.uk.',
    '2.0.192.in-addr.arpa.',
  ],
  ...['notamazonaws.com.', 'cloudfront.net.example.', 'aws.example.'],
])('%s may be anybody’s', (name) => {
  expect(isReserved(name)).toBe(false);
});

test.each([
  ['*.Shop.Example', '*.shop.example.', '\\052.shop.example.', '\\052.shop.example'],
  ['\\052.shop.example.', '*.shop.example.', '\\052.shop.example.', '\\052.shop.example'],
  [
    '0/25.2.0.192.in-addr.arpa',
    '0/25.2.0.192.in-addr.arpa.',
    '0\\05725.2.0.192.in-addr.arpa.',
    '0\\05725.2.0.192.in-addr.arpa',
  ],
  ['0\\05725.arpa', '0/25.arpa.', '0\\05725.arpa.', '0\\05725.arpa'],
  ['_a-b.example', '_a-b.example.', '_a-b.example.', '_a-b.example'],
])('%s is kept as %s, shown as %s, and is %s to policies', (given, kept, shown, said) => {
  expect(fullName(given)).toBe(kept);
  expect(escaped(kept)).toBe(shown);
  expect(normalized(given)).toBe(said);
});

test.each(['a\\056b.example', '\\141.example', 'a\\.example', 'a..example', ''])(
  '%s is no name of a record',
  (given) => {
    expect(() => fullName(given)).toThrow(/is not a valid domain name/);
  },
);
