import { afterAll, beforeAll, describe, it } from 'vitest';
import {
  accountId,
  otherAccountId,
  otherAdminKeys,
  rootKeys,
  startInstance,
  type TestInstance,
} from '../support/instance.ts';
import type { Shop } from './coffee-shop/lab.ts';
import { openShop, story } from './coffee-shop/story.ts';

/** The same steps as `npm run demo`, in the same order: later ones build on earlier ones. */
describe('the coffee shop', () => {
  let instance: TestInstance;
  let shop: Shop;

  beforeAll(async () => {
    instance = await startInstance();
    shop = await openShop({
      endpoint: instance.endpoint,
      dataDir: instance.dataDir,
      accountId,
      rootKeys,
      supplierKeys: otherAdminKeys,
      supplierAccountId: otherAccountId,
    });
  });

  afterAll(() => instance.stop());

  for (const chapter of story) {
    describe(chapter.title, () => {
      for (const { rows, text, run } of chapter.steps) it(`${rows}: ${text}`, () => run(shop));
    });
  }
});
