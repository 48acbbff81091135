import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { plainSealer } from '../../../test/support/call.ts';
import type { Sealer } from '../service.ts';
import { mintSession, type NewSession, openSession } from './session.ts';

const issued = Date.UTC(2026, 10, 1);
const session: NewSession = {
  accessKeyId: 'ASIAEXAMPLEEXAMPLE01',
  secret: 'a secret of forty characters, or so long',
  account: '111122223333',
  principal: { kind: 'root', account: '111122223333', arn: 'arn:aws:iam::111122223333:root', id: '111122223333' },
  session: { kind: 'session-token', issuedAt: issued, expiresAt: issued + 900_000 },
};

function sealer(): Sealer {
  return { ...plainSealer };
}

/** Authenticates without secrecy. */
function signingSealer(key: string): Sealer {
  const mac = (purpose: string, text: string) => createHmac('sha256', key).update(`${purpose} ${text}`).digest('hex');
  return {
    seal(purpose, plaintext) {
      const text = Buffer.from(plaintext).toString('base64url');
      return `${text}.${mac(purpose, text)}`;
    },
    open(purpose, token) {
      const [text = '', tag] = token.split('.');
      return tag === mac(purpose, text) ? Buffer.from(text, 'base64url') : undefined;
    },
  };
}

describe('session tokens', () => {
  test('open to the very caller and secret, the same object each time', () => {
    const own = sealer();
    const token = mintSession(own, session);
    const opened = openSession(own, token, session.accessKeyId, issued);
    expect(opened).toMatchObject({
      secret: session.secret,
      caller: { principal: session.principal, session: session.session, accessKeyId: session.accessKeyId },
    });
    expect(openSession(own, token, session.accessKeyId, issued + 1)).toBe(opened);
  });

  test('are good for their own key only, also once they are remembered', () => {
    const own = sealer();
    const token = mintSession(own, session);
    expect(openSession(own, token, 'ASIAEXAMPLEEXAMPLE02', issued)).toBe('invalid-token');
    openSession(own, token, session.accessKeyId, issued);
    expect(openSession(own, token, 'ASIAEXAMPLEEXAMPLE02', issued)).toBe('invalid-token');
  });

  test('expire by the clock they are given, to the millisecond', () => {
    const own = sealer();
    const token = mintSession(own, session);
    expect(openSession(own, token, session.accessKeyId, issued + 899_999)).toBeTypeOf('object');
    expect(openSession(own, token, session.accessKeyId, issued + 900_000)).toBe('expired');
  });

  test('of another instance, altered or invented, are invalid', () => {
    const own = signingSealer('one');
    const other = signingSealer('two');
    const token = mintSession(own, session);
    expect(openSession(own, token, session.accessKeyId, issued)).toBeTypeOf('object');
    expect(openSession(other, token, session.accessKeyId, issued)).toBe('invalid-token');
    for (let at = 0; at < token.length; at += 7) {
      const letter = token[at] === 'A' ? 'B' : 'A';
      const altered = token.slice(0, at) + letter + token.slice(at + 1);
      expect(openSession(own, altered, session.accessKeyId, issued), `letter ${at}`).toBe('invalid-token');
    }
    expect(openSession(own, '', session.accessKeyId, issued)).toBe('invalid-token');
    expect(openSession(own, 'x'.repeat(100_000), session.accessKeyId, issued)).toBe('invalid-token');
    expect(openSession(own, own.seal('marker', 'x'), session.accessKeyId, issued)).toBe('invalid-token');
  });
});
