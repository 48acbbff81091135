import { afterAll, beforeAll, describe, it } from 'vitest';
import {
  accountId,
  otherAccountId,
  otherAdminKeys,
  rootKeys,
  startInstance,
  type TestInstance,
  testConfig,
} from '../support/instance.ts';
import type { Shop } from './coffee-shop/lab.ts';
import { openShop, stageOf, story } from './coffee-shop/story.ts';

/** The same steps as `npm run demo`, in the same order: later ones build on earlier ones. */
describe('the coffee shop', () => {
  let instance: TestInstance;
  let shop: Shop;
  let stage: ReturnType<typeof stageOf> | undefined;

  beforeAll(async () => {
    stage = stageOf(accountId);
    instance = await startInstance({ ...testConfig, ...stage.config });
    shop = await openShop({
      endpoint: instance.endpoint,
      dataDir: instance.dataDir,
      accountId,
      rootKeys,
      supplierKeys: otherAdminKeys,
      supplierAccountId: otherAccountId,
      wires: stage.wires,
    });
  });

  afterAll(async () => {
    await instance.stop();
    stage?.wires?.close();
  });

  for (const chapter of story) {
    describe(chapter.title, () => {
      for (const { rows, text, run, skip } of chapter.steps) {
        it(`${rows}: ${text}`, async (context) => {
          const why = skip?.(shop);
          if (why !== undefined) context.skip(why);
          await run(shop);
        }, 90_000);
      }
    });
  }
});
