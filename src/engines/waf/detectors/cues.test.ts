/** What wakes a detector: no text may be kept from one that would have found something in it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { named } from './all.fixture.ts';
import { awake, bitOf, cuesOf, maskOf, wakenedBy } from './cues.ts';
import { formsOf } from './decoding/forms.ts';
import type { Evidence } from './detector.ts';
import { evidence } from './evidence.ts';
import { Gate, shapes } from './shapes/shape.ts';
import { sign } from './signs.ts';
import { lookAt, toKnow, trait } from './traits.ts';

const found = (text: string): Evidence => evidence('protocol', 'found', text, 1);

describe('a detector with cues', () => {
  const cued = wakenedBy(
    [
      { all: trait.colon | trait.slash },
      { any: trait.at | trait.hash, gate: new Gate(['needle']) },
      { none: trait.letter, any: trait.digit },
      ...cuesOf([sign('a sign', trait.star, /threads?\b/)]),
    ],
    found,
  );

  it.each([
    ['http:/', true],
    [':', false],
    ['a needle', false],
    ['@ NeeDle', true],
    ['#needle', true],
    ['123', true],
    ['a123', false],
    ['thread', false],
    ['*THREADS', true],
    ['', false],
  ])('%j wakes it: %s', (text, isAwake) => {
    expect((awake(toKnow(text)) & bitOf(cued)) !== 0).toBe(isAwake);
  });

  it('is called by its mask, and one without cues always', () => {
    expect(awake(toKnow('')) & maskOf([cued])).toBe(0);
    expect(awake(toKnow('')) & maskOf([cued, (text) => found(text)])).not.toBe(0);
  });
});

describe('the detectors', () => {
  const cued = Object.entries(named).filter(([, detector]) => detector.bit !== undefined);
  /** Beginnings, middles and ends of what the expressions look for, taken from themselves. */
  const words = [...new Set(shapes.flatMap(({ regex }) => regex.source.match(/[\w.:/<$(){}=-]{2,24}/g) ?? []))];
  const whole = [
    ...["' or 1=1 --", 'union select 1,2', '<svg onload=x()>', 'javascript:x()', ' onload=x', '${jndi:ldap://x}'],
    ...[
      '../../etc/passwd',
      '%2e%2e%2f',
      '..\\..\\',
      '0x2e0x2e0x2f',
      '/etc/shadow',
      'http://169.254.169.254/',
      '//metadata',
    ],
    ...['; cat /etc/passwd', '`id`', '$(id)', 'nohup id', "w'ho'ami", '/usr/bin/id', '~+', 'cmd /c dir', 'net user x'],
    ...[
      '<?php x',
      'system("id")',
      '{{7*7}}',
      '${7*7}',
      '*)(uid=*',
      '[$ne]',
      '<!ENTITY x',
      'java.lang.Runtime',
      'rO0ABXNy',
    ],
    ...[
      '\r\nSet-Cookie: a=b',
      'GET / HTTP/1.1',
      'RCPT TO:<a@b>',
      'count(/a)',
      '\\\\host\\share',
      'php://input',
      '{__schema{',
      '\\u560aTo:',
    ],
  ];
  const glue = fc.constantFrom(
    ...' ',
    '',
    ...'()\'";=/\n:<>$1.\\-*|&{}[]@#!~^`%+,?é\0'.split(''),
    '\xac\xed\0\x05',
    '\u560a',
  );
  const piece = fc.oneof(fc.constantFrom(...words), fc.constantFrom(...whole));
  const text = fc
    .array(fc.tuple(glue, piece, glue), { minLength: 1, maxLength: 5 })
    .map((all) => all.map((each) => each.join('')).join(''));

  it('have cues, nearly all', () => {
    expect(cued.length).toBeGreaterThan(20);
  });

  it('find nothing in what does not wake them', () => {
    const hits = new Map<string, number>();
    fc.assert(
      fc.property(text, (made) => {
        for (const form of formsOf(made, true)) {
          const bits = awake(form);
          for (const [name, detector] of cued) {
            lookAt(form);
            if (detector(form.text) === undefined) continue;
            hits.set(name, (hits.get(name) ?? 0) + 1);
            if ((bits & bitOf(detector)) === 0) throw new Error(`${name} slept over ${JSON.stringify(form.text)}`);
          }
        }
      }),
      { numRuns: 4_000, examples: whole.map((one) => [one]) },
    );
    expect([...hits.keys()].sort()).toEqual(cued.map(([name]) => name).sort());
  });

  it('sleep over ordinary texts', () => {
    const texts = ['a plain sentence of seven words', 'user_name', '2026-11-27', 'Berlin', 'blue.png', 'en-GB', '42'];
    const calls = texts.flatMap((one) => cued.filter(([, detector]) => (awake(toKnow(one)) & bitOf(detector)) !== 0));
    // Each of them, of more than twenty.
    expect(calls.length / texts.length).toBeLessThan(3);
  });
});
