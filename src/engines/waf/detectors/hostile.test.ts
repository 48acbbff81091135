/** 64 KB of whatever costs most: every detector answers in bounded time, and four times the text takes about four times as long. */
import { describe, expect, it } from 'vitest';
import { detectors } from './all.fixture.ts';
import { formsOf } from './decoding/forms.ts';

const units = [
  'a',
  ' ',
  "'",
  '"',
  '`',
  '<',
  '<a ',
  '<a b=',
  '(',
  ')',
  '[',
  '{',
  '{{',
  '${',
  '${a:',
  '%25',
  '%',
  '&',
  '&#x61;',
  '\\',
  '\\u0061',
  '\\u{',
  ';',
  '; cat ',
  '|',
  '../',
  '..',
  './',
  '//',
  'http://',
  '0x2e',
  '+',
  'a+',
  '+ADw-',
  'QUFB',
  '-',
  '--',
  '/*',
  '/**/a',
  '#',
  '@@',
  '@a,',
  '1,',
  '1 or ',
  "' or ",
  'select ',
  'union select ',
  'f(',
  'char(',
  'case when ',
  'onx= ',
  '" onclick=',
  'javascript:',
  'document.',
  'constructor.',
  '<script ',
  '<!--',
  '\n',
  '\r\na: ',
  'if a ',
  'for %',
  'get-a ',
  '__',
  '(&(',
  '*)(',
  '":"',
  '{"a":',
  'a=b&',
  '\0',
  '\xc0\xaf',
  '\xff',
  'O:1:"',
  '$a',
  '$_',
  'exec ',
  'print `',
];

const milliseconds = (text: string): number => {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 2; round++) {
    const start = performance.now();
    for (const form of formsOf(text, true)) for (const detector of detectors) detector(`${form.text}${round}`);
    best = Math.min(best, performance.now() - start);
  }
  return best;
};

describe('hostile texts', () => {
  it('64 KB of any of them are done with in bounded time', () => {
    const slow: string[] = [];
    for (const unit of units) {
      const full = milliseconds(unit.repeat(Math.floor(65_536 / unit.length)));
      // Quadratic work on 64 KB would take seconds; all detectors over all forms together take a fraction of one.
      if (full < 700) continue;
      const quarter = milliseconds(unit.repeat(Math.floor(16_384 / unit.length)));
      if (full > quarter * 9)
        slow.push(`${JSON.stringify(unit)}: ${quarter.toFixed(0)} ms for 16 KB, ${full.toFixed(0)} ms for 64 KB`);
    }
    expect(slow).toEqual([]);
  }, 120_000);

  it('random bytes and pieces make no detector throw', () => {
    const seed = Number(process.env.SEED ?? 7);
    let state = seed;
    const random = (most: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return Math.floor((state / 0x7fffffff) * most);
    };
    for (let round = 0; round < 1500; round++) {
      const text = Array.from({ length: 1 + random(14) }, () =>
        random(3) === 0 ? String.fromCharCode(random(256)) : units[random(units.length)]!,
      ).join('');
      const run = () => {
        for (const form of formsOf(text, round % 2 === 0)) for (const detector of detectors) detector(form.text);
      };
      expect(run, `seed ${seed}: ${JSON.stringify(text)}`).not.toThrow();
    }
  }, 60_000);

  it('decoding is bounded in forms and characters', () => {
    for (const unit of units) {
      const text = unit.repeat(Math.floor(65_536 / unit.length));
      const forms = formsOf(text, true);
      expect(forms.length).toBeLessThanOrEqual(12);
      expect(forms.reduce((sum, form) => sum + form.text.length, 0)).toBeLessThanOrEqual(text.length * 3 + 40_000);
    }
  });
});
