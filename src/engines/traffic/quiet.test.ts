/** Sites with few visitors, who each ask for a lot at once: what is no attack there, and what is one. */
import { describe, expect, test } from 'vitest';
import { Detector, type Finding, type RequestTraits } from './index.ts';
import { pageOf, person, type Random, randomOf, type Site, visits, windowOf } from './site.fixture.ts';

const seconds = 2;
const quiet: Site = { rate: 3, loads: 0.02 };
/** Of usual visits at a time: more and fewer of them by turns, as by day and night, but every hour. */
const dayAt = (at: number): number => 1 + 0.5 * Math.sin((at / 3_600_000) * 2 * Math.PI);

function watched(seed: number, site: Site, learned: number) {
  const random = randomOf(seed);
  const detector = new Detector({ baselineSeconds: 600, floor: 10 }, random);
  let at = 0;
  const feed = (times = dayAt(at), more: readonly RequestTraits[] = []): Finding => {
    const finding = detector.take(windowOf(at, seconds, [...visits(site, seconds, random, times), ...more]));
    at += seconds * 1000;
    return finding;
  };
  const learning = Array.from({ length: learned }, () => feed().kind);
  return { feed, random, learning };
}

describe.each([1, 2, 3, 4, 5])('with seed %i', (seed) => {
  test('an hour of few visitors, one of whom opens a page at times, is quiet', () => {
    const { learning } = watched(seed, quiet, 300 + 1_800);
    expect(new Set(learning)).toEqual(new Set(['quiet']));
  });

  test('so is a crowd of them', () => {
    const { feed } = watched(seed, quiet, 900);
    const crowd = Array.from({ length: 60 }, () => feed(6).kind);
    expect(new Set(crowd)).toEqual(new Set(['quiet']));
  });

  test.each<[string, number, Site, (random: Random, who: RequestTraits) => Partial<RequestTraits>]>([
    ['one odd agent', 20, { rate: 4, loads: 0 }, () => ({ userAgent: 'python' })],
    ['one page', 20, { rate: 4, loads: 0 }, () => ({ path: pageOf(200) })],
    ['thirty agents', 20, { rate: 4, loads: 0 }, (random) => ({ userAgent: `bot/${Math.floor(random() * 30)}` })],
    [
      'another agent each time',
      20,
      { rate: 4, loads: 0 },
      (random) => ({ userAgent: `bot/${random()}`, path: pageOf(20) }),
    ],
    ['one odd agent among bursts', 40, quiet, () => ({ userAgent: 'python' })],
  ])('a flood from %s is found within three windows', (_, rate, site, differs) => {
    const { feed, random } = watched(seed, site, 900);
    const attacker = (): RequestTraits => {
      const who = { ...person(random)(), source: `203.0.113.${Math.floor(random() * 200)}` };
      return { ...who, ...differs(random, who) };
    };
    const flood = Array.from({ length: 3 }, () => feed(1, Array.from({ length: rate * seconds }, attacker)));
    const begun = flood.find((one) => one.kind === 'begun');
    expect(begun?.signature?.coverage).toBeGreaterThan(0.85);
    expect(begun?.shifts.length).toBeGreaterThan(0);
    const after = Array.from({ length: 15 }, () => feed(1).kind);
    // Twenty seconds of usual traffic, and not much less.
    expect(after.slice(0, 7)).toEqual(Array(7).fill('going on'));
    expect(after).toContain('over');
    expect(after.at(-1)).toBe('quiet');
  });

  test('pulses are found, too: two seconds of a flood, and four of nothing', () => {
    const { feed, random } = watched(seed, quiet, 900);
    const pulse = () =>
      feed(
        1,
        Array.from({ length: 100 }, () => ({ ...person(random)(), userAgent: 'python' })),
      );
    const found = Array.from({ length: 4 }, () => [pulse(), feed(1), feed(1)]).flat();
    expect(found.map(({ kind }) => kind)).toContain('begun');
    expect(found.at(-1)?.kind).toBe('going on');
  });

  test('a flood that is hardly more than what two visitors ask for at once is found in ten seconds', () => {
    const { feed, random } = watched(seed, { rate: 4, loads: 0.1 }, 900);
    const flood = () =>
      feed(
        1,
        Array.from({ length: 80 }, () => ({ ...person(random)(), userAgent: 'python' })),
      );
    expect(Array.from({ length: 5 }, () => flood().kind)).toContain('begun');
  });

  test('where one visitor is all that a window has, a flood is one nevertheless', () => {
    const { feed, random, learning } = watched(seed, { rate: 0.1, loads: 0.2 }, 900);
    expect(new Set(learning)).toEqual(new Set(['quiet']));
    const flood = () =>
      feed(
        1,
        Array.from({ length: 300 }, () => ({ ...person(random)(), userAgent: 'python' })),
      );
    const found = [flood(), flood(), flood()].map(({ kind }) => kind);
    expect(found).toContain('begun');
  });
});
