/** The gate before an expression: it must never keep one from a text that it would have matched. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectors } from '../all.fixture.ts';
import { formsOf } from '../decoding/forms.ts';
import { traitsOf } from '../traits.ts';
import { alternativesOf, together } from './required.ts';
import { Gate, shape, shapes } from './shape.ts';

const literalsOf = (regex: RegExp): readonly string[] | undefined => {
  const alternatives = alternativesOf(regex);
  return alternatives && together(alternatives);
};

it.each<readonly [RegExp, readonly string[] | undefined]>([
  [/union\s+select/, ['select']],
  [/\b(?:alert|confirm|prompt)\s?\(/i, ['alert', 'confirm', 'prompt']],
  [/a(?:bcd|efgh)?ij/, ['aij', 'abcdij', 'aefghij']],
  [/x(?:foo|bar)+y/, ['xfoo', 'xbar']],
  [/\b(?:php|rar):\/\//, ['php://', 'rar://']],
  [/\$_(?:GET|POST)?\[/, ['$_[', '$_get[', '$_post[']],
  [/[ab][c-e]fg{2,3}/, ['fgg']],
  [/\d+/, undefined],
  [/foo|\d/, undefined],
  [/(?=.*needle)\w/, ['needle']],
  [/(?!needle)\w+/, undefined],
  [/(?<=be)fore/, ['fore']],
  [/(['"])on\1load/, ['load']],
  [/ab{2}c+d/, ['abbc']],
  [/[Ss][e]lect?/, ['selec']],
  [/\x2fetc\u002f/, ['/etc/']],
  [/\u00e9t\u00e9/, undefined],
  [/(?<year>\d{4})-XX/, ['-xx']],
  [/k\u212a/iu, undefined],
  [/(?:ab|c*)/, undefined],
  [/\$\{/, ['${']],
])('%s needs %j', (regex, literals) => {
  expect(literalsOf(regex)).toEqual(literals);
});

describe('any expression', () => {
  const letter = fc.constantFrom(
    'a',
    'b',
    'B',
    '/',
    '\\.',
    '\\$',
    '[ab]',
    '[bB]',
    '[a/.]',
    '(?:ab|b/)',
    '(?:a|)',
    '\\w',
    '\\s',
    '.',
    '\\x61',
  );
  const { regex: written } = fc.letrec<{ regex: string; part: string; sequence: string }>((tie) => ({
    regex: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((all) => all.join('|')),
    sequence: fc.array(tie('part'), { minLength: 1, maxLength: 5 }).map((all) => all.join('')),
    part: fc
      .tuple(
        fc.oneof(
          { maxDepth: 3, withCrossShrink: true },
          letter,
          fc.tuple(fc.constantFrom('(?:', '('), tie('regex')).map(([open, inner]) => `${open}${inner})`),
          fc
            .tuple(fc.constantFrom('(?=', '(?!', '(?<=', '(?<!'), letter)
            .map(([open, inner]) => `${open}${inner})(?:)`),
        ),
        fc.constantFrom('', '', '', '?', '*', '+', '{2}', '{1,3}', '{0,2}', '+?'),
      )
      .map(([part, sign]) => part + sign),
  }));
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'B', '/', '.', '$', ' ', 'é'), maxLength: 12 });

  it('finds behind its gate what it finds without', () => {
    let matches = 0;
    fc.assert(
      fc.property(written, fc.constantFrom('', 'i', 's'), fc.array(texts, { maxLength: 20 }), (source, flags, all) => {
        const regex = new RegExp(source, flags);
        const literals = literalsOf(regex);
        if (literals === undefined) return;
        for (const text of all) {
          if (!regex.test(text)) continue;
          matches += 1;
          expect(literals.some((literal) => text.toLowerCase().includes(literal))).toBe(true);
        }
      }),
      { numRuns: 3_000 },
    );
    expect(matches).toBeGreaterThan(100);
  });
});

describe('the detectors’ shapes', () => {
  /** Beginnings, middles and ends of what the expressions look for, taken from themselves. */
  const words = [...new Set(shapes.flatMap(({ regex }) => regex.source.match(/[\w.:/<$(){}=-]{2,24}/g) ?? []))];
  const glue = fc.constantFrom(
    ' ',
    '',
    '(',
    ')',
    "'",
    '"',
    ';',
    '=',
    '/',
    '\n',
    ':',
    '<',
    '>',
    '$',
    '{',
    '}',
    '1',
    '.',
    '\\',
    '-',
  );
  const text = fc
    .array(fc.tuple(fc.constantFrom(...words), glue, glue), { minLength: 1, maxLength: 8 })
    .map((all) => all.map(([word, one, other]) => one + word + other).join(''));

  it('are there', () => {
    for (const detector of detectors) detector('x');
    expect(shapes.length).toBeGreaterThan(60);
  });

  it('find what their expressions find, in any order of texts', () => {
    let matches = 0;
    fc.assert(
      fc.property(text, (made) => {
        for (const { text } of formsOf(made, true)) {
          traitsOf(text);
          for (const one of shapes) {
            const expected = text.search(one.regex);
            if (expected >= 0) matches += 1;
            expect([one.regex.source, one.search(text), one.test(text)]).toEqual([
              one.regex.source,
              expected,
              expected >= 0,
            ]);
          }
        }
      }),
      { numRuns: 600 },
    );
    expect(matches).toBeGreaterThan(60);
  });
});

it('a gate that is made later is seen by texts that were looked at before', () => {
  const early = shape(/early-word/);
  expect(early.test('a late-word')).toBe(false);
  const late = new Gate(['late-word']);
  expect(late.isOpen('a late-word')).toBe(true);
  expect(late.isOpen('A LATE-WORD')).toBe(true);
  expect(late.isOpen('late')).toBe(false);
});
