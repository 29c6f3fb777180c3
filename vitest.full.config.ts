import { defineConfig } from 'vitest/config';

// The slow suite: `npm run test:full`, which `.ci/run` calls after `npm test`.
export default defineConfig({
  test: {
    include: ['test/**/*.full.test.ts'],
    // Two files at once: the longest, a fault at every call, takes as long as all the others together.
    maxWorkers: 2,
    testTimeout: 1_800_000,
    hookTimeout: 300_000,
    reporters: ['default', './test/requirements-reporter.ts'],
  },
});
