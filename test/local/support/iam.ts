import { randomBytes } from 'node:crypto';
import { createIam, type Iam } from '../../../local/iam/iam.ts';
import { openStore, type Store } from '../../../local/store.ts';
import { readDeployment, type TemplateDeployment } from '../../../local/template/deployment.ts';
import type { Clock } from '../../../shared/ports.ts';
import { temporaryFolder, writeAssembly } from './assembly.ts';

export interface TestClock extends Clock {
  advance(milliseconds: number): void;
}

export function testClock(start = Date.parse('2026-11-22T00:00:00Z')): TestClock {
  let time = start;
  return {
    now: () => time,
    advance: (milliseconds) => {
      time += milliseconds;
    },
  };
}

export interface TestIam extends Iam {
  readonly clock: TestClock;
  readonly store: Store;
  readonly deployment: TemplateDeployment;
}

/** Identity and access of one stack `S` of these resources, in a state of its own unless `folder` says which. */
export function bootIam(resources: object, folder = temporaryFolder(), clock = testClock()): TestIam {
  const deployment = readDeployment(writeAssembly({ S: { template: { Resources: resources } } }));
  const store = openStore(folder);
  return { ...createIam({ deployment, store, clock, random: randomBytes }), clock, store, deployment };
}
