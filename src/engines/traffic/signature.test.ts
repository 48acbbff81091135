/** What is said to tell an attack from everybody else, and when that changes. */
import { expect, test } from 'vitest';
import { History } from './history.ts';
import { follow, isolate, type Term } from './signature.ts';
import { agentOf, pageOf, person, type Random, randomOf, visits, windowOf } from './site.fixture.ts';
import type { RequestTraits } from './traits.ts';

const random = randomOf(11);
const site = { rate: 20, loads: 0.2 };
const history = new History();
for (let at = 0; at < 300; at += 2) history.learn(windowOf(at * 1000, 2, visits(site, 2, random)), random);

/** Of a site where hardly anybody is. */
const quiet = new History();
for (let at = 0; at < 1_000; at += 2)
  quiet.learn(windowOf(at * 1000, 2, visits({ rate: 1, loads: 0.1 }, 2, random)), random);

/** Ten seconds. */
function flooded(count: number, differs: (random: Random, at: number) => Partial<RequestTraits>) {
  const flood = Array.from({ length: count }, (_, at) => ({
    ...person(random)(),
    source: `203.0.${at % 250}.${Math.floor(random() * 250)}`,
    ...differs(random, at),
  }));
  return windowOf(300_000, 10, [...visits(site, 10, random), ...flood]);
}
const termsOf = (found: { readonly terms: readonly Term[] } | undefined) => found?.terms;

test('agents that nobody had before are one term, whether they are a dozen or fifty', () => {
  for (const count of [12, 50]) {
    const found = isolate(
      history,
      flooded(1_500, (_, at) => ({ userAgent: `bot/${at % count}` })),
    );
    expect(found?.coverage).toBeGreaterThan(0.9);
    expect(found?.terms).toHaveLength(1);
    expect(found?.terms[0]?.values).toHaveLength(count);
  }
});

test('another agent each time is none of the usual ones; what they all ask for is said, too', () => {
  const found = isolate(
    history,
    flooded(1_500, (one) => ({ userAgent: `bot/${one()}`, path: pageOf(20) })),
  );
  const terms = new Map(found?.terms.map((term) => [term.attribute, term]));
  expect([...terms.keys()].sort()).toEqual(['path', 'userAgent']);
  expect(terms.get('path')?.values).toEqual([pageOf(20)]);
  expect(terms.get('userAgent')).toMatchObject({ isNot: true });
  expect(terms.get('userAgent')?.values).toContain(agentOf(0));
});

test('names that came once are no term: they will not come again', () => {
  const { sample } = flooded(60, (one) => ({ userAgent: `bot/${one()}`, path: pageOf(0) }));
  const found = isolate(quiet, windowOf(0, 10, sample.slice(-80)));
  const names = (found?.terms ?? []).flatMap(({ attribute, values }) => (attribute === 'userAgent' ? values : []));
  expect(names.filter((name) => name.startsWith('bot/'))).toEqual([]);
});

test('where nobody knows where they are from, that is none of the usual countries', () => {
  const found = isolate(
    history,
    flooded(1_500, () => ({ country: '', path: pageOf(1) })),
  );
  const named = (found?.terms ?? []).map(({ attribute, values, isNot }) => [attribute, values.includes(''), isNot]);
  expect(named).toEqual([
    ['country', false, true],
    ['path', false, undefined],
  ]);
});

test('what told the attack before stays while it does', () => {
  const first = isolate(
    history,
    flooded(1_500, (_, at) => ({ userAgent: `bot/${at % 12}` })),
  );
  // One of twelve has gone, another has come.
  const shifted = flooded(1_500, (_, at) => ({ userAgent: `bot/${1 + (at % 12)}` }));
  expect(termsOf(isolate(history, shifted))).not.toEqual(termsOf(first));
  expect(termsOf(follow(history, shifted, first))).toEqual(termsOf(first));
  const other = flooded(1_500, () => ({ path: '/never', queryKeys: 'deep' }));
  expect(termsOf(follow(history, other, first))).toEqual(termsOf(isolate(history, other)));
  // Where nothing tells any more, what did is better than nothing.
  expect(
    follow(
      history,
      flooded(0, () => ({})),
      first,
    ),
  ).toBe(first);
});

test('sources are those of late that ask for the same', () => {
  const from = (net: string) => (one: Random) => ({
    path: pageOf(1),
    source: `203.0.${net}.${Math.floor(one() * 200)}`,
  });
  const first = isolate(history, flooded(1_000, from('1')));
  const next = follow(history, flooded(1_000, from('2')), first);
  expect(next?.terms).toEqual(first?.terms);
  if (next?.kind !== 'sources') throw new Error(`${next?.kind} instead of sources`);
  expect(next.sources.filter((one) => one.startsWith('203.0.2.')).length).toBeGreaterThan(190);
});

test('a few persons who open pages are not isolated, a few who never stop are', () => {
  const page = (requests: number) =>
    flooded(0, () => ({})).sample.concat(
      Array.from({ length: 6 }, (_, at) => {
        const one = person(random);
        const source = `203.0.7.${at}`;
        return Array.from({ length: requests }, () => ({ ...one(), source, path: pageOf(1) }));
      }).flat(),
    );
  // Ten seconds with nobody else.
  const only = (sample: readonly RequestTraits[]) =>
    windowOf(
      300_000,
      10,
      sample.filter(({ source }) => source.startsWith('203.0.7.')),
    );
  expect(isolate(quiet, only(page(25)))).toBeUndefined();
  expect(isolate(quiet, only(page(2_000)))).toMatchObject({ kind: 'sources' });
});
