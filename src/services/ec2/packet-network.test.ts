/** Rules as they are kept, in the words of the packet filter. */
import { expect, test } from 'vitest';
import { groupRuleOf } from './packet-network.ts';

const kept = { id: 'sgr-1', group: 'sg-0123456789abcdef0', isEgress: false, protocol: 'tcp', from: 443, to: 443 };

test('a peer that is no group’s id is nobody: one rule must not stop all others from being loaded', () => {
  expect(groupRuleOf({ ...kept, peer: 'sg-0123456789abcdef1' }).peer).toEqual({
    kind: 'group',
    id: 'sg-0123456789abcdef1',
  });
  for (const peer of ['default', 'nobody here', 'sg-1; flush ruleset', 'SG-0123456789abcdef1']) {
    expect(groupRuleOf({ ...kept, peer }).peer).toEqual({ kind: 'cidr', cidr: '' });
  }
});
