/** Signatures as rules: what a signature fits is stopped, and nobody else, also where texts are long or of no use as names. */
import { expect, test } from 'vitest';
import { MOST_TEXT } from '../../edge/reports/arrivals.ts';
import type { Term } from '../../engines/traffic/index.ts';
import type { Rule, Statement } from '../../engines/waf/types.ts';
import { holds, request } from '../../engines/waf/waf.fixture.ts';
import type { Actor, Caller } from '../../services/service.ts';
import { placeRules } from './rules.ts';

const webAcl = 'arn:aws:wafv2:us-east-1:111122223333:regional/webacl/shop/00000000-0000-0000-0000-000000000000';

async function statementOf(...terms: readonly Term[]): Promise<Statement> {
  let placed: readonly Rule[] = [];
  const actor = {
    call: async (_as: unknown, _service: string, operation: string, input: { Rules: readonly Rule[] }) => {
      if (operation === 'UpdateWebACL') placed = input.Rules;
      return { WebACL: { DefaultAction: { Allow: {} }, Rules: [] }, LockToken: 't' };
    },
  } as unknown as Actor;
  const caller = { account: '111122223333' } as Caller;
  const signature = { kind: 'attributes', terms, coverage: 1, past: 0 } as const;
  await placeRules({ actor, caller, webAcl }, { signature, sourceRate: 1 }, 'BLOCK');
  const [rule] = placed;
  if (!rule) throw new Error('nothing was placed');
  return rule.Statement;
}

const asks = (query: string, agent = 'Firefox', path = '/') =>
  request({
    path,
    query,
    headers: [
      ['Host', 'shop.example'],
      ['User-Agent', agent],
    ],
  });

test('one of several agents, or none of those that are usual', async () => {
  const odd = await statementOf({ attribute: 'userAgent', values: ['bot/1', 'bot/2'] });
  expect(['bot/1', 'bot/2', 'bot/3', 'Firefox'].map((agent) => holds(odd, asks('', agent)))).toEqual([
    true,
    true,
    false,
    false,
  ]);
  const unusual = await statementOf(
    { attribute: 'userAgent', values: ['Firefox', 'Chrome'], isNot: true },
    { attribute: 'path', values: ['/search'] },
  );
  expect(holds(unusual, asks('', 'bot/7', '/search'))).toBe(true);
  expect(holds(unusual, asks('', 'bot/7', '/menu'))).toBe(false);
  expect(holds(unusual, asks('', 'Chrome', '/search'))).toBe(false);
});

test('an agent that was cut is known by its beginning', async () => {
  const long = `bot ${'x'.repeat(400)}`;
  const statement = await statementOf({ attribute: 'userAgent', values: [long.slice(0, MOST_TEXT)] });
  expect(holds(statement, asks('', long))).toBe(true);
  expect(holds(statement, asks('', long.slice(0, MOST_TEXT - 1)))).toBe(false);
  const short = await statementOf({ attribute: 'userAgent', values: ['bot'] });
  expect(holds(short, asks('', 'bot/2'))).toBe(false);
});

test('arguments of a query, however long their names are', async () => {
  const plain = await statementOf({ attribute: 'queryKeys', values: ['deep&q'] });
  expect(holds(plain, asks('q=1&deep=2'))).toBe(true);
  expect(holds(plain, asks('q=1'))).toBe(false);
  // A rule names arguments of up to 64 characters.
  const name = 'n'.repeat(65);
  const long = await statementOf({ attribute: 'queryKeys', values: [`${name}&q`] });
  expect(holds(long, asks(`q=1&${name}=2`))).toBe(true);
  expect(holds(long, asks('q=1&n=2'))).toBe(false);
  expect(JSON.stringify(long)).not.toContain(`"Name":"${name}`);
  const keys = Array.from({ length: 12 }, (_, at) => `argument-number-${at}`).sort();
  const cut = await statementOf({ attribute: 'queryKeys', values: [keys.join('&').slice(0, MOST_TEXT)] });
  expect(holds(cut, asks(keys.map((key) => `${key}=1`).join('&')))).toBe(true);
  expect(holds(cut, asks(`${keys[0]}=1`))).toBe(false);
});
