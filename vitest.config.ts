import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// The quick suite: `npm test`. What is slower (exhaustive faults, million-record files) carries `.full.test.ts` and
// runs by `npm run test:full`.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.full.test.ts', '**/node_modules/**'],
    // One more than there are processors: the flows wait for databases and child processes half of their time.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/requirements-reporter.ts'],
  },
});
