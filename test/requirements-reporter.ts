import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';

/** One test's outcome with the requirement ids that its title carries, e.g. `[B07]` or `[B07] [S03]`. */
export interface RequirementResult {
  readonly ids: readonly string[];
  readonly title: string;
  readonly file: string;
  readonly state: string;
}

/** What one run of a suite leaves behind for `npm run requirements` and for `.ci/run`'s closing line. */
export interface SuiteResult {
  /** When the run ended. */
  readonly at: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly requirements: readonly RequirementResult[];
}

const ID = /\[([BSTP]\d{2})\]/g;

/**
 * Keeps which requirement ids had passing tests in the last run of each suite. A module that fails to load counts as one
 * failed test: otherwise its tests would be missing without a word.
 */
export default class RequirementsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const requirements: RequirementResult[] = [];
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) counts.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== 'pending') counts[state] += 1;
        const ids = [...test.fullName.matchAll(ID)].map((match) => match[1] ?? '');
        if (ids.length > 0) requirements.push({ ids, title: test.fullName, file: module.relativeModuleId, state });
      }
    }
    const full = modules.some((module) => module.moduleId.includes('.full.test.'));
    const folder = join(import.meta.dirname, '..', '.parapet', 'test-results');
    mkdirSync(folder, { recursive: true });
    const result: SuiteResult = { at: new Date().toISOString(), ...counts, requirements };
    writeFileSync(join(folder, full ? 'full.json' : 'quick.json'), `${JSON.stringify(result, null, 1)}\n`);
  }
}
