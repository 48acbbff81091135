import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { RegexFault } from './fault.ts';
import { RegexMemory } from './memory.ts';
import { compileRegex, compileRegexSet } from './regex.ts';

const matches = (pattern: string, text: string): boolean => compileRegex(pattern).test(text);

describe('regular expressions', () => {
  it.each([
    ['abc', 'xxabcxx', 'xxabxc'],
    ['^abc$', 'abc', 'xabc'],
    ['^abc$', 'abc\n', 'abc\nx'],
    ['^abc\\z', 'abc', 'abc\n'],
    ['a.c', 'abc', 'a\nc'],
    ['(?s)a.c', 'a\nc', 'ac'],
    ['(?i)SeLeCT', 'xselectx', 'selec'],
    ['a(?i:B)c', 'abc', 'Abc'],
    ['a(?i)b', 'aB', 'AB'],
    ['\\bfoo\\b', 'a foo b', 'afoo foob'],
    ['\\Bfoo', 'afoo', 'foo'],
    ['(?m)^b$', 'a\nb\nc', 'a\nbc'],
    ['[^\\s]{3,5}x', 'abcx', 'ab x'],
    ['(a|ab)(c|bcd)$', 'abcd', 'abce'],
    ['x{2}', 'axxb', 'axb'],
    ['x{2,}y', 'xxxy', 'xy'],
    ['a{2,3}b', 'caab', 'cab'],
    ['(?:ab?){2,3}c', 'aabc', 'abc '],
    ['[[:digit:]]+[[:^alpha:]]', '12', 'a1a'],
    ['\\x41\\x{42}\\103', 'ABC', 'ABD'],
    ['\\Qa.b*\\E', 'a.b*', 'aab'],
    ['(?x) a b # comment\n c', 'abc', 'a b c'],
    ['(?#note)a', 'a', 'b'],
    ['[]a]', ']', 'b'],
    ['[a\\]-]', '-', 'b'],
    ['(?<name>a)(?P<other>b)', 'ab', 'ba'],
    ['a|b|', '', undefined],
    ['(a*)*b', 'aab', 'aa'],
    ['(a+)+$', 'baa', 'aab'],
    ['(x+){2}y', 'xxy', 'xy'],
    ['^(?:a|bc|d?){1,3}$', 'abcd', 'aabca'],
    ['^(?:a*|b){2}c', 'aabc', 'abac'],
    ['^(?:^$){5}x?$', '', 'a'],
    ['\\d{3}-\\d{4}', '555-1234', '55-1234'],
    ['[\\w.]+@[\\w.]+\\.(?:com|org)\\b', 'me@example.com', 'me@example.come'],
    ['\\p{Lu}x', 'Ax', 'ax'],
    ['{a}', '{a}', 'a'],
    ['a{,3}', 'a{,3}', 'aaa'],
    ['^$', '', 'a'],
    ['^\\/admin(\\/|$)', '/admin', '/administrator'],
    ['\\$', 'a$', 'a'],
    ['(^|&)q=1(&|$)', 'a=2&q=1', 'qq=1'],
  ])('%s matches as PCRE does', (pattern, yes, no) => {
    expect(matches(pattern, yes)).toBe(true);
    if (no !== undefined) expect(matches(pattern, no)).toBe(false);
  });

  it.each([
    ['(a)\\1', 'backreferences'],
    ['(?=a)b', 'lookahead'],
    ['(?!a)b', 'lookahead'],
    ['(?<=a)b', 'lookbehind'],
    ['(?>a)', 'atomic'],
    ['a++', 'possessive'],
    ['a*+', 'possessive'],
    ['(?R)', 'recursion'],
    ['(?(1)a|b)', 'conditional'],
    ['(*FAIL)', 'verbs'],
    ['\\Ca', '\\C'],
    ['\\R', '\\R'],
    ['a\\Kb', '\\K'],
    ['(?C1)a', 'callouts'],
    ['(a', 'not closed'],
    ['a)', 'closing parenthesis'],
    ['[a', 'not closed'],
    ['*a', 'nothing before'],
    ['a{3,2}', 'wrong way round'],
    ['[z-a]', 'backwards'],
    ['a\\', 'backslash'],
    ['\\y', 'not known'],
    ['a{9999}', 'above'],
    ['((a{1000}){1000})', 'too many positions'],
  ])('%s is refused', (pattern, what) => {
    expect(() => compileRegex(pattern)).toThrow(RegexFault);
    expect(() => compileRegex(pattern)).toThrow(what);
  });

  it('agrees with the engine of JavaScript on random patterns and texts', () => {
    let seed = 20_260_101;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const atom = (depth: number): string => {
      const kind = random(depth > 0 ? 9 : 6);
      if (kind < 3) return 'ab1'[random(3)]!;
      if (kind === 3) return ['[ab]', '[^a]', '.', '\\w', '\\W', '\\d'][random(6)]!;
      if (kind === 4) return ['\\b', '\\B', '^', '$'][random(4)]!;
      if (kind === 5) return ' ';
      return `(?:${pattern(depth - 1)})`;
    };
    const quantifier = (of: string): string =>
      /^(?:\\[bB]|\^|\$)$/.test(of) ? '' : ['', '', '', '*', '+', '?', '{2}', '{0,2}', '{1,3}?'][random(9)]!;
    const pattern = (depth: number): string =>
      Array.from({ length: 1 + random(2) }, () =>
        Array.from({ length: random(4) }, () => atom(depth))
          .map((one) => one + quantifier(one))
          .join(''),
      ).join('|');
    let compared = 0;
    for (let round = 0; round < 3_000; round++) {
      const source = pattern(2);
      const multiline = random(3) === 0;
      const mine = compileRegex(`${multiline ? '(?m)' : ''}${source}`);
      const theirs = new RegExp(source, multiline ? 'm' : '');
      for (let text = 0; text < 6; text++) {
        const chars = Array.from({ length: random(8) }, () => 'ab1 '[random(4)]!).join('');
        expect([source, chars, mine.test(chars)]).toEqual([source, chars, theirs.test(chars)]);
        compared += 1;
      }
    }
    expect(compared).toBe(18_000);
  });

  it('takes hostile patterns apart, or refuses them, in bounded time', () => {
    const hostile = [
      '(?:(?:(?:^$){1,1000}$){3,40}){100}',
      '(?:(?:(?:a?b?c?){1,1000}){1,1000}){1,1000}',
      '(?:(?:a|bc|d?){1,1000}e?){500}',
      `${'(?:a?b?'.repeat(60)}${'){0,9}'.repeat(60)}`,
      '(?:a?|){500}(?:^(?:a|b)+(?:a|b)){7,}'.repeat(10),
      '(?:.{1,1000}x?){1,1000}',
    ];
    for (const pattern of hostile) {
      const begun = process.cpuUsage();
      try {
        compileRegex(pattern).test('abc');
      } catch (error) {
        expect(error).toBeInstanceOf(RegexFault);
      }
      const { user } = process.cpuUsage(begun);
      expect([pattern, user < 1_500_000]).toEqual([pattern, true]);
    }
  });

  it('a thousand of them stay within their memory, whatever is asked', () => {
    const memory = new RegexMemory(8 * 1024 * 1024);
    const regexes = Array.from({ length: 250 }, (_, index) =>
      compileRegex(`a[ab]{${10 + (index % 20)}}${index}`, memory),
    );
    let seed = 3;
    const noise = Array.from({ length: 1_000 }, () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return 'ab'[(seed >>> 16) & 1];
    }).join('');
    // What is no longer held does not count, whenever it is collected.
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    collect();
    const before = process.memoryUsage().arrayBuffers;
    for (let from = 0; from < 900; from += 100) for (const regex of regexes) regex.test(noise.slice(from) + from);
    collect();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
  });

  it('shows what matched', () => {
    expect(compileRegex('un(i|1)on\\s+select').find('id=1 union   select 2', 200)).toBe('union   select');
    expect(compileRegex('a+').find('baaa', 200)).toBe('a');
    expect(compileRegexSet(['x1', 'y+z']).find('__yyz__', 200)).toBe('yz');
    expect(compileRegexSet(['x1', 'y+z']).find('____', 200)).toBeUndefined();
  });
});
