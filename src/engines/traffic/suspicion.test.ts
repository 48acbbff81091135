/** How much a request looks like an attack: by its signature, or by what it shares with the surplus. */
import { describe, expect, test } from 'vitest';
import { History } from './history.ts';
import { isolate } from './signature.ts';
import { suspicionOf, threatOf } from './suspicion.ts';
import type { RequestTraits, TrafficWindow } from './traits.ts';

let seed = 7;
const random = (): number => {
  seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
  return seed / 2 ** 31;
};
const agents = ['Firefox', 'Chrome', 'Safari'];
const paths = ['/', '/menu', '/search', '/about', '/order'];
const customer = (n: number): RequestTraits => ({
  source: `192.0.2.${n % 60}`,
  country: n % 4 === 0 ? 'DE' : 'US',
  userAgent: agents[n % 3] ?? '',
  method: 'GET',
  path: paths[n % 5] ?? '',
  queryKeys: n % 5 === 2 ? 'q' : '',
});
const window = (sample: readonly RequestTraits[]): TrafficWindow => ({
  start: 0,
  seconds: 10,
  requests: sample.length,
  sample,
});
const customers = Array.from({ length: 100 }, (_, n) => customer(n));

function learned(): History {
  const history = new History();
  for (let n = 0; n < 30; n++) history.learn(window(customers), random);
  return history;
}

function levels(attacker: (n: number) => RequestTraits, requests = 600) {
  const history = learned();
  const flooded = window([...customers, ...Array.from({ length: requests }, (_, n) => attacker(n))]);
  const threat = threatOf(history, flooded, isolate(history, flooded));
  if (!threat) throw new Error('no threat');
  const level = suspicionOf(threat);
  return { threat, of: (traits: Partial<RequestTraits>) => level({ ...customer(1), ...traits }), level };
}

describe('an attack that attributes tell', () => {
  const { of, level, threat } = levels((n) => ({
    ...customer(2),
    source: `198.51.100.${n % 250}`,
    userAgent: 'odd/1',
    path: '/search',
    queryKeys: 'deep&q',
  }));

  test('is high for what it is made of', () => {
    expect(threat.terms.length).toBeGreaterThan(0);
    expect(of({ path: '/search', userAgent: 'odd/1', queryKeys: 'deep&q' })).toBe('high');
  });

  test('customers are not suspected, those on the attacked path hardly', () => {
    const all = customers.map(level);
    expect(all).not.toContain('high');
    expect(all).not.toContain('medium');
    expect(all.filter((one) => one === 'none').length).toBeGreaterThanOrEqual(80);
  });
});

test('an attack that nothing tells from customers makes nobody highly suspected', () => {
  // Sources that are known, and asked for as they always did.
  const { threat, level } = levels((n) => customer(n), 900);
  expect(threat).toMatchObject({ terms: [], sources: [] });
  expect(customers.map(level)).not.toContain('high');
});

test('without a signature, what shares most of the odd values is suspected by half', () => {
  const threat = {
    terms: [],
    sources: [],
    odd: [
      { attribute: 'path', value: '/search' },
      { attribute: 'userAgent', value: 'odd/1' },
      { attribute: 'country', value: 'NL' },
      { attribute: 'method', value: 'POST' },
    ],
  } as const;
  const level = suspicionOf(threat);
  const with_ = (given: Partial<RequestTraits>) => level({ ...customer(1), ...given });
  expect(with_({ path: '/search', userAgent: 'odd/1', country: 'NL', method: 'POST' })).toBe('medium');
  expect(with_({ path: '/search', userAgent: 'odd/1', country: 'NL' })).toBe('medium');
  expect(with_({ path: '/search', userAgent: 'odd/1' })).toBe('low');
  expect(with_({ path: '/search' })).toBe('none');
});

test('an attack that only its sources tell names them', () => {
  const level = suspicionOf({ terms: [{ attribute: 'path', values: ['/'] }], sources: ['203.0.113.9'], odd: [] });
  expect(level({ ...customer(0), source: '203.0.113.9', path: '/' })).toBe('high');
  expect(level({ ...customer(0), source: '203.0.113.8', path: '/' })).toBe('none');
  expect(level({ ...customer(0), source: '203.0.113.9', path: '/menu' })).toBe('none');
});

test('a window with no more than usual says nothing new', () => {
  expect(threatOf(learned(), window(customers.slice(0, 50)), undefined)).toBeUndefined();
});
