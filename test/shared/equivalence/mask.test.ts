import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readField } from '../../../shared/canonical/field.ts';
import { TAG } from '../../../shared/canonical/tag.ts';
import { createMasks, type FieldMask, MASK_BYTES, referenceMask } from '../../../shared/equivalence/mask.ts';

const key = new Uint8Array(32).fill(7);
const masks = createMasks(key);

/** The token of a field that stands between other bytes, which must stay. */
function tokenOf(mask: FieldMask, field: Uint8Array): Uint8Array {
  const target = new Uint8Array(5 + Math.max(field.length, MASK_BYTES) + 5).fill(0xee);
  target.set(field, 5);
  const end = mask(target, 5, 5 + field.length);
  expect(end).toBe(5 + MASK_BYTES);
  expect(target.subarray(0, 5)).toEqual(new Uint8Array(5).fill(0xee));
  expect(target.subarray(end + Math.max(0, field.length - MASK_BYTES)).every((byte) => byte === 0xee)).toBe(true);
  return target.slice(5, end);
}

describe('the token of a masked value', () => {
  it('[S04] is the same from the kernel and from @noble/hashes, whatever the length', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 3000 }),
        fc.string({ minLength: 1, maxLength: 20 }).filter((name) => name.isWellFormed()),
        (field, column) => {
          expect(tokenOf(masks.forColumn(column), field)).toEqual(tokenOf(referenceMask(key, column), field));
        },
      ),
    );
    const long = new Uint8Array(300_000).fill(1);
    expect(tokenOf(masks.forColumn('a'), long)).toEqual(tokenOf(referenceMask(key, 'a'), long));
  });

  it('[S04] stands as a field of its own, also for NULL', () => {
    const { tag, payload } = readField(tokenOf(masks.forColumn('a'), Uint8Array.of(TAG.null, 0)), 0);
    expect([tag, payload.length]).toEqual([TAG.token, 16]);
  });

  it('[S04] differs by value, by column, by where the column ends, and by sweep', () => {
    const tokens = [
      tokenOf(masks.forColumn('a'), Uint8Array.of(TAG.text, 1, 0x61)),
      tokenOf(masks.forColumn('a'), Uint8Array.of(TAG.text, 1, 0x62)),
      tokenOf(masks.forColumn('a'), Uint8Array.of(TAG.null, 0)),
      tokenOf(masks.forColumn('b'), Uint8Array.of(TAG.text, 1, 0x61)),
      tokenOf(masks.forColumn('ab'), Uint8Array.of(0x62)),
      tokenOf(masks.forColumn('abb'), new Uint8Array(0)),
      tokenOf(createMasks(new Uint8Array(32).fill(8)).forColumn('a'), Uint8Array.of(TAG.text, 1, 0x61)),
    ];
    expect(new Set(tokens.map((token) => Buffer.from(token).toString('hex'))).size).toBe(tokens.length);
  });
});
