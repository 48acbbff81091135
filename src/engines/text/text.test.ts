/** The small text engines against slow and obvious versions of themselves. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalCidr, contains, parseAddress, parseCidr } from './address.ts';
import { arnComponents, isAccountId, parseArn } from './arn.ts';
import { ANY, fromSegments, glob, matches } from './glob.ts';
import { distance, nearest } from './nearest.ts';

/** By recursion on the first character of the pattern. */
function slowMatch(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*')
    return slowMatch(pattern.slice(1), text) || (text !== '' && slowMatch(pattern, text.slice(1)));
  return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && slowMatch(pattern.slice(1), text.slice(1));
}

describe('glob', () => {
  test('agrees with the definition', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '.'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 10 });
    fc.assert(
      fc.property(pattern, text, (wanted, actual) => matches(glob(wanted), actual) === slowMatch(wanted, actual)),
      { numRuns: 20_000 },
    );
  });

  test('finds long segments as it finds short ones', () => {
    const long = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 33, maxLength: 60 });
    fc.assert(
      fc.property(long, long, (segment, around) => {
        const text = around + segment + around;
        return (
          matches(glob(`*${segment}*`), text) && matches(glob(`*${segment}*`), around) === around.includes(segment)
        );
      }),
      { numRuns: 2_000 },
    );
  });

  test('takes wildcards in inserted text literally', () => {
    const pattern = fromSegments(['home/*', '/', `${ANY}`]);
    expect(matches(pattern, 'home/*/x')).toBe(true);
    expect(matches(pattern, 'home/rudy/x')).toBe(false);
  });

  test('knows its literal beginning', () => {
    expect([glob('abc*d').prefix, glob('ab?c').prefix, glob('*').prefix, glob('abc').prefix]).toEqual([
      'abc',
      'ab',
      '',
      'abc',
    ]);
  });
});

describe('addresses', () => {
  test.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.256',
    '1.2.3.-4',
    ' 1.2.3.4',
    ':',
    ':::',
    '1::2::3',
    '12345::',
    'g::',
    '1:2:3:4:5:6:7:8:9',
    '1.2.3.4::',
    '::1.2.3',
    'fe80::1%eth0',
    '1:2:3:4:5:6:7:',
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test.each(['/8', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/08', '::/129', '10.0.0.0/8/8'])(
    '%j is no block',
    (text) => {
      expect(parseCidr(text)).toBeUndefined();
    },
  );

  test('all forms of one address are equal', () => {
    const forms = ['2001:db8::1', '2001:DB8:0:0::0:1', '2001:0db8:0000:0000:0000:0000:0000:0001'];
    for (const form of forms) expect(parseAddress(form)).toEqual(parseAddress(forms[0]!));
    expect(parseAddress('::ffff:1.2.3.4')).toEqual(parseAddress('1.2.3.4'));
    expect(parseAddress('::ffff:102:304')).toEqual(parseAddress('1.2.3.4'));
  });

  test('a block holds exactly the addresses that share its bits', () => {
    const ip = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const dotted = (value: number): string => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
    fc.assert(
      fc.property(ip, ip, fc.integer({ min: 0, max: 32 }), (base, other, bits) => {
        const shared = bits === 0 || base >>> (32 - bits) === other >>> (32 - bits);
        return contains(parseCidr(`${dotted(base)}/${bits}`)!, parseAddress(dotted(other))!) === shared;
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('ARNs', () => {
  test('have six parts, of which the last may hold colons', () => {
    expect(arnComponents('arn:aws:s3:::a:b')).toEqual(['arn', 'aws', 's3', '', '', 'a:b']);
    expect(arnComponents('arn:aws:s3::')).toBeUndefined();
    expect(parseArn('nra:aws:s3:::a')).toBeUndefined();
    expect(parseArn('arn:aws:iam::111122223333:user/rudy')?.resource).toBe('user/rudy');
  });

  test('account ids have twelve digits', () => {
    expect(['111122223333', '11112222333', '1111222233334', '11112222333x', '１11122223333'].map(isAccountId)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('the nearest name', () => {
  test('counts edits, and neighbours that changed places once', () => {
    expect([distance('kitten', 'sitting', 9), distance('ab', 'ba', 9), distance('abcdef', 'x', 2)]).toEqual([3, 1, 3]);
  });

  test('is none when nothing is near', () => {
    expect(nearest('ListBuckt', ['GetObject', 'ListBucket', 'ListBuckets'])).toBe('ListBucket');
    expect(nearest('Brew', ['GetObject', 'ListBucket'])).toBeUndefined();
  });
});

describe('the one text of a block', () => {
  // RFC 5952, 4: the longest run of zeros, the first of equals, never a single one.
  test.each([
    ['10.0.0.5/8', '10.0.0.0/8'],
    ['192.0.2.7', '192.0.2.7/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['2001:DB8::1.2.3.4/64', '2001:db8::/64'],
    ['2001:db8::1.2.3.4/128', '2001:db8::102:304/128'],
    ['2001:db8:0:1:1:1:1:1/128', '2001:db8:0:1:1:1:1:1/128'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1/128'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1/128'],
    ['::', '::/128'],
    ['::1/127', '::/127'],
    ['1::', '1::/128'],
    ['fe80::1/10', 'fe80::/10'],
    ['::ffff:1.2.3.4/120', '1.2.3.0/24'],
    ['::ffff:0:0/90', '::ffc0:0:0/90'],
    ['10.0.0.0/33', undefined],
    ['nobody', undefined],
  ])('%s is %s', (given, text) => {
    expect(canonicalCidr(given)).toBe(text);
  });

  test('is the same block', () => {
    const word = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
    fc.assert(
      fc.property(fc.array(word, { minLength: 8, maxLength: 8 }), fc.integer({ min: 96, max: 128 }), (words, bits) => {
        const given = `${words.map((one) => one.toString(16)).join(':')}/${bits}`;
        const text = canonicalCidr(given) ?? '';
        expect(canonicalCidr(text)).toBe(text);
        expect(contains(parseCidr(text)!, parseAddress(given.slice(0, given.indexOf('/')))!)).toBe(true);
        expect(parseCidr(text)!.bits).toBe(parseCidr(given)!.bits);
      }),
    );
  });
});
