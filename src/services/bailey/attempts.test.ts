import { describe, expect, test } from 'vitest';
import { Attempts } from './attempts.ts';

const minute = 60_000;
const now = Date.UTC(2026, 10, 1);
const right = async () => true;
const wrong = async () => false;
const rudy = { identity: 'user 111122223333/rudy', sourceIp: '192.0.2.7' };

describe('failed sign-ins', () => {
  test('shut out an identity wherever it is tried from, and an address whoever is tried', async () => {
    const byIdentity = new Attempts();
    for (let each = 0; each < 5; each += 1) {
      expect(await byIdentity.take({ ...rudy, sourceIp: `192.0.2.${each}` }, now, wrong)).toBe(false);
    }
    expect(await byIdentity.take({ ...rudy, sourceIp: '192.0.2.99' }, now, right)).toBe('locked');
    expect(await byIdentity.take({ ...rudy, identity: 'another' }, now, right)).toBe(true);

    const byAddress = new Attempts();
    for (let each = 0; each < 5; each += 1) await byAddress.take({ ...rudy, identity: `user ${each}` }, now, wrong);
    expect(await byAddress.take(rudy, now, right)).toBe('locked');
    expect(await byAddress.take({ ...rudy, sourceIp: '192.0.2.99' }, now, right)).toBe(true);
  });

  test('leave the window one by one', async () => {
    const attempts = new Attempts();
    for (let each = 0; each < 5; each += 1) await attempts.take(rudy, now + each * minute, wrong);
    expect(await attempts.take(rudy, now + 5 * minute - 1, right)).toBe('locked');
    expect(await attempts.take(rudy, now + 5 * minute, wrong)).toBe(false);
    expect(await attempts.take(rudy, now + 5 * minute, right)).toBe('locked');
    expect(await attempts.take(rudy, now + 6 * minute, right)).toBe(true);
  });

  test('are forgiven to an identity by its password, to an address by time alone', async () => {
    const attempts = new Attempts();
    for (let each = 0; each < 4; each += 1) await attempts.take(rudy, now, wrong);
    expect(await attempts.take(rudy, now, right)).toBe(true);
    for (let each = 0; each < 4; each += 1) await attempts.take({ ...rudy, sourceIp: '198.51.100.1' }, now, wrong);
    expect(await attempts.take({ ...rudy, sourceIp: '198.51.100.1' }, now, right)).toBe(true);
    expect(await attempts.take({ ...rudy, identity: 'another' }, now, wrong)).toBe(false);
    expect(await attempts.take({ ...rudy, identity: 'another' }, now, right)).toBe('locked');
  });

  test('are not forgiven by a password that still needs a code, which does not count either', async () => {
    const attempts = new Attempts();
    // From many addresses, so that the count of the identity is what is seen.
    let address = 0;
    const take = (outcome: 'unfinished' | 'wrong-code') => {
      address += 1;
      return attempts.take({ ...rudy, sourceIp: `198.51.100.${address}` }, now, async () => outcome);
    };
    for (let each = 0; each < 4; each += 1) {
      expect(await take('wrong-code')).toBe('wrong-code');
      for (let more = 0; more < 5; more += 1) expect(await take('unfinished')).toBe('unfinished');
    }
    expect(await take('wrong-code')).toBe('wrong-code');
    expect(await take('unfinished')).toBe('locked');
  });

  test.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', 'locked'],
    ['2001:db8:1:2::1', '2001:0db8:0001:0002:0:0:0:9', 'locked'],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', true],
    ['2001:db8::', '2001:db8:0:1::', true],
    ['::1', '::2', 'locked'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2', true],
    ['fe80::1%eth0', 'fe80::2%eth0', 'locked'],
  ])('of %s: %s is %s', async (first, second, outcome) => {
    const attempts = new Attempts();
    for (let each = 0; each < 5; each += 1) await attempts.take({ identity: `${each}`, sourceIp: first }, now, wrong);
    expect(await attempts.take({ identity: 'x', sourceIp: second }, now, right)).toBe(outcome);
  });

  test('are remembered for a bounded number, the latest longest', async () => {
    const attempts = new Attempts();
    for (let each = 0; each < 5; each += 1) await attempts.take(rudy, now, wrong);
    for (let each = 0; each < 12_000; each += 1) {
      await attempts.take(
        { identity: `user ${each}`, sourceIp: `10.${each >> 16}.${(each >> 8) & 255}.${each & 255}` },
        now,
        wrong,
      );
    }
    expect(attempts.remembered).toBe(20_000);
    expect(await attempts.take(rudy, now, right)).toBe(true);
  });
});

describe('attempts at once', () => {
  test('are made one after the other, and stop at the limit', async () => {
    const attempts = new Attempts();
    let running = 0;
    let most = 0;
    let tried = 0;
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((done) => setImmediate(done));
      running -= 1;
      tried += 1;
      return false;
    };
    const outcomes = await Promise.all(Array.from({ length: 15 }, () => attempts.take(rudy, now, work)));
    expect({ most, tried }).toEqual({ most: 1, tried: 5 });
    expect(outcomes.filter((one) => one === 'locked')).toHaveLength(10);
  });

  test('wait in a line of bounded length, and leave room for other addresses', async () => {
    const attempts = new Attempts();
    const one = Array.from({ length: 20 }, (_, each) => attempts.take({ ...rudy, identity: `${each}` }, now, right));
    const other = attempts.take({ ...rudy, sourceIp: '198.51.100.1' }, now, right);
    expect((await Promise.all(one)).filter((outcome) => outcome === 'busy')).toHaveLength(4);
    expect(await other).toBe(true);
    const many = Array.from({ length: 70 }, (_, each) =>
      attempts.take({ identity: `${each}`, sourceIp: `203.0.113.${each}` }, now, right),
    );
    expect((await Promise.all(many)).filter((outcome) => outcome === 'busy')).toHaveLength(6);
    expect(await attempts.take(rudy, now, right)).toBe(true);
  });

  test('go on after one that broke', async () => {
    const attempts = new Attempts();
    const broken = attempts.take(rudy, now, async () => {
      throw new Error('no memory');
    });
    await expect(broken).rejects.toThrow('no memory');
    expect(await attempts.take(rudy, now, right)).toBe(true);
  });
});
