import { randomBytes } from 'node:crypto';
import type { Clock, Random } from '../../shared/ports.ts';

export const systemClock: Clock = { now: () => Date.now() };

export const systemRandom: Random = (size) => randomBytes(size);
