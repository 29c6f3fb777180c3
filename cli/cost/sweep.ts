/** What a sweep in AWS costs and how long it takes: a model, from what was measured here and list prices. Its arithmetic is in docs/benchmarks-sweep.md. */
import { BY_USE } from './prices.ts';
import type { VariableItem } from './variable.ts';

/** What one row took of a worker, PostgreSQL by COPY; see docs/benchmarks-sweep.md. */
const MEASURED = {
  /** Processor time of the reading process, from the socket to the sketch: bench/postgres-scan.ts on an AMD EPYC at a load of 12. */
  workerNanoseconds: 397,
  /** As PostgreSQL sends it: data, lengths and the head of its message. */
  rowBytes: 142,
  /** One committed result: a sketch of 200 thousand items. By its layout. */
  resultBytes: 18_100_000,
  /** To read, decrypt, digest and add one up, from a folder: a fourth of what comparing four took, decoding included, in one run. */
  mergeSeconds: 0.05,
} as const;

// Assumed, and not measured: nothing here has run in AWS.
/** A processor of Lambda on arm64 takes so much longer than that of the measurement. */
const SLOWER = 2;
/** To start a function with a bundle of this size, and to connect. */
const START_SECONDS = 1.5;
/** Of an invocation's fifteen minutes, what a partition may take before another invocation goes on. */
const INVOCATION_SECONDS = 840;
const WORKER_GIGABYTES = 1769 / 1024;
const COMPARE_GIGABYTES = 3008 / 1024;

// Counted in the code: what one partition asks of each service.
/** Manifest, contract and signature, trip, and whether there is a result; and compare reads the result. */
const GETS = 6;
const PUTS = 1;
/** The sweep's key, and the data key of every object. */
const KMS_REQUESTS = 1 + GETS + PUTS;
/** Start of the child, its first state, hash, the choice, its end. */
const TRANSITIONS = 5;
/** Results are kept so long. */
const KEPT_DAYS = 7;

export interface SweepCost {
  readonly items: readonly VariableItem[];
  /** From the first partition to the verdict. */
  readonly seconds: number;
}

/**
 * @param rows Of each side.
 * @param partitions Of each side.
 * @param workers Of both sides together, at once.
 */
export function sweepCosts(rows: number, partitions: number, workers: number): SweepCost {
  const parts = 2 * partitions;
  const hashing = 2 * rows * MEASURED.workerNanoseconds * 1e-9 * SLOWER;
  const invocations = parts * Math.max(1, Math.ceil(hashing / parts / INVOCATION_SECONDS));
  const workerSeconds = hashing + invocations * START_SECONDS;
  const comparing = parts * MEASURED.mergeSeconds * SLOWER;
  const gigabytes = (2 * rows * MEASURED.rowBytes) / 1e9;
  const item = (what: string, quantity: number, each: number): VariableItem => ({
    what,
    quantity,
    each,
    cost: quantity * each,
  });
  const requests = parts * (GETS + PUTS);
  return {
    seconds: Math.ceil(workerSeconds / Math.min(workers, parts) + comparing),
    items: [
      item(
        'Lambda GB-seconds',
        workerSeconds * WORKER_GIGABYTES + comparing * COMPARE_GIGABYTES,
        BY_USE.lambdaGigabyteSecond,
      ),
      item('Lambda requests', invocations + 4, BY_USE.lambdaRequest),
      item('S3 writes', parts * PUTS, BY_USE.s3Put),
      item('S3 reads', parts * GETS, BY_USE.s3Get),
      item('KMS requests', parts * KMS_REQUESTS, BY_USE.kmsRequest),
      item('Step Functions transitions', parts * TRANSITIONS + 20, BY_USE.stateTransition),
      item('CloudTrail data events', requests, BY_USE.trailDataEvent),
      item(
        `GB of results kept ${KEPT_DAYS} days`,
        ((parts * MEASURED.resultBytes) / 1e9) * (KEPT_DAYS / 30),
        BY_USE.s3GigabyteMonth,
      ),
      item('GB from databases in other zones', gigabytes, BY_USE.zoneGigabyte),
    ],
  };
}
