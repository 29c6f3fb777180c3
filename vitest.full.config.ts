import { defineConfig } from 'vitest/config';

// The slow suite: `npm run test:full`, which `.ci/run` calls after `npm test`.
export default defineConfig({
  test: {
    include: ['test/**/*.full.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    reporters: ['default', './test/requirements-reporter.ts'],
  },
});
