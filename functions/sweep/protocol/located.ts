/** What locate hands to report. Nothing in it is payload, but for values of public key columns. */
import type { SideName } from '../../../shared/equivalence/relation.ts';
import type { Reason } from '../../../shared/verdict/reasons.ts';
import type { Bucket, Divergence, KeyProof, Verdict } from '../../../shared/verdict/schema.ts';

export interface Located {
  readonly suspects: Verdict['suspects'];
  /** Of frozen sides: suspects that were read otherwise than before. */
  readonly unstable: number;
  /** Why some could not be read again. */
  readonly failures: readonly Reason[];
  /** In the order of keys. */
  readonly divergences: readonly Divergence[];
  readonly tolerated: Verdict['tolerated'];
  readonly buckets: readonly Bucket[];
  readonly unique: Readonly<Record<SideName, KeyProof>>;
  /** Beside the first. */
  readonly scans: Readonly<Record<SideName, number>>;
}
