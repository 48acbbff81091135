/** The test API behind `--test-api`: back to the state of the configuration, and a clock that can be moved. */
import { createSecretKey, randomBytes } from 'node:crypto';
import type { Performer } from '../gateway/perform.ts';
import type { createSealer } from '../gateway/sealer.ts';
import type { Store } from '../store/store.ts';
import type { InstanceClock } from './clock.ts';
import type { InstanceEdge } from './edge/open.ts';
import type { Jobs } from './jobs.ts';
import type { TestApi } from './own-paths.ts';
import type { Seeding } from './seeding.ts';
import type { BoundServices } from './services.ts';

export interface TestApiParts {
  readonly store: Store;
  readonly clock: InstanceClock;
  readonly sealer: ReturnType<typeof createSealer>;
  readonly performer: Performer;
  readonly bound: BoundServices;
  readonly seeding: Seeding;
  readonly edge: InstanceEdge;
  readonly jobs: Jobs;
}

export function testApi({ store, clock, sealer, performer, bound, seeding, edge, jobs }: TestApiParts): TestApi {
  return {
    reset: () =>
      jobs.around(async () => {
        await store.clear();
        performer.pending.forget();
        // Sessions and pages of before are no part of the configuration.
        sealer.renew(createSecretKey(randomBytes(32)));
        bound.forget();
        clock.reset();
        await seeding.everything();
        edge.changed();
      }),
    async advance(seconds) {
      clock.advance(seconds);
      await jobs.runDue();
    },
  };
}
