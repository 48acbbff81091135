import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { PreParseTextTransformationType, TextTransformationType } from '../types.ts';
import { preParseTransformations } from './query-string.ts';
import { transformations } from './table.ts';

const digest = (name: string, text: string): string =>
  createHash(name).update(text, 'latin1').digest().toString('latin1');

const vectors: Readonly<Record<TextTransformationType, readonly (readonly [string, string])[]>> = {
  NONE: [['aB %41', 'aB %41']],
  BASE64_DECODE: [
    ['VGVzdENhc2U=', 'TestCase'],
    ['VGVzdENhc2Ux', 'TestCase1'],
    ['VGVz!dENhc2U=', 'Tes'],
    ['', ''],
  ],
  BASE64_DECODE_EXT: [
    ['VGVz!d\nENhc2U=', 'TestCase'],
    ['P.HNjcmlwdD5hbGVydCg3KTwvc2NyaXB0Pg==', '<script>alert(7)</script>'],
  ],
  CMD_LINE: [
    ['c^O"M\'m\\AND', 'command'],
    ['cmd   /c', 'cmd/c'],
    ['a,b;c', 'a b c'],
    ['CALL (x)', 'call(x)'],
  ],
  CMD_LINE_UNIX: [
    ["c\\a't' /etc", 'cat/etc'],
    ['a^b', 'a^b'],
  ],
  CMD_LINE_WIN: [
    ['c^m^d /C D"I"R', 'cmd/c dir'],
    ['a\\b', 'a\\b'],
  ],
  COMPRESS_WHITE_SPACE: [['a \t\r\n\v\f\xa0b  c', 'a b c']],
  CSS_DECODE: [
    [
      'test\\a\\b\\f\\n\\r\\t\\v\\?\\\'\\"\\0\\12\\123\\1234\\12345\\123456\\ff01\\ff5e\\\n\\0  string',
      'test\x0a\x0b\x0fnrtv?\'"\x00\x12#4EV!~\x00 string',
    ],
    ['ja\\vascript', 'javascript'],
    ['\\6a avascript', 'javascript'],
    ['end\\', 'end'],
  ],
  ESCAPE_SEQ_DECODE: [
    ['\\a\\b\\f\\n\\r\\t\\v\\?\\\'\\"\\0\\12\\123\\x00\\xff', '\x07\b\f\n\r\t\v?\'"\0\n\x53\0\xff'],
    ['\\u \\xag \\8', '\\u \\xag \\8'],
  ],
  HEX_DECODE: [
    ['54657374', 'Test'],
    ['6162z', 'abz'],
    ['zz', 'zz'],
  ],
  HTML_ENTITY_DECODE: [
    ['&quot;&lt;a&gt;&amp;&nbsp;', '"<a>&\xa0'],
    ['&#x6a;&#97;&#118&#x61', 'java'],
    ['&unknown; & &#;', '&unknown; & &#;'],
    ['&LT;', '<'],
  ],
  JS_DECODE: [
    ['\\u0061\\x62\\143\\n\\q\\uff1c', 'abc\nq<'],
    ['\\u4e41', 'A'],
  ],
  JS_DECODE_EXT: [
    ['\\u{61}\\u0062', 'ab'],
    ['\\u{1F600}', '\xf0\x9f\x98\x80'],
    ['\\ud83d\\ude00', '\xf0\x9f\x98\x80'],
    ['\\uff1c', '<'],
  ],
  LOWERCASE: [['AbZ\xc0', 'abz\xc0']],
  UPPERCASE: [['aBz\xe0', 'ABZ\xe0']],
  MD5: [
    ['', digest('md5', '')],
    ['a'.repeat(200), digest('md5', 'a'.repeat(200))],
    ['\xff\0x', digest('md5', '\xff\0x')],
  ],
  SHA256: [
    ['', digest('sha256', '')],
    ['a'.repeat(55), digest('sha256', 'a'.repeat(55))],
    ['a'.repeat(56), digest('sha256', 'a'.repeat(56))],
    ['\xff\0x', digest('sha256', '\xff\0x')],
  ],
  NORMALIZE_PATH: [
    ['/foo/bar//baz', '/foo/bar/baz'],
    ['/foo/../bar', '/bar'],
    ['/foo/./bar/.', '/foo/bar/'],
    ['../foo', '../foo'],
    ['/../foo', '/foo'],
    ['a/../../b', '../b'],
    ['dir/foo//../bar', 'dir/bar'],
    ['plain', 'plain'],
  ],
  NORMALIZE_PATH_WIN: [
    ['..\\foo\\..\\bar', '../bar'],
    ['\\dir\\\\foo', '/dir/foo'],
  ],
  REMOVE_COMMENTS_CHAR: [['1/**/union--#<!--x-->', '1unionx']],
  REMOVE_NULLS: [['a\0b\0', 'ab']],
  REPLACE_NULLS: [['a\0b', 'a b']],
  REMOVE_WHITESPACE: [[' a\t\n\xa0b ', 'ab']],
  REPLACE_COMMENTS: [
    ['un/* x */ion/**/select', 'un ion select'],
    ['a/* open', 'a '],
    ['a */ b', 'a */ b'],
  ],
  SQL_HEX_DECODE: [
    ['select 0x414243', 'select ABC'],
    ['0X41z 0x 0x1', 'Az 0x 0x1'],
  ],
  TRIM: [[' \t a b \n', 'a b']],
  TRIM_LEFT: [['  a ', 'a ']],
  TRIM_RIGHT: [[' a  ', ' a']],
  URL_DECODE: [
    ['%41+%zz%4%u0041%2541', 'A %zz%4%u0041%41'],
    ['a+b', 'a b'],
  ],
  URL_DECODE_UNI: [
    ['%u0041%uff1cx%41+%u00zz', 'A<xA %u00zz'],
    ['%U0042', 'B'],
  ],
  UTF8_TO_UNICODE: [
    ['a\xc3\xa9\xe2\x82\xac', 'a%u00e9%u20ac'],
    ['\xc0\xaf', '%u002f'],
    ['\xff\xc3', '\xff\xc3'],
  ],
};

describe('text transformations', () => {
  const cases = Object.entries(vectors).flatMap(([name, pairs]) =>
    pairs.map(([from, to]) => [name, from, to] as const),
  );

  it.each(cases)('%s of %j', (name, from, to) => {
    expect(transformations[name as TextTransformationType](from)).toBe(to);
  });

  it('are 31, each of them tried', () => {
    expect(Object.keys(transformations)).toHaveLength(31);
    expect(Object.keys(vectors).sort()).toEqual(Object.keys(transformations).sort());
  });

  it('answer bytes for any bytes, in time linear in their number', () => {
    const every = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join('');
    const texts = [
      every.repeat(64),
      '%'.repeat(16_384),
      '\\u'.repeat(8_192),
      '/*'.repeat(8_192),
      '&#'.repeat(8_192),
      '../'.repeat(5_461),
      '0x4'.repeat(5_461),
    ];
    for (const [name, transform] of Object.entries(transformations)) {
      for (const text of texts) {
        const answer = transform(text);
        expect([name, [...answer].some((one) => one.charCodeAt(0) > 255)]).toEqual([name, false]);
        expect(answer.length).toBeLessThanOrEqual(text.length * 3 + 32);
      }
    }
  });

  it.each([
    ['NONE', 'a=1;b', 'a=1;b'],
    ['URL_DECODE', 'a%3D1', 'a=1'],
    ['URL_DECODE_UNI', 'a%u003D1', 'a=1'],
    ['REPLACE_SEMICOLONS_WITH_AMPERSANDS', 'a=1;b=2', 'a=1&b=2'],
    ['COMBINE_DUPLICATE_QUERY_ARGS_BY_COMMA', 'a=1&b=2&A=3&c', 'a=1,3&b=2&c='],
  ])('%s before arguments are read', (name, from, to) => {
    expect(preParseTransformations[name as PreParseTextTransformationType](from)).toBe(to);
  });
});
