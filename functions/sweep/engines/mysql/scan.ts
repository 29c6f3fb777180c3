import { Problem } from '../../../../shared/problem.ts';
import type { Partition, ScanStep } from '../engine.ts';
import { type Bounds, type KeyText, toJson } from './bounds.ts';
import type { RowReader } from './row-reader.ts';
import type { Session } from './session.ts';

/** Rows between two places where a scan can stop. */
const ROWS_PER_STEP = 32_768;

/**
 * Reads the answer of a query row by row. Between steps the server is held back, so that nothing goes into the batch that a step has not told
 * of. `hasKey`: rows come in the order of the key, and end with it.
 */
export async function* readSteps(
  session: Session,
  sql: string,
  reader: RowReader,
  partition: Partition,
  bounds: Bounds,
  hasKey: boolean,
): AsyncGenerator<ScanStep> {
  const steps = new Steps();
  let rows = 0;
  let read = 0;
  const reading = session
    .raw(sql, (bytes, start, end) => {
      if (reader.read(bytes, start, end)) rows += 1;
      read += 1;
      if (read % ROWS_PER_STEP !== 0) return;
      session.pause();
      steps.give({ rows, key: hasKey ? reader.key(bytes, start, end) : undefined });
      rows = 0;
    })
    .then(
      () => steps.end({ rows, key: undefined }),
      (error: unknown) => steps.fail(error),
    );
  for (;;) {
    const { step, last } = await steps.next();
    yield { rows: step.rows, rest: restOf(partition, bounds, step.key, read) };
    if (last) break;
    session.resume();
  }
  await reading;
}

function restOf(partition: Partition, bounds: Bounds, key: KeyText | undefined, read: number): Partition | undefined {
  if (key === undefined) return undefined;
  return {
    bounds: toJson({ from: key, exclusive: true, to: bounds.to }),
    estimatedRows: Math.max(0, partition.estimatedRows - read),
  };
}

interface Step {
  readonly rows: number;
  readonly key: KeyText | undefined;
}

/** Steps from a handler that cannot wait to a reader that does: one at a time, because the connection is paused after each. */
class Steps {
  #waiting: { readonly resolve: (given: Given) => void; readonly reject: (error: unknown) => void } | undefined;
  #given: Given | undefined;
  #failed: { readonly error: unknown } | undefined;

  give(step: Step): void {
    this.#hand({ step, last: false });
  }

  end(step: Step): void {
    this.#hand({ step, last: true });
  }

  fail(error: unknown): void {
    this.#failed = { error };
    this.#waiting?.reject(error);
  }

  next(): Promise<Given> {
    const given = this.#given;
    this.#given = undefined;
    if (given !== undefined) return Promise.resolve(given);
    if (this.#failed !== undefined) return Promise.reject(this.#failed.error);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  #hand(given: Given): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) waiting.resolve(given);
    else if (this.#given === undefined) this.#given = given;
    else throw new Problem('internal-failure', { detail: 'A paused connection went on.' });
  }
}

interface Given {
  readonly step: Step;
  readonly last: boolean;
}
