import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** One process, threads, no isolation: the suite is many small files over the same modules. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/clients/**', 'node_modules/**'],
    pool: 'threads',
    // Many tests wait more than they work: two at once on two cores take 0.6 of the time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    isolate: false,
    reporters: ['default', './test/support/evidence-reporter.ts'],
    // Where machines are shared, one more try tells a slow moment from a fault; both are in the report.
    retry: process.env.CI ? 1 : 0,
    // Names of tests are whole, so that `-t` finds them by any part.
    taskTitleValueFormatTruncate: 0,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: { provider: 'v8', include: ['src/**/*.ts'] },
  },
});
