/** Challenge and CAPTCHA: who gets a page, what an answer earns, and what a token is worth elsewhere. */
import { createHash, createHmac } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { createWafState } from '../state.ts';
import { always, compiled, request, rule, verdictOf } from '../waf.fixture.ts';
import { lettersOf } from './drawing.ts';
import { acceptAnswer, answerPath, interstitial, type TokenContext } from './interstitial.ts';
import { proofScript } from './pages/proof-script.ts';
import { createPuzzle, puzzleLifetimeMs, SpentPuzzles } from './puzzle.ts';
import { clientOf, tokenCookie } from './token.ts';

const now = 1_800_000_000_000;
const sealer = { mac: (text: string) => createHmac('sha256', 'test key').update(text).digest('base64url') };
let seed = 1;
const random = (bytes: number): Uint8Array =>
  createHash('shake256', { outputLength: bytes }).update(String(seed++)).digest();
const context = (over: Partial<TokenContext> = {}): TokenContext => ({
  sealer,
  tokenDomains: [],
  random,
  spent: new SpentPuzzles(),
  workBits: 6,
  now,
  ...over,
});

const agent = ['User-Agent', 'Mozilla/5.0'] as const;
const browser = request({ headers: [agent, ['Accept', 'text/html,application/xhtml+xml']] });

function prove(id: string, bits: number): number {
  for (let counter = 0; ; counter++) {
    const digest = createHash('sha256').update(`${id}:${counter}`).digest();
    if (Math.clz32(digest.readUInt32BE(0)) >= bits) return counter;
  }
}

interface PagePuzzle {
  readonly sealed: string;
  readonly id: string;
  readonly bits: number;
}

const puzzleOf = (page: string): PagePuzzle => JSON.parse(/var puzzle = (\{.*\});/.exec(page)![1]!) as PagePuzzle;

function answer(puzzle: PagePuzzle, over: Parameters<typeof request>[0] = {}, letters?: string) {
  const body = JSON.stringify({ puzzle: puzzle.sealed, counter: prove(puzzle.id, puzzle.bits), letters });
  return request({ method: 'POST', path: answerPath, headers: [agent], body, ...over });
}

/** A browser's token for a challenge, solved now. */
function earn(over: Partial<TokenContext> = {}): string {
  const puzzle = puzzleOf(interstitial('challenge', browser, context(over)).body);
  const { status, headers } = acceptAnswer(answer(puzzle), context(over));
  expect(status).toBe(200);
  const cookie = headers.find(([name]) => name === 'set-cookie')![1];
  return cookie.slice(tokenCookie.length + 1, cookie.indexOf(';'));
}

const web = compiled([
  rule(
    'ask',
    0,
    always,
    { Challenge: { CustomRequestHandling: { InsertHeaders: [{ Name: 'Seen', Value: 'yes' }] } } },
    ['asked'],
  ),
]);
const state = () => createWafState({ sealer });
const carrying = (token: string, over: Parameters<typeof request>[0] = {}) =>
  request({ headers: [agent, ['Cookie', `a=b; ${tokenCookie}=${token}`]], ...over });

describe('who must solve a puzzle', () => {
  it('gets a page as a browser that asks for one, without anything of third parties', () => {
    for (const [kind, status] of [
      ['challenge', 202],
      ['captcha', 405],
    ] as const) {
      const { headers, body, ...rest } = interstitial(kind, browser, context());
      expect(rest.status).toBe(status);
      expect(Object.fromEntries(headers)).toMatchObject({
        'x-amzn-waf-action': kind,
        'cache-control': 'no-store',
        'content-type': 'text/html; charset=utf-8',
      });
      expect(body).not.toMatch(/(?:src|href)=|https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
    }
  });

  it.each([
    ['a POST', request({ method: 'POST', headers: [agent, ['Accept', 'text/html']] })],
    ['an API client', request({ headers: [agent, ['Accept', 'application/json']] })],
    ['a client that says nothing', request({ headers: [] })],
  ])('WAF trap 9: gets status and header alone as %s: no loop', (_, of) => {
    for (const [kind, status] of [
      ['challenge', 202],
      ['captcha', 405],
    ] as const) {
      const answered = interstitial(kind, of, context());
      expect(answered).toMatchObject({ status, body: '' });
      expect(Object.fromEntries(answered.headers)['x-amzn-waf-action']).toBe(kind);
    }
  });

  it('finds a script that proves the work as the engine counts it', () => {
    const puzzle = createPuzzle('challenge', { domain: 'd', client: 'c' }, context());
    const counter = runInNewContext(`${proofScript}; prove(id, 10)`, { id: puzzle.id }) as number;
    expect(counter).toBe(prove(puzzle.id, 10));
  });
});

describe('a page', () => {
  /** Runs the script of a challenge's page as a browser would, until it has nothing to do. */
  async function visit(
    storage: Map<string, string>,
    answers: boolean,
    now_: number,
  ): Promise<{ readonly sent: number; readonly reloads: number; readonly said: string }> {
    const { body } = interstitial('challenge', browser, context());
    const script = /<script nonce="\w+">([\s\S]*)<\/script>/.exec(body)![1]!;
    const seen = { sent: 0, reloads: 0, said: '' };
    const timers: (() => void)[] = [];
    const state = {
      set textContent(text: string) {
        seen.said = text;
      },
    };
    const replies: Promise<unknown>[] = [];
    runInNewContext(script, {
      Date: { now: () => now_ },
      document: { getElementById: () => state },
      sessionStorage: {
        getItem: (key: string) => storage.get(key) ?? null,
        setItem: (key: string, value: string) => storage.set(key, value),
      },
      setTimeout: (act: () => void) => timers.push(act),
      location: {
        reload: () => {
          seen.reloads += 1;
        },
      },
      fetch: () => {
        seen.sent += 1;
        const reply = Promise.resolve({ ok: answers });
        replies.push(reply);
        return reply;
      },
    });
    for (const act of timers) act();
    await Promise.all(replies);
    await new Promise((resolve) => setImmediate(resolve));
    return seen;
  }

  it('comes back after an answer, and gives up where no cookie is kept', async () => {
    const storage = new Map<string, string>();
    for (let round = 0; round < 3; round++)
      expect(await visit(storage, true, now + round)).toMatchObject({ sent: 1, reloads: 1 });
    const last = await visit(storage, true, now + 4);
    expect(last).toMatchObject({ sent: 0, reloads: 0 });
    expect(last.said).toContain('Allow cookies');
  });

  it('asks as often as it must where there is time between', async () => {
    const storage = new Map<string, string>();
    for (let round = 0; round < 8; round++)
      expect(await visit(storage, true, now + round * 300_000)).toMatchObject({ sent: 1, reloads: 1 });
    expect(await visit(storage, false, now + 9_000_000)).toMatchObject({
      sent: 1,
      reloads: 0,
      said: 'This browser could not be verified.',
    });
  });
});

describe('an answer', () => {
  it('earns a token, with which the rule only counts', () => {
    const token = earn();
    const before = verdictOf(web, request({ headers: [agent] }), state(), now);
    expect(before).toMatchObject({
      action: 'CHALLENGE',
      response: { status: 202, headers: [['x-amzn-waf-action', 'challenge']] },
      challengeResponse: { responseCode: 202, failureReason: 'TOKEN_MISSING' },
      immunitySeconds: 300,
    });
    const after = verdictOf(web, carrying(token), state(), now + 1_000);
    expect(after).toMatchObject({
      action: 'ALLOW',
      labels: ['awswaf:111122223333:webacl:shop:asked'],
      insertedHeaders: [['x-amzn-waf-seen', 'yes']],
      challengeResponse: { solveTimestamp: now / 1_000 },
      nonTerminatingMatchingRules: [{ ruleId: 'ask', action: 'CHALLENGE' }],
    });
  });

  it('WAF trap 9: is worth nothing after the immunity time, though the token lives on', () => {
    const token = earn();
    expect(verdictOf(web, carrying(token), state(), now + 299_999).action).toBe('ALLOW');
    expect(verdictOf(web, carrying(token), state(), now + 300_000)).toMatchObject({
      action: 'CHALLENGE',
      challengeResponse: { failureReason: 'TOKEN_EXPIRED' },
    });
    const longer = compiled([
      {
        ...rule('ask', 0, always, { Challenge: {} }),
        ChallengeConfig: { ImmunityTimeProperty: { ImmunityTime: 900 } },
      },
    ]);
    expect(verdictOf(longer, carrying(token), state(), now + 800_000).action).toBe('ALLOW');
    expect(verdictOf(longer, carrying(token), state(), now + 5 * 24 * 3_600_000)).toMatchObject({
      challengeResponse: { failureReason: 'TOKEN_EXPIRED' },
    });
  });

  it.each([
    ['another address', { source: { ip: '198.51.100.7' } }, 'TOKEN_INVALID'],
    ['another browser', { headers: [['User-Agent', 'curl/8']] }, 'TOKEN_INVALID'],
    ['another domain', { host: 'other.example' }, 'TOKEN_DOMAIN_MISMATCH'],
    ['a subdomain', { host: 'www.shop.example' }, 'TOKEN_DOMAIN_MISMATCH'],
  ] as const)('WAF trap 9: is not accepted from %s', (_, over, failureReason) => {
    const token = earn();
    const { headers = [agent], ...rest } = over as { headers?: readonly (readonly [string, string])[] };
    const of = request({ ...rest, headers: [...headers, ['Cookie', `${tokenCookie}=${token}`]] });
    expect(verdictOf(web, of, state(), now)).toMatchObject({
      action: 'CHALLENGE',
      challengeResponse: { failureReason },
    });
  });

  it('is shared among the token domains of the web ACL, and only there', () => {
    const shared = compiled(
      [rule('ask', 0, always, { Challenge: {} })],
      {},
      { TokenDomains: ['shop.example', 'pay.example'] },
    );
    const token = earn({ tokenDomains: ['shop.example', 'pay.example'] });
    expect(verdictOf(shared, carrying(token, { host: 'www.shop.example:8443' }), state(), now).action).toBe('ALLOW');
    expect(verdictOf(shared, carrying(token, { host: 'pay.example' }), state(), now).action).toBe('ALLOW');
    expect(verdictOf(shared, carrying(token, { host: 'notshop.example' }), state(), now).action).toBe('CHALLENGE');
  });

  it('WAF trap 9: is refused when it is forged, changed, late, spent, somebody else’s or without work', () => {
    const issued = context();
    const puzzle = puzzleOf(interstitial('challenge', browser, issued).body);
    const tries: readonly (readonly [string, Parameters<typeof acceptAnswer>[0], TokenContext])[] = [
      ['late', answer(puzzle), { ...issued, now: now + puzzleLifetimeMs }],
      ['another client', answer(puzzle, { source: { ip: '198.51.100.7' } }), issued],
      ['another domain', answer(puzzle, { host: 'other.example' }), issued],
      ['a GET', answer(puzzle, { method: 'GET' }), issued],
      ['no JSON', answer(puzzle, { body: 'counter=1' }), issued],
      ['no work', answer(puzzle, { body: JSON.stringify({ puzzle: puzzle.sealed, counter: -1 }) }), issued],
      ['changed', answer({ ...puzzle, sealed: `A${puzzle.sealed.slice(1)}` }), issued],
      [
        'another key',
        answer(puzzle),
        { ...issued, sealer: { mac: (text) => createHmac('sha256', 'x').update(text).digest('base64url') } },
      ],
    ];
    for (const [why, of, with_] of tries) expect([why, acceptAnswer(of, with_).status]).toEqual([why, 403]);
    expect(acceptAnswer(answer(puzzle), issued).status).toBe(200);
    expect(acceptAnswer(answer(puzzle), issued).status).toBe(403);
  });

  it('to a CAPTCHA needs its letters, of which there is one try', () => {
    const fixed = context({ random: (bytes) => (bytes === 5 ? Uint8Array.of(3, 4, 5, 6, 7) : random(bytes)) });
    const asking = compiled([rule('ask', 0, always, { Captcha: {} })]);
    const first = puzzleOf(interstitial('captcha', browser, fixed).body);
    const page = interstitial('captcha', browser, fixed).body;
    expect(acceptAnswer(answer(first, {}, 'WRONG'), fixed).status).toBe(403);
    expect(page).toContain('Letters to type');
    const second = puzzleOf(page);
    const letters = lettersOf(Uint8Array.of(3, 4, 5, 6, 7));
    expect(acceptAnswer(answer(first, {}, letters), fixed).status).toBe(403);
    const solved = acceptAnswer(answer(second, {}, letters.toLowerCase()), fixed);
    expect(solved.status).toBe(200);
    const cookie = solved.headers.find(([name]) => name === 'set-cookie')![1];
    const token = cookie.slice(tokenCookie.length + 1, cookie.indexOf(';'));
    expect(verdictOf(asking, carrying(token), state(), now).action).toBe('ALLOW');
    // A CAPTCHA is no challenge.
    expect(verdictOf(web, carrying(token), state(), now).challengeResponse?.failureReason).toBe('TOKEN_MISSING');
  });

  it('keeps what was solved before', () => {
    const token = earn();
    const fixed = context({ random: (bytes) => (bytes === 5 ? Uint8Array.of(3, 4, 5, 6, 7) : random(bytes)) });
    const puzzle = puzzleOf(interstitial('captcha', browser, fixed).body);
    const with_ = answer(
      puzzle,
      { headers: [agent, ['Cookie', `${tokenCookie}=${token}`]] },
      lettersOf(Uint8Array.of(3, 4, 5, 6, 7)),
    );
    const cookie = acceptAnswer(with_, fixed).headers.find(([name]) => name === 'set-cookie')![1];
    const both = cookie.slice(tokenCookie.length + 1, cookie.indexOf(';'));
    expect(verdictOf(web, carrying(both), state(), now).action).toBe('ALLOW');
    expect(cookie).toContain('; HttpOnly; SameSite=Lax; Secure');
  });
});

it('accepts no token where nothing can verify one', () => {
  const token = earn();
  expect(verdictOf(web, carrying(token), createWafState(), now)).toMatchObject({
    challengeResponse: { failureReason: 'TOKEN_INVALID' },
  });
});

it('tells nobody the address or browser a token is bound to', () => {
  const token = earn();
  const text = Buffer.from(token.split('.')[0]!, 'base64url').toString();
  expect(text).toContain(clientOf('192.0.2.10', 'Mozilla/5.0'));
  expect(text).not.toContain('192.0.2.10');
});
