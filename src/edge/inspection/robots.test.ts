/** Robots that say who they are: by the name of their address, and back. */
import { describe, expect, test } from 'vitest';
import { type NameLookups, Robots } from './robots.ts';

const absent = () => Object.assign(new Error('none'), { code: 'ENOTFOUND' });

/** @param names by address @param addresses by name; `undefined` where nobody answers */
function world(names: Record<string, string[] | undefined>, addresses: Record<string, string[] | undefined>) {
  const asked: string[] = [];
  const lookup = async (table: Record<string, string[] | undefined>, key: string) => {
    asked.push(key);
    if (!Object.hasOwn(table, key)) throw absent();
    const found = table[key];
    if (found === undefined) throw Object.assign(new Error('late'), { code: 'ETIMEOUT' });
    return found;
  };
  const lookups: NameLookups = {
    reverse: (address) => lookup(names, address),
    addresses: (name) => lookup(addresses, name),
  };
  return { asked, lookups };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));
const google = '66.249.66.1';
const crawler = 'crawl-66-249-66-1.googlebot.com';

/** Asks twice: first nobody knows. */
async function verdict(robot: string, address: string, lookups: NameLookups): Promise<boolean> {
  const robots = new Robots(() => 0, lookups);
  expect(robots.isVerified(robot, address)).toBe(false);
  await settled();
  return robots.isVerified(robot, address);
}

describe('a robot is verified', () => {
  test('when its name leads back to it', async () => {
    const { lookups } = world({ [google]: [crawler] }, { [crawler]: [google] });
    expect(await verdict('googlebot', google, lookups)).toBe(true);
    expect(await verdict('bingbot', google, lookups)).toBe(false);
  });

  test('by IPv6, however that is written', async () => {
    const name = 'crawl-x.googlebot.com.';
    const { lookups } = world(
      { '2001:4860:4801:10::1': [name] },
      { [name]: ['2001:4860:4801:0010:0000:0000:0000:0001'] },
    );
    expect(await verdict('googlebot', '2001:4860:4801:10::1', lookups)).toBe(true);
  });

  test.each<[string, string, string[], Record<string, string[]>]>([
    ['a name that does not lead back', 'googlebot', [crawler], { [crawler]: ['66.249.66.2'] }],
    ['a name that leads nowhere', 'googlebot', [crawler], {}],
    [
      'a name of somebody else',
      'googlebot',
      ['googlebot.com.evil.example'],
      { 'googlebot.com.evil.example': [google] },
    ],
    ['a domain that only ends alike', 'googlebot', ['x.evilgooglebot.com'], { 'x.evilgooglebot.com': [google] }],
    ['a rented machine', 'googlebot', ['1.bc.googleusercontent.com'], { '1.bc.googleusercontent.com': [google] }],
    ['no name', 'googlebot', [], {}],
    ['a robot whose owner names no domain', 'gptbot', [crawler], { [crawler]: [google] }],
  ])('but not by %s', async (_name, robot, names, addresses) => {
    expect(await verdict(robot, google, world({ [google]: names }, addresses).lookups)).toBe(false);
  });
});

test('nobody is asked about addresses that are no robot’s, and about each one once', async () => {
  const { asked, lookups } = world({ [google]: [crawler] }, { [crawler]: [google] });
  const robots = new Robots(() => 0, lookups);
  for (const address of ['127.0.0.1', '10.1.2.3', '192.168.0.9', '::1', 'fe80::1', '::ffff:10.0.0.1', 'nonsense']) {
    expect(robots.isVerified('googlebot', address)).toBe(false);
  }
  expect(robots.isVerified('curl', google)).toBe(false);
  expect(asked).toEqual([]);
  for (let n = 0; n < 10; n++) robots.isVerified('googlebot', google);
  await settled();
  for (let n = 0; n < 10; n++) expect(robots.isVerified('googlebot', google)).toBe(true);
  expect(asked).toEqual([google, crawler]);
});

test('what is known holds while it is asked again, also while nobody answers', async () => {
  let now = 0;
  const names: Record<string, string[] | undefined> = { [google]: [crawler] };
  const { asked, lookups } = world(names, { [crawler]: [google] });
  const robots = new Robots(() => now, lookups);
  robots.isVerified('googlebot', google);
  await settled();
  now += 25 * 60 * 60 * 1000;
  names[google] = undefined;
  expect(robots.isVerified('googlebot', google)).toBe(true);
  await settled();
  expect(robots.isVerified('googlebot', google)).toBe(true);
  now += 2 * 60 * 1000;
  names[google] = ['somebody.example'];
  expect(robots.isVerified('googlebot', google)).toBe(true);
  await settled();
  expect(robots.isVerified('googlebot', google)).toBe(false);
  expect(asked.filter((one) => one === google)).toHaveLength(3);
});

test('a crowd of impostors is bounded, and pushes out nobody who is real', async () => {
  const { asked, lookups } = world({ [google]: [crawler] }, { [crawler]: [google] });
  const robots = new Robots(() => 0, lookups, { addresses: 10, atOnce: 4 });
  robots.isVerified('googlebot', google);
  await settled();
  for (let n = 0; n < 100; n++) robots.isVerified('googlebot', `198.51.100.${n}`);
  // Four at a time.
  expect(asked.length).toBe(6);
  for (let n = 0; n < 100; n++) {
    robots.isVerified('googlebot', `198.51.100.${n}`);
    await settled();
  }
  const before = asked.length;
  expect(robots.isVerified('googlebot', google)).toBe(true);
  robots.isVerified('googlebot', '198.51.100.99');
  expect(asked.length).toBe(before);
  // The oldest was forgotten.
  robots.isVerified('googlebot', '198.51.100.50');
  expect(asked.length).toBe(before + 1);
});

test('a crowd of impostors whose own names lead back to them pushes out nobody who is real either', async () => {
  const names: Record<string, string[]> = { [google]: [crawler] };
  const addresses: Record<string, string[]> = { [crawler]: [google] };
  for (let n = 0; n < 20; n++) {
    names[`198.51.100.${n}`] = [`h${n}.impostor.example`];
    addresses[`h${n}.impostor.example`] = [`198.51.100.${n}`];
  }
  const { asked, lookups } = world(names, addresses);
  const robots = new Robots(() => 0, lookups, { addresses: 10, atOnce: 4 });
  for (const address of Object.keys(names).reverse()) {
    robots.isVerified('googlebot', address);
    await settled();
  }
  for (let n = 0; n < 20; n++) {
    robots.isVerified('googlebot', `198.51.100.${n}`);
    await settled();
  }
  expect(robots.isVerified('googlebot', google)).toBe(true);
  expect(asked.filter((one) => one.endsWith('.example'))).toEqual([]);
});
