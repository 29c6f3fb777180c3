import { describe } from 'vitest';
import { faultCases } from './fault-cases.ts';

describe('a submission, with one fault', () => {
  // One kind per call here; both kinds at every call, over several chunks, in faults.full.test.ts.
  faultCases({ records: 12, chunkRecords: 12, kinds: (ordinal) => [ordinal % 2 === 0 ? 'after' : 'before'] });
});
