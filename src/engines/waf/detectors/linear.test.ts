/** Every expression of the detectors is held to linear time: all of them are read out of the sources and pumped. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { botOf } from '../managed/bots.ts';
import { detectors } from './all.fixture.ts';
import { shapes } from './shapes/shape.ts';

const rooms = [new URL('./', import.meta.url), new URL('../managed/', import.meta.url)];

interface Found {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

function files(room: URL): URL[] {
  return readdirSync(room, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => new URL(name, room));
}

/** Literals: a slash where no operand stands before, to the slash that is neither escaped nor within brackets. */
function literals(file: URL): Found[] {
  const text = readFileSync(file, 'utf8');
  const found: Found[] = [];
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    if (text.startsWith('//', index) || text.startsWith('/*', index)) {
      const end = text.startsWith('//', index) ? text.indexOf('\n', index) : text.indexOf('*/', index) + 1;
      index = end < 0 ? text.length : end;
    } else if (character === "'" || character === '"' || character === '`') {
      index++;
      while (index < text.length && text[index] !== character) index += text[index] === '\\' ? 2 : 1;
    } else if (
      character === '/' &&
      /(?:[=(,:?&|![{};]|=>|\breturn)\s*$/.test(text.slice(Math.max(0, index - 40), index))
    ) {
      let end = index + 1;
      let isClass = false;
      while (end < text.length && (isClass || text[end] !== '/')) {
        if (text[end] === '[') isClass = true;
        else if (text[end] === ']') isClass = false;
        end += text[end] === '\\' ? 2 : 1;
      }
      const flags = /^[a-z]*/.exec(text.slice(end + 1))![0];
      found.push({ file: file.pathname.split('/waf/')[1]!, source: text.slice(index + 1, end), flags });
      index = end + flags.length;
    }
  }
  return found;
}

/** Those that are put together at run time are caught while the detectors run over texts that reach them. */
function composed(): Found[] {
  const seen = new Map<string, Found>();
  const { exec } = RegExp.prototype;
  RegExp.prototype.exec = function watched(this: RegExp, text: string) {
    seen.set(`${this.source}/${this.flags}`, { file: 'composed', source: this.source, flags: this.flags });
    return exec.call(this, text);
  };
  try {
    const signs = 'a \' " ` < > ( ) = ; & | $ { } [ ] / \\ % # @ : * , .. \n \u00e9 0 + ! -- __ =b os. if x';
    for (const text of [signs, `select ${signs}`, `x' or 1 ${signs}`, `<a ${signs}`, `\${\${a}} ${signs}`]) {
      for (const detector of detectors) detector(text);
      botOf(text);
    }
  } finally {
    RegExp.prototype.exec = exec;
  }
  return [...seen.values()];
}

const length = 24_000;
/** Generous, for loaded machines: quadratic time would be 10⁸ steps and more. */
const mostMilliseconds = 400;

function pumps(source: string): string[] {
  const words = [...new Set(source.match(/[A-Za-z]{2,}/g) ?? [])].slice(0, 12);
  const signs = [...new Set(source.replace(/\\[a-z]/gi, '').match(/[^\w\s]/g) ?? [])];
  const units = [
    'a',
    '0',
    ' ',
    '\n',
    '_',
    'a ',
    'a.',
    'a=',
    'a(',
    '1,',
    '\t(',
    ...signs,
    ...signs.map((sign) => `a${sign}`),
    ...words.map((word) => `${word} `),
  ];
  return [
    ...units.map((unit) => unit.repeat(Math.floor(length / unit.length))),
    ...words.slice(0, 6).flatMap((word) => ['a', ' ', '('].map((unit) => ` ${word}${unit.repeat(length)}`)),
  ];
}

function slowest({ source, flags }: Found): { readonly milliseconds: number; readonly pump: string } {
  const expression = new RegExp(source, flags.replace(/[gy]/g, ''));
  let worst = { milliseconds: 0, pump: '' };
  for (const text of pumps(source)) {
    let best = Number.POSITIVE_INFINITY;
    // The quicker of two, so that a moment's load on the machine is no failure.
    for (let round = 0; round < 2 && best > mostMilliseconds / 4; round++) {
      const start = performance.now();
      expression.test(text);
      best = Math.min(best, performance.now() - start);
    }
    if (best > worst.milliseconds) worst = { milliseconds: best, pump: text.slice(0, 12) };
  }
  return worst;
}

describe('the detectors’ own expressions', () => {
  const gated = shapes.map(({ regex: { source, flags } }) => ({ file: 'shape', source, flags }));
  const all = [...rooms.flatMap(files).flatMap(literals), ...gated, ...composed()];

  it('are found, all of them', () => {
    expect(all.length).toBeGreaterThan(250);
    for (const { source, flags } of all) expect(() => new RegExp(source, flags)).not.toThrow();
  });

  it('run in linear time', () => {
    const slow = all
      .map((each) => ({ ...each, ...slowest(each) }))
      .filter(({ milliseconds }) => milliseconds > mostMilliseconds);
    expect(slow).toEqual([]);
  }, 120_000);

  it('the measure finds an expression that takes quadratic time', () => {
    expect(slowest({ file: '', source: '(?:a|b)+x', flags: '' }).milliseconds).toBeGreaterThan(mostMilliseconds);
  }, 60_000);
});
