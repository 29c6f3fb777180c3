import type { CheckAfter } from '../finding.ts';
import { buckets, keys, secrets, tables } from './data.ts';
import { machines, runs } from './flow.ts';
import { templates } from './templates.ts';
import { alarms, schedules, trail } from './watching.ts';

/** Asked of a deployed stack; every question only reads. */
export const AFTER: readonly CheckAfter[] = [
  templates,
  buckets,
  keys,
  tables,
  secrets,
  machines,
  runs,
  schedules,
  trail,
  alarms,
];
