/**
 * The second step, once per partition: read, canonicalise, mask, hash, add up. A partition is read in one stretch, or in several when the
 * time of an invocation is up before. Each stretch's result is committed by one conditional write, and the first attempt that commits counts:
 * an attempt that comes later reads from there where the committed one stopped, and adds and replaces nothing.
 */
import type { SideName } from '../../../shared/equivalence/relation.ts';
import type { SweepKeys } from '../../../shared/fingerprint/keys.ts';
import type { Clock, Deadline } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import { createAccumulator } from '../../../shared/sketch/accumulator.ts';
import type { Partition, Reader } from '../engines/engine.ts';
import type { SweepManifest } from '../protocol/manifest.ts';
import { SWEEP_KEYS, type SweepStore } from '../protocol/ports.ts';
import { decodeResult, encodeResult } from '../protocol/result.ts';
import type { HashTask } from '../protocol/tasks.ts';
import { KeySample } from './key-sample.ts';

export interface HashPorts {
  readonly reader: Reader;
  readonly keyColumns: number;
  readonly keys: SweepKeys;
  readonly store: SweepStore;
  readonly clock: Clock;
  readonly deadline: Deadline;
  /** Told of every stretch of rows; throws to stop. */
  readonly watch: (rows: number) => void;
}

/** `continued`: time was up, and another invocation goes on. */
export type HashOutcome = 'done' | 'continued';

/** Kept for encoding and writing a result. */
const RESERVE_MS = 30_000;

export async function hash(task: HashTask, manifest: SweepManifest, ports: HashPorts): Promise<HashOutcome> {
  const planned = manifest[task.side].partitions[task.partition];
  if (planned === undefined) {
    throw new Problem('evidence-invalid', { detail: `The manifest has no partition ${task.partition}.` });
  }
  let rest: Partition | undefined = planned;
  for (let stretch = 0; rest !== undefined; stretch++) {
    const key = SWEEP_KEYS.result(task.side, task.partition, stretch);
    const committed = await ports.store.read(key);
    if (committed === undefined) {
      if (ports.deadline.remaining() < RESERVE_MS) return 'continued';
      const result = await hashStretch(task.side, rest, manifest, ports);
      if (await ports.store.create(key, result.bytes)) {
        rest = result.rest;
        continue;
      }
    }
    // Another attempt was first: what counts is where it stopped, not where this one did.
    const standing = committed ?? (await ports.store.read(key));
    if (standing === undefined) throw new Problem('internal-failure', { detail: 'A committed result is gone.' });
    rest = decodeResult(standing, manifest.sketch).rest;
  }
  return 'done';
}

/** What is to be committed, and what is left of the partition. */
interface Stretch {
  readonly bytes: Uint8Array;
  readonly rest: Partition | undefined;
}

async function hashStretch(
  side: SideName,
  part: Partition,
  manifest: SweepManifest,
  ports: HashPorts,
): Promise<Stretch> {
  const begin = ports.clock.now();
  const sample = new KeySample(side, ports.keyColumns);
  const accumulator = createAccumulator(ports.keys, manifest.sketch, sample.look);
  const scan = ports.reader.scan(part, accumulator.rows);
  let rest: Partition | undefined;
  for await (const step of scan) {
    ports.watch(step.rows);
    if (step.rest !== undefined && ports.deadline.remaining() < RESERVE_MS) {
      rest = step.rest;
      break;
    }
  }
  const aggregate = accumulator.aggregate();
  const bytes = encodeResult({
    rows: Number(aggregate.set.count),
    durationMs: Math.max(0, Math.round(ports.clock.now() - begin)),
    counts: scan.counts().map(({ column, changed }) => ({ column, changed: { ...changed } })),
    keys: [...sample.keys],
    ...(rest === undefined ? {} : { rest: { bounds: rest.bounds, estimatedRows: rest.estimatedRows } }),
    aggregate,
  });
  accumulator.free();
  return { bytes, rest };
}
