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

const ID = /\[([BSTP]\d{2})\]/g;

/** Keeps what `npm run requirements` reads: which requirement ids had passing tests in the last run of each suite. */
export default class RequirementsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const results: RequirementResult[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const ids = [...test.fullName.matchAll(ID)].map((match) => match[1] ?? '');
        if (ids.length === 0) continue;
        results.push({ ids, title: test.fullName, file: module.relativeModuleId, state: test.result().state });
      }
    }
    const full = modules.some((module) => module.moduleId.includes('.full.test.'));
    const folder = join(import.meta.dirname, '..', '.parapet', 'test-results');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, full ? 'full.json' : 'quick.json'), `${JSON.stringify(results, null, 1)}\n`);
  }
}
