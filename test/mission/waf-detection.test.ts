/** Detection on corpora of others, in samples: what was never looked at is found as well as what was; nothing of theirs is in here. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { halfOf, hasCorpora, load, place, recorded } from '../../bench/edge/corpus.ts';
import { blockedBy } from '../../bench/edge/replay.ts';

const isHere = hasCorpora();
if (!isHere) console.warn('SKIPPED: the corpora of attacks and ordinary requests are not at ../shared/corpora/waf');

const sets = ['payloads-mgm', 'payloads-libinjection', 'payloads-gotestwaf'];
const share = (all: readonly boolean[]): number => all.filter(Boolean).length / all.length;

describe.skipIf(!isHere)('the default managed groups on corpora', () => {
  it('M-194 M-203 block attacks of the half that nobody looked at', () => {
    const unseen = sets
      .flatMap(load)
      .filter((entry) => entry.label === 'attack' && halfOf(entry) === 1)
      .filter((_, index) => index % 12 === 0);
    expect(unseen.length).toBeGreaterThan(1_000);
    expect(
      share(unseen.map((entry, index) => blockedBy(place(entry.payload!, index % 2 ? 'query' : 'form')) !== undefined)),
    ).toBeGreaterThan(0.97);
  });

  it('M-193 let recorded requests of browsers pass', () => {
    const some = load('blazehttp-benign').filter((entry, index) => halfOf(entry) === 1 && index % 4 === 0);
    expect(some.length).toBeGreaterThan(1_500);
    expect(share(some.map((entry) => blockedBy(recorded(entry)) !== undefined))).toBeLessThan(0.01);
  });

  it('no payload of the corpora stands in the sources', () => {
    const shortest = 20;
    const byBeginning = new Map<string, string[]>();
    for (const { payload } of sets.flatMap(load)) {
      for (const line of (payload ?? '').split('\n')) {
        if (line.length < shortest) continue;
        const beginning = line.slice(0, shortest);
        byBeginning.set(beginning, [...(byBeginning.get(beginning) ?? []), line]);
      }
    }
    const root = new URL('../../src/', import.meta.url);
    const found: string[] = [];
    let files = 0;
    for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      files++;
      const text = readFileSync(new URL(name, root), 'utf8');
      for (let index = 0; index + shortest <= text.length; index++) {
        const lines = byBeginning.get(text.slice(index, index + shortest));
        for (const line of lines ?? []) if (text.startsWith(line, index)) found.push(`${name}: ${line}`);
      }
    }
    expect(files).toBeGreaterThan(500);
    expect(found).toEqual([]);
  }, 60_000);
});
