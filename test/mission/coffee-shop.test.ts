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

const steps = story.flatMap((chapter) => chapter.steps);

/**
 * The same steps as `npm run demo`, in the same order. Later ones build on earlier ones, so that one that is run by its
 * name (`-t M-050`) is preceded by those that the name leaves out.
 */
describe('the coffee shop', () => {
  let instance: TestInstance;
  /** How many steps have begun. */
  let begun = 0;
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

  async function catchUp(until: number): Promise<void> {
    while (begun < until) {
      const { rows, text, run, skip } = steps[begun++]!;
      if (skip?.(shop) !== undefined) continue;
      await run(shop).catch((cause: Error) => {
        throw new Error(`An earlier step failed. ${rows}: ${text}: ${cause.message}`, { cause });
      });
    }
  }

  for (const chapter of story) {
    describe(chapter.title, () => {
      for (const step of chapter.steps) {
        const { rows, text, run, skip } = step;
        const place = steps.indexOf(step);
        it(`${rows}: ${text}`, async (context) => {
          await catchUp(place);
          begun = place + 1;
          const why = skip?.(shop);
          if (why !== undefined) context.skip(why);
          await run(shop);
        }, 180_000);
      }
    });
  }
});
