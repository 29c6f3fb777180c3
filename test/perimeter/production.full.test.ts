import { CONFIGURATIONS } from './deployments.ts';
import { holds } from './holds.ts';

if (CONFIGURATIONS.production === undefined) throw new Error('no configuration');
holds('production', CONFIGURATIONS.production);
