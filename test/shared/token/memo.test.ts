import { describe, expect, it } from 'vitest';
import { RecentValues } from '../../../shared/token/memo.ts';

/** What is looked up, and how often something had to be computed for it. */
function counting() {
  const recent = new RecentValues();
  const seen = { computed: 0 };
  const of = (group: string, field: string, value: string): string =>
    recent.of(group, field, value, () => {
      seen.computed += 1;
      return `${group}/${field}/${value}`;
    });
  return { recent, of, seen };
}

describe('values of late', () => {
  it('are computed once, and told apart by group and field', () => {
    const { of, seen } = counting();
    for (let round = 0; round < 3; round += 1) {
      for (const [group, field, value] of [
        ['a', 'x', '1'],
        ['b', 'x', '1'],
        ['a', 'y', '1'],
        ['a', 'x', '2'],
        ['', 'x', '1'],
      ] as const) {
        expect(of(group, field, value)).toBe(`${group}/${field}/${value}`);
      }
    }
    expect(seen.computed).toBe(5);
  });

  it('are forgotten when there are too many, and found again where they repeat', () => {
    const { of, seen } = counting();
    for (let index = 0; index < 60_000; index += 1) expect(of('a', 'x', `${index % 20_000}`)).toBeDefined();
    // Of twenty thousand in turns none is found in a memory of fewer: it has given up, and is right all the same.
    expect(seen.computed).toBe(60_000);
    const repeating = counting();
    for (let index = 0; index < 60_000; index += 1) repeating.of('a', 'x', `${Math.floor(index / 2)}`);
    // One for each, and one more where the memory was full between the two.
    expect(repeating.seen.computed).toBe(30_001);
  });

  it('[B14] are let go of', () => {
    const { recent, of, seen } = counting();
    of('a', 'x', '1');
    recent.clear();
    of('a', 'x', '1');
    expect(seen.computed).toBe(2);
  });
});
