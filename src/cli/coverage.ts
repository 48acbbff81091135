/** `bailey coverage`: which operations this instance has built. */
import { callBailey, readProfile } from './api.ts';

type Coverage = Record<string, { built: string[]; missing: string[] }>;

export async function coverage(service: string | undefined, options: { json?: true }): Promise<number> {
  const answer = await callBailey<{ Coverage: string }>(
    readProfile(process.env),
    'DescribeCoverage',
    service ? { Service: service } : {},
  );
  if (options.json) {
    console.log(answer.Coverage);
    return 0;
  }
  for (const [name, { built, missing }] of Object.entries(JSON.parse(answer.Coverage) as Coverage)) {
    console.log(`${name}: ${built.length} of ${built.length + missing.length} operations built`);
    if (!service) continue;
    for (const operation of built) console.log(`  ✓ ${operation}`);
    for (const operation of missing) console.log(`  – ${operation}`);
  }
  return 0;
}
