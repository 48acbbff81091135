/** Attacks and crowds against one resource: what is found, isolated and let be. Seeds are printed by the names. */
import { describe, expect, test } from 'vitest';
import { Detector, type Finding, type RequestTraits, type Signature } from './index.ts';
import { pick, randomOf, windowOf } from './site.fixture.ts';

const agents = ['Firefox', 'Chrome', 'Safari', 'Edge'];
const paths = ['/', '/menu', '/search', '/order', '/about'];

const customer = (random: () => number): RequestTraits => ({
  source: `198.51.${Math.floor(random() * 4)}.${Math.floor(random() * 250)}`,
  country: pick(random, ['US', 'US', 'CA']),
  userAgent: pick(random, agents),
  method: random() < 0.1 ? 'POST' : 'GET',
  path: pick(random, paths),
  queryKeys: random() < 0.2 ? 'q' : '',
});

/** @param seconds of each window; a window of ten seconds has the requests that are given to `feed` */
function windows(seed: number, seconds: number) {
  const random = randomOf(seed);
  const detector = new Detector({ baselineSeconds: 300, floor: 10 }, random);
  let at = 0;
  const feed = (make: readonly [count: number, (random: () => number) => RequestTraits][]): Finding => {
    const sample = make.flatMap(([count, one]) =>
      Array.from({ length: Math.round((count * seconds) / 10) }, () => one(random)),
    );
    const window = windowOf(at, seconds, sample);
    at += seconds * 1_000;
    return detector.take(window);
  };
  for (let seen = 0; seen < 400; seen += seconds) feed([[200 + Math.floor(random() * 40), customer]]);
  return { feed, random };
}

const hits = (signature: Signature, traits: RequestTraits): boolean =>
  (signature.kind === 'attributes' || signature.sources.includes(traits.source)) &&
  signature.terms.every(
    ({ attribute, values, isNot }) => values.includes(String(traits[attribute] ?? '')) !== (isNot ?? false),
  );
const seeds = [1, 2, 3, 4, 5];
const cases = [10, 2].flatMap((seconds) =>
  seeds.slice(0, seconds === 10 ? 3 : 5).map((seed) => [seconds, seed] as const),
);

describe.each(cases)('in windows of %i s with seed %i', (seconds, seed) => {
  test('WAF trap 12: a crowd with the usual mix is no attack', () => {
    const { feed } = windows(seed, seconds);
    for (let round = 0; round < 10; round += 1) expect(feed([[220 * 5, customer]]).kind).toBe('quiet');
  });

  test('WAF trap 12: a crowd of people who were never here is no attack, whether it comes at once or grows', () => {
    const stranger = (random: () => number): RequestTraits => ({
      ...customer(random),
      source: `192.0.${Math.floor(random() * 250)}.${Math.floor(random() * 250)}`,
    });
    const { feed } = windows(seed, seconds);
    for (const times of [1, 2, 3, 5, 8, 8, 8, 4, 1]) {
      const found = feed([
        [220, customer],
        [220 * (times - 1), stranger],
      ]);
      expect([times, found.kind]).toEqual([times, 'quiet']);
    }
    const sudden = windows(seed, seconds);
    for (let round = 0; round < 5; round += 1) {
      const found = sudden.feed([
        [220, customer],
        [220 * 5, stranger],
      ]);
      expect(found.kind).toBe('quiet');
    }
  });

  test('another mix of the usual volume is no attack', () => {
    const { feed } = windows(seed, seconds);
    const bot = (): RequestTraits => ({
      source: '203.0.113.1',
      userAgent: 'bot',
      method: 'GET',
      path: '/search',
      queryKeys: 'q',
    });
    for (let round = 0; round < 10; round += 1)
      expect(
        feed([
          [150, customer],
          [50, bot],
        ]).kind,
      ).toBe('quiet');
  });

  test.each<[string, (random: () => number) => RequestTraits]>([
    [
      'one odd agent',
      (random) => ({
        ...customer(random),
        source: `203.0.113.${Math.floor(random() * 200)}`,
        userAgent: 'python',
        path: '/search',
        queryKeys: 'q',
      }),
    ],
    [
      'agents by turns, and few requests from each of many sources',
      (random) => ({
        ...customer(random),
        source: `203.0.${Math.floor(random() * 250)}.${Math.floor(random() * 250)}`,
        userAgent: `bot/${Math.floor(random() * 12)}`,
        path: '/search',
        queryKeys: 'q',
      }),
    ],
    [
      'another agent each time',
      (random) => ({
        ...customer(random),
        source: `203.0.${Math.floor(random() * 250)}.${Math.floor(random() * 250)}`,
        userAgent: `bot/${random()}`,
      }),
    ],
    ['one country', (random) => ({ ...customer(random), country: 'ZZ', path: '/search' })],
    ['one fingerprint', (random) => ({ ...customer(random), ja4: 't13d', path: '/search' })],
    [
      'nothing odd but where they come from',
      (random) => ({
        ...customer(random),
        source: `203.0.113.${Math.floor(random() * 200)}`,
        path: '/search',
        queryKeys: 'q',
        method: 'GET',
      }),
    ],
  ])('WAF trap 12: a flood with %s is found, isolated and let go', (name, attacker) => {
    // Three times what is usual in all, and four times. Of 200 addresses, the fewer requests do not show nine in ten.
    for (const attackers of name.startsWith('nothing odd') ? [660] : [440, 660]) {
      const { feed, random } = windows(seed, seconds);
      const flood: Parameters<typeof feed>[0] = [
        [220, customer],
        [attackers, attacker],
      ];
      const findings = Array.from({ length: 5 }, () => feed([...flood]));
      const begun = findings.slice(0, 3).find((one) => one.kind === 'begun');
      const latest = findings.at(-1);
      expect(begun?.signature).toBeDefined();
      // In two seconds, not every source has asked yet.
      const isEarly = begun?.signature?.kind === 'attributes';
      const signature = isEarly ? begun.signature : latest?.kind === 'going on' && latest.signature;
      if (!signature) throw new Error('no signature');
      const lost =
        Array.from({ length: 5_000 }, () => customer(random)).filter((one) => hits(signature, one)).length / 5_000;
      const stopped =
        Array.from({ length: 2_000 }, () => attacker(random)).filter((one) => hits(signature, one)).length / 2_000;
      expect(lost).toBeLessThan(0.01);
      expect(stopped).toBeGreaterThan(0.9);
      const after = Array.from({ length: 12 }, () => feed([[220, customer]]).kind);
      expect(after).toContain('over');
      expect(after.at(-1)).toBe('quiet');
    }
  });

  test('a flood that looks like everybody is no reason to hit everybody', () => {
    const { feed } = windows(seed, seconds);
    const findings = Array.from({ length: 4 }, () => feed([[220 * 4, customer]]));
    expect(findings.every(({ kind }) => kind === 'quiet')).toBe(true);
  });
});

test('nothing is judged before it is known what is usual', () => {
  const random = randomOf(9);
  const detector = new Detector({ baselineSeconds: 600, floor: 10 }, random);
  const sample = Array.from({ length: 5_000 }, () => customer(random));
  expect(detector.take({ start: 0, seconds: 10, requests: 50_000, sample })).toEqual({ kind: 'quiet' });
});
