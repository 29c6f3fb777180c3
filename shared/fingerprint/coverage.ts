import { Problem } from '../problem.ts';

/**
 * Which partitions of one side are accounted for, each exactly once. Sums are not idempotent, so a partition that two workers hashed must
 * count once: the first committed result stands, and a later one changes nothing, even if it differs.
 */
export class Coverage<Result> {
  readonly #results = new Map<number, Result>();
  readonly partitions: number;

  constructor(partitions: number) {
    this.partitions = partitions;
  }

  /** True when this result is the one that counts. `partition` counts from 0, as the manifest numbers them. */
  commit(partition: number, result: Result): boolean {
    if (!Number.isInteger(partition) || partition < 0 || partition >= this.partitions) {
      throw new Problem('evidence-invalid', { detail: `The manifest has no partition ${partition}.` });
    }
    if (this.#results.has(partition)) return false;
    this.#results.set(partition, result);
    return true;
  }

  /** Partitions without a result, in order; what was not covered makes a verdict INCONCLUSIVE. */
  get missing(): readonly number[] {
    const missing: number[] = [];
    for (let partition = 0; partition < this.partitions; partition++) {
      if (!this.#results.has(partition)) missing.push(partition);
    }
    return missing;
  }

  /** Every result in the order of partitions; throws while one is missing, because a sum of some is the sum of another set. */
  complete(): readonly Result[] {
    const { missing } = this;
    if (missing.length > 0) {
      throw new Problem('evidence-invalid', {
        detail: `${missing.length} of ${this.partitions} partitions have no result.`,
      });
    }
    return [...this.#results].sort(([left], [right]) => left - right).map(([, result]) => result);
  }
}
