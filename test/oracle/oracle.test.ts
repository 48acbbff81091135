/** The compiled engine and the interpreter agree on random cases; ORACLE_CASES and ORACLE_SEED change how many and which. */
import { expect, test } from 'vitest';
import { decide, explain } from '../../src/engines/policy/index.ts';
import { engineRequest } from './engine-request.ts';
import { generate } from './generate.ts';
import { judge } from './interpreter.ts';
import { Dice } from './random.ts';

const cases = Number(process.env.ORACLE_CASES ?? 50_000);
const seed = Number(process.env.ORACLE_SEED ?? Math.floor(Math.random() * 2 ** 31));

test(`the engine agrees with the oracle on ${cases} cases (ORACLE_SEED=${seed})`, { timeout: 3_600_000 }, () => {
  const verdicts: Record<string, number> = {};
  const layers: Record<string, number> = {};
  for (let index = 0; index < cases; index++) {
    const dice = new Dice(seed + index);
    const request = generate(dice);
    const expected = judge(request);
    const asked = engineRequest(request);
    const { verdict, layer, allowed, statements } = decide(asked);
    if (verdict !== expected.verdict || layer !== expected.layer) {
      expect.fail(
        `ORACLE_SEED=${seed + index} ORACLE_CASES=1\n${JSON.stringify({ expected, got: { verdict, layer }, request }, null, 1)}`,
      );
    }
    if (allowed !== (verdict === 'allowed'))
      expect.fail(`ORACLE_SEED=${seed + index}: allowed contradicts the verdict`);
    if (verdict === 'explicitDeny' && statements.length === 0) expect.fail(`ORACLE_SEED=${seed + index}: no statement`);
    if (index % 10 === 0) {
      const { decision } = explain(asked);
      if (decision.verdict !== verdict || decision.layer !== layer)
        expect.fail(`ORACLE_SEED=${seed + index}: explain differs`);
    }
    verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
    layers[layer] = (layers[layer] ?? 0) + 1;
  }
  // A generator that only ever meets silence would prove nothing.
  if (cases >= 10_000) {
    for (const verdict of ['allowed', 'explicitDeny', 'implicitDeny'])
      expect(verdicts[verdict]).toBeGreaterThan(cases / 20);
    expect(Object.keys(layers)).toHaveLength(9);
  }
});
