import fc from 'fast-check';
import { expect, it } from 'vitest';
import { digestRows } from '../../../shared/fingerprint/digest-rows.ts';
import { prf } from '../../../shared/fingerprint/prf.ts';

it('gives the PRF of every row in order, of more rows than a batch holds and of rows longer than one', () => {
  const key = new Uint8Array(32).fill(3);
  const fields = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 });
  const rows = fc
    .tuple(fc.array(fields, { maxLength: 40 }), fc.constantFrom(0, 700))
    .map(([some, more]) => [
      ...some,
      ...Array.from({ length: more }, (_, index) => [Uint8Array.of(index), Uint8Array.of(index >> 8)]),
      ...(more > 0 ? [[new Uint8Array(300_000).fill(1), Uint8Array.of(2)]] : []),
      ...some,
    ]);
  fc.assert(
    fc.property(rows, (list) => {
      expect(digestRows(key, list)).toEqual(list.map((row) => prf(key, Buffer.concat(row))));
    }),
    { numRuns: 12 },
  );
});
