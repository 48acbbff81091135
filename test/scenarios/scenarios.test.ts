/** Runs every scenario on the engine. */
import { describe, expect, test } from 'vitest';
import { loadScenarios, runOnEngine, type Scenario } from './scenario.ts';

const byFile = Map.groupBy(loadScenarios(), (scenario: Scenario) => scenario.file);

test('there are scenarios', () => {
  expect(byFile.size).toBeGreaterThanOrEqual(6);
});

for (const [file, scenarios] of byFile) {
  describe(file, () => {
    test.each(scenarios)('$name', (scenario) => {
      const { verdict, layer, sids } = runOnEngine(scenario);
      expect({ verdict, layer }).toEqual({ verdict: scenario.expect.verdict, layer: scenario.expect.layer });
      if (scenario.expect.sid) expect(sids).toContain(scenario.expect.sid);
    });
  });
}
