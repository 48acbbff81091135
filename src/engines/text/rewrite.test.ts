import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileRewrite } from './rewrite.ts';

describe('a rewrite', () => {
  test.each([
    ['^/api/(.*)$', '/$1', '/api/x?y=1', '/x?y=1'],
    ['^/(\\w+)/(\\d{2,3})/?$', '/$2/$1', '/shoes/42/', '/42/shoes'],
    ['(?<kind>cats|dogs)', '<$<kind>>', '/dogs/cats', '/<dogs>/cats'],
    ['a|ab', 'x', 'ab', 'xb'],
    ['a+?', 'x', 'aaa', 'xaa'],
    ['(a)|(b)', '[$1|$2]', 'b', '[|b]'],
    ['(?:a|b)*c', 'x', 'zzababc', 'zzx'],
    ['\\bcat\\b', 'dog', 'a-cat-b', 'a-dog-b'],
    ['x*', '-', 'abc', '-abc'],
    ['', '-', 'abc', '-abc'],
    ['[^/]+$', 'new', '/a/b/old', '/a/b/new'],
    ['(.)(.)', '$2$1$$1$&$3$12', 'ab', 'ba$1ab$3a2'],
    ['\\.html$', '', '/index.html', '/index'],
    ['nothing', 'x', '/index.html', '/index.html'],
  ])('%s to %s makes of %s %s', (expression, replacement, text, expected) => {
    expect(compileRewrite(expression, replacement)(text)).toBe(expected);
    expect(text.replace(new RegExp(expression, 'u'), replacement)).toBe(expected);
  });

  test('is what JavaScript makes of it, for expressions of every kind', () => {
    const times = fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{0,2}?', '{1,}');
    const letter = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', '\\d', '\\/', '\\x61');
    const { tree } = fc.letrec<{ tree: string; solid: string }>((tie) => ({
      // What JavaScript does with repetitions of nothing is its own.
      solid: fc.oneof(
        { depthSize: 'small' },
        letter,
        fc.tuple(tie('solid'), tie('solid')).map((parts) => parts.join('')),
        fc.tuple(tie('solid'), tie('solid')).map(([one, other]) => `(${one}|${other})`),
        tie('solid').map((of) => `(?:${of}){1,2}`),
      ),
      tree: fc.oneof(
        { depthSize: 'small' },
        tie('solid'),
        fc.constantFrom('^', '$', '\\b', '\\B', ''),
        fc.tuple(tie('tree'), tie('tree')).map((parts) => parts.join('')),
        fc.tuple(tie('tree'), tie('tree')).map(([one, other]) => `(?:${one}|${other})`),
        fc.tuple(tie('solid'), times).map(([of, often]) => `(?:${of})${often}`),
      ),
    }));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', '/'), maxLength: 12 });
    fc.assert(
      fc.property(tree, text, (expression, one) => {
        const replaced = one.replace(new RegExp(expression, 'u'), '<$&>');
        expect(compileRewrite(expression, '<$&>')(one)).toBe(replaced);
      }),
      { numRuns: 2_000 },
    );
  });

  test('takes time linear in the text, whatever the expression', () => {
    const text = `/${'a'.repeat(8_000)}!`;
    for (const expression of ['(a+)+$', '(a|a)*$', '(.*a){20}$', '^(([a-z])+.)+[A-Z]([a-z])+$', '(?:a?){99}a{99}$']) {
      const from = performance.now();
      expect(compileRewrite(expression, '')(text)).toBe(text);
      expect(performance.now() - from, expression).toBeLessThan(5_000);
    }
  });

  test.each(['(', '(?=a)', '(?<!a)b', '(a)\\1', '(?<n>a)\\k<n>', '(?i:a)', '((a{1000}){1000})', 'a{1001}', '*'])(
    '%s is refused',
    (expression) => {
      expect(() => compileRewrite(expression, '')).toThrow(expect.objectContaining({ name: 'RewriteFault' }));
    },
  );
});
