/**
 * THE table: who may do what, once everything is deployed. Default: nobody. It is written from what the flow needs, not from the
 * templates, so that each can be held against the other. The root user and the account's administrators are in reservations.ts: they
 * may do what no line there keeps from them.
 */
import type { Permission } from './permission.ts';
import { PEOPLE_PERMISSIONS } from './permissions-of-people.ts';
import { SERVICE_PERMISSIONS } from './permissions-of-services.ts';
import { STAGE_PERMISSIONS } from './permissions-of-stages.ts';
import { SWEEP_PERMISSIONS } from './permissions-of-sweeps.ts';

export const PERMISSIONS: readonly Permission[] = [
  ...STAGE_PERMISSIONS,
  ...PEOPLE_PERMISSIONS,
  ...SERVICE_PERMISSIONS,
  ...SWEEP_PERMISSIONS,
];
