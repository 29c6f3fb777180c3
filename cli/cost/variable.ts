/** What a million records cost beyond the fixed part, from calls that were counted. */
import { BY_USE } from './prices.ts';

/**
 * Calls of the stages for 20,000 further records of one upload (30,000 less 10,000: what a run costs by itself falls out), counted
 * by the embedded cloud's gateway for the sample contract as CSV of 247 bytes a record; seconds are of a loaded two-core machine,
 * with the encryption and the policies of all services in the same process, and so an upper bound.
 */
export const MEASURED = {
  records: 20_000,
  s3Puts: 42,
  s3Gets: 24,
  kmsRequests: 6,
  /** All stages, as if each had the largest memory. */
  lambdaSeconds: 20,
  bytes: 4_949_532,
} as const;

const MEMORY_GIGABYTES = 1769 / 1024;
/** Batches of DynamoDB: 25 items a write, 100 a read. */
const ITEMS_A_WRITE = 25;
const ITEMS_A_READ = 100;
/** An event in CloudTrail's JSON, about. */
const TRAIL_EVENT_GIGABYTES = 2_000 / 1e9;
/** Chunks, vault, exports and entries together, in copies of what was uploaded; the working bucket is empty after a week. */
const COPIES_KEPT = 4;

export interface VariableItem {
  readonly what: string;
  readonly quantity: number;
  readonly each: number;
  /** Dollars. */
  readonly cost: number;
}

/** @param subjects Items of the subject keys: one per person and chunk. At most one per record. */
export function variableCosts(records: number, subjects: number): VariableItem[] {
  const times = records / MEASURED.records;
  const batches = Math.ceil(subjects / ITEMS_A_WRITE) + Math.ceil(subjects / ITEMS_A_READ);
  const events = (MEASURED.s3Puts + MEASURED.s3Gets) * times + batches;
  const item = (what: string, quantity: number, each: number): VariableItem => ({
    what,
    quantity,
    each,
    cost: quantity * each,
  });
  return [
    item('S3 writes', MEASURED.s3Puts * times, BY_USE.s3Put),
    item('S3 reads', MEASURED.s3Gets * times, BY_USE.s3Get),
    item('KMS requests', MEASURED.kmsRequests * times, BY_USE.kmsRequest),
    item('DynamoDB writes (subject keys)', subjects, BY_USE.dynamoWrite),
    item('DynamoDB reads (subject keys)', subjects, BY_USE.dynamoRead),
    item('Lambda GB-seconds', MEASURED.lambdaSeconds * times * MEMORY_GIGABYTES, BY_USE.lambdaGigabyteSecond),
    item('Step Functions transitions', 20, BY_USE.stateTransition),
    item('CloudTrail data events', events, BY_USE.trailDataEvent),
    item('GB of trail into CloudWatch Logs', events * TRAIL_EVENT_GIGABYTES, BY_USE.logGigabyte),
    item('GB kept in S3, per month', (MEASURED.bytes / 1e9) * times * COPIES_KEPT, BY_USE.s3GigabyteMonth),
  ];
}
