import { COMPUTE_TYPES } from './compute.ts';
import { NETWORK_TYPES } from './network.ts';
import { OBSERVATION_TYPES } from './observation.ts';
import { STORAGE_TYPES } from './storage.ts';
import type { ResourceType } from './type.ts';

/** Every resource type whose name, ARN and attributes are known. A reference to any other is refused. */
export const RESOURCE_TYPES: Readonly<Record<string, ResourceType>> = {
  ...STORAGE_TYPES,
  ...COMPUTE_TYPES,
  ...NETWORK_TYPES,
  ...OBSERVATION_TYPES,
};
