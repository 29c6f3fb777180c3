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
    // A whole flow takes five seconds alone, and six times that on a machine that does much else: no test is about its own time.
    testTimeout: 90_000,
    hookTimeout: 180_000,
    reporters: ['default', './test/requirements-reporter.ts'],
  },
});
