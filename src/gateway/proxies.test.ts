import { describe, expect, it } from 'vitest';
import { realPeer, trustedProxies } from './proxies.ts';

describe('realPeer', () => {
  const forged = { 'x-forwarded-for': '10.1.1.1', 'x-forwarded-proto': 'https' };

  it('ignores forwarding headers from anybody by default', () => {
    expect(realPeer(trustedProxies([]), '127.0.0.1', forged)).toEqual({ address: '127.0.0.1', secure: false });
  });

  it('believes a trusted peer, walking from the right past other trusted ones', () => {
    const proxies = trustedProxies(['127.0.0.1', '10.0.0.0/8']);
    const headers = { 'x-forwarded-for': '6.6.6.6, 203.0.113.9, 10.2.3.4', 'x-forwarded-proto': 'https' };
    expect(realPeer(proxies, '::ffff:127.0.0.1', headers)).toEqual({ address: '203.0.113.9', secure: true });
  });

  it('stops at garbage', () => {
    const proxies = trustedProxies(['127.0.0.1']);
    expect(realPeer(proxies, '127.0.0.1', { 'x-forwarded-for': '1.2.3.4, evil' }).address).toBe('127.0.0.1');
  });

  it('refuses a range that is none', () => {
    expect(() => trustedProxies(['everyone'])).toThrow(/everyone/);
  });
});
