import { describe } from 'vitest';
import { faultCases } from './fault-cases.ts';

describe('a submission of several chunks, with one fault', { timeout: 600_000 }, () => {
  faultCases({ records: 40, chunkRecords: 15, kinds: () => ['before', 'after'] });
});
