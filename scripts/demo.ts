/** `npm run demo`: the coffee-shop story against a fresh instance, one line a step; exit code 0 only if every step holds. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from '../src/main.ts';
import { openShop, stageOf, story } from '../test/mission/coffee-shop/story.ts';
import { accountId, otherAccountId, otherAdminKeys, rootKeys, testConfig } from '../test/support/instance.ts';

const dataDir = await mkdtemp(join(tmpdir(), 'bailey-demo-'));
const stage = stageOf(accountId);
const instance = await start({ dataDir, port: 0, config: { ...testConfig, ...stage.config }, testApi: true });
let failed = 0;
let steps = 0;
let skipped = 0;
try {
  const shop = await openShop({
    endpoint: instance.endpoint,
    dataDir,
    accountId,
    rootKeys,
    supplierKeys: otherAdminKeys,
    supplierAccountId: otherAccountId,
    wires: stage.wires,
  });
  for (const chapter of story) {
    console.log(`\n${chapter.title}`);
    for (const { rows, text, run, skip } of chapter.steps) {
      const why = skip?.(shop);
      if (why !== undefined) {
        skipped += 1;
        console.log(`  – ${text}  (${rows})\n      not shown here: ${why}`);
        continue;
      }
      steps += 1;
      try {
        await run(shop);
        console.log(`  ✓ ${text}  (${rows})`);
      } catch (error) {
        failed += 1;
        console.log(`  ✗ ${text}  (${rows})\n      ${(error as Error).message}`);
      }
    }
  }
} finally {
  await instance.close();
  stage.wires?.close();
  await rm(dataDir, { recursive: true, force: true });
}
console.log(`\n${steps - failed} of ${steps} steps hold${skipped > 0 ? `, ${skipped} could not be shown here` : ''}.`);
process.exitCode = failed === 0 ? 0 : 1;
