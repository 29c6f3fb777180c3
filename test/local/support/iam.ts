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

/** One stack `S` of these resources, as deployed. */
export const deploy = (resources: object): TemplateDeployment =>
  readDeployment(writeAssembly({ S: { template: { Resources: resources } } }));

/** Identity and access of a deployment, in a state of its own unless `folder` says which. */
export function bootDeployedIam(
  deployment: TemplateDeployment,
  folder = temporaryFolder(),
  clock = testClock(),
): TestIam {
  const store = openStore(folder);
  return { ...createIam({ deployment, store, clock, random: randomBytes }), clock, store, deployment };
}

export const bootIam = (resources: object): TestIam => bootDeployedIam(deploy(resources));
