import type { CheckBefore } from '../finding.ts';
import { settings } from './configuration.ts';
import { keyPolicies } from './key-policies.ts';
import { names } from './names.ts';
import { quotas } from './quotas.ts';
import { regions } from './regions.ts';
import { retention } from './retention.ts';
import { sizes } from './sizes.ts';

/** Asked of a configuration, before anything is deployed; nothing is sent anywhere. */
export const BEFORE: readonly CheckBefore[] = [settings, regions, quotas, sizes, names, retention, keyPolicies];
