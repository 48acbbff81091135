/** Runs all suites, or those that the command line names: a table for people, or one JSON object a line with `--json`. */
import type { BenchResult } from './result.ts';

export type Suites = Readonly<Record<string, () => Promise<{ run(): Promise<BenchResult[]> }>>>;

export async function runSuites(suites: Suites): Promise<void> {
  const words = process.argv.slice(2);
  const json = words.includes('--json');
  const names = words.filter((word) => !word.startsWith('--'));
  const unknown = names.find((name) => !Object.hasOwn(suites, name));
  if (unknown !== undefined) {
    console.error(`There is no benchmark ${unknown}; there are ${Object.keys(suites).join(', ')}.`);
    process.exit(2);
  }

  for (const [name, load] of Object.entries(suites)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const results = await (await load()).run();
    if (!json) console.log(`\n${name}`);
    for (const result of results) {
      if (json) {
        console.log(JSON.stringify(result));
        continue;
      }
      const goal = result.goal === undefined ? '' : `  (goal ${result.goal})`;
      const baseline = result.baseline === undefined ? '' : `  [baseline ${result.baseline}]`;
      console.log(`  ${result.name.padEnd(60)} ${String(result.value).padStart(10)} ${result.unit}${goal}${baseline}`);
    }
  }
}
