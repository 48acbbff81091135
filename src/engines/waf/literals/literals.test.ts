/** The gate before many statements: it must never keep one from looking that would have found something. */
import { describe, expect, it } from 'vitest';
import { parseRegex } from '../regex/parse.ts';
import { compileRegex } from '../regex/regex.ts';
import { requiredLiterals } from '../regex/required.ts';
import type { Statement } from '../types.ts';
import { compiled, contains, holds, request, rule, verdictOf } from '../waf.fixture.ts';
import { LiteralSearcher } from './searcher.ts';

let seed = 9;
const random = (below: number): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 2 ** 32) * below);
};
const text = (length: number, letters = 'abAB/'): string =>
  Array.from({ length }, () => letters[random(letters.length)]).join('');

it('finds what indexOf finds, without regard to case', () => {
  for (let round = 0; round < 300; round++) {
    const literals = [...new Set(Array.from({ length: 1 + random(12) }, () => text(1 + random(4)).toLowerCase()))];
    const searcher = new LiteralSearcher(literals);
    const texts = Array.from({ length: 1 + random(3) }, () => text(random(12)));
    const found = searcher.search(texts);
    for (const [id, literal] of literals.entries()) {
      expect(found[id] === 1).toBe(texts.some((one) => one.toLowerCase().includes(literal)));
    }
  }
});

it.each<readonly [string, readonly string[] | undefined]>([
  ['union\\s+select', ['select']],
  ['(?i)UNION', ['union']],
  ['a(?:bcd|efgh)?i', ['a']],
  ['x(?:foo|bar)+y', ['foo', 'bar']],
  ['\\d+', undefined],
  ['foo|\\d', undefined],
  ['f(oo)*', ['f']],
  ['^\\bfoo\\b$', ['foo']],
  ['[a-f]{3}xyz?', ['xy']],
])('%s needs %j', (pattern, literals) => {
  expect(requiredLiterals(parseRegex(pattern))).toEqual(literals);
});

it('every match of a random expression holds a required literal', () => {
  let checked = 0;
  for (let round = 0; round < 4_000; round++) {
    const atom = (): string =>
      ['a', 'b', 'A', '(?i:ab)', '[ab]', '(?:a|bb)', '(?:ab)+', 'b?', 'a{2}', '/'][random(10)]!;
    const pattern =
      Array.from({ length: 1 + random(4) }, atom).join('') + (random(4) === 0 ? `|${atom()}${atom()}` : '');
    const { required, ...regex } = compileRegex(pattern);
    if (!required) continue;
    for (let index = 0; index < 5; index++) {
      const sample = text(random(9));
      if (!regex.test(sample)) continue;
      checked += 1;
      expect([pattern, sample, required.some((literal) => sample.toLowerCase().includes(literal))]).toEqual([
        pattern,
        sample,
        true,
      ]);
    }
  }
  expect(checked).toBeGreaterThan(1_000);
});

describe('many statements over one field', () => {
  const words = Array.from({ length: 300 }, (_, index) => `Word${index}x`);
  const web = compiled(words.map((word, index) => rule(word, index, contains(word, { Body: {} }), { Block: {} })));

  it('answer as each alone does', () => {
    for (const body of ['nothing', 'a Word7x b', 'a word7x b', 'Word299x', 'Word12x Word3x', 'Word30']) {
      const of = request({ body });
      const alone = words.find((word) => holds(contains(word, { Body: {} }), of));
      expect(verdictOf(web, of).terminatingRuleId).toBe(alone ?? 'Default_Action');
    }
  });

  it('cost little more than one', () => {
    const one = compiled([rule('r', 0, contains('Word0x', { Body: {} }), { Block: {} })]);
    const time = (acl: typeof web): number => {
      let best = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 30; round++) {
        const of = request({ body: `${round} ${'lorem ipsum dolor '.repeat(450)}` });
        const begun = performance.now();
        verdictOf(acl, of);
        best = Math.min(best, performance.now() - begun);
      }
      return best;
    };
    // Three hundred times the work would be 300 times the time.
    expect(time(web) / time(one)).toBeLessThan(60);
  });

  it('with expressions among them too', () => {
    const statements: Statement[] = words.map((word, index) =>
      index % 2 === 0
        ? contains(word, { UriPath: {} })
        : {
            RegexMatchStatement: {
              RegexString: `(?i)${word}[0-9]+z`,
              FieldToMatch: { UriPath: {} },
              TextTransformations: [],
            },
          },
    );
    const mixed = compiled(statements.map((statement, index) => rule(`r${index}`, index, statement, { Block: {} })));
    expect(verdictOf(mixed, request({ path: '/word41X77Z' })).terminatingRuleId).toBe('r41');
    expect(verdictOf(mixed, request({ path: '/word41X' })).terminatingRuleId).toBe('Default_Action');
    expect(verdictOf(mixed, request({ path: '/Word42x' })).terminatingRuleId).toBe('r42');
  });
});
