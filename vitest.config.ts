import { defineConfig } from 'vitest/config';

/** One process, threads, no isolation: the suite is many small files over the same modules. */
export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/clients/**', 'node_modules/**'],
    pool: 'threads',
    isolate: false,
    reporters: ['default', './test/support/evidence-reporter.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    coverage: { provider: 'v8', include: ['src/**/*.ts'] },
  },
});
