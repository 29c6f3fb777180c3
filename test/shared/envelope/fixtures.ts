import { createHash } from 'node:crypto';
import type { SegmentContext } from '../../../shared/envelope/context.ts';
import type { DataKey, Random } from '../../../shared/ports.ts';

/** Bytes that repeat from run to run and never within one: a test needs no luck. */
export function countedRandom(seed = 'parapet'): Random {
  let count = 0;
  return (size) => {
    const blocks = Array.from({ length: Math.ceil(size / 32) }, () =>
      createHash('sha256').update(`${seed}/${count++}`).digest(),
    );
    return new Uint8Array(Buffer.concat(blocks).subarray(0, size));
  };
}

export const CONTEXT: SegmentContext = {
  stage: 'ingestion',
  run: '00112233445566778899aabbccddeeff',
  attempt: 'a1',
  chunk: 3,
};

/** Each differs from CONTEXT in one member. */
export const OTHER_CONTEXTS: readonly [string, SegmentContext][] = [
  ['stage', { ...CONTEXT, stage: 'processing' }],
  ['run', { ...CONTEXT, run: 'ff112233445566778899aabbccddeeff' }],
  ['attempt', { ...CONTEXT, attempt: 'a2' }],
  ['chunk', { ...CONTEXT, chunk: 4 }],
];

export function dataKey(fill = 7): DataKey {
  return { plaintext: new Uint8Array(32).fill(fill), wrapped: new Uint8Array(64).fill(fill + 1) };
}
