import type { Family } from '../family.ts';
import { DOCUMENTS } from './documents.ts';
import { NUMBERS } from './numbers.ts';
import { TEXTS } from './texts.ts';
import { TIMES } from './times.ts';

export const FAMILIES: readonly Family[] = [...NUMBERS, ...TEXTS, ...TIMES, ...DOCUMENTS];
