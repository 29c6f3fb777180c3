import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Case, decide } from '../../../shared/verdict/decide.ts';
import { REASONS, type ReasonCode, reason } from '../../../shared/verdict/reasons.ts';

const compared = { counts: { source: 10, target: 10 }, equal: false, complete: true };
const confirmation = { confirmed: 0, unsettled: 0, unstable: 0, failures: [] };
const base: Case = { frozen: true, tolerant: false, failures: [], compared, confirmation };
const trip = { cause: 'drift' as const, seen: 5, allowed: 1 };
const oneMore = { ...compared, counts: { source: 10, target: 11 } };
const partial = { ...compared, complete: false };

describe('the verdict', () => {
  it.each<[string, Partial<Case>, string, readonly ReasonCode[]]>([
    ['equal sums', { compared: { ...compared, equal: true }, confirmation: undefined }, 'EQUAL', []],
    ['equal sums, settled', { frozen: false, compared: { ...compared, equal: true } }, 'EQUAL', []],
    [
      'equal sums of nothing',
      { compared: { ...compared, equal: true, counts: { source: 0, target: 0 } } },
      'INCONCLUSIVE',
      ['side-empty', 'side-empty'],
    ],
    [
      'an empty target',
      { compared: { ...compared, counts: { source: 3, target: 0 } } },
      'INCONCLUSIVE',
      ['side-empty'],
    ],
    [
      'a failure, whatever the sums',
      { failures: [reason('snapshot-gone')], compared: { ...compared, equal: true } },
      'INCONCLUSIVE',
      ['snapshot-gone'],
    ],
    ['a missing partition', { compared: undefined }, 'INCONCLUSIVE', ['evidence-contradicts']],
    ['frozen, confirmed', { confirmation: { ...confirmation, confirmed: 1 } }, 'DIVERGED', []],
    ['frozen, not read again', { confirmation: undefined }, 'DIVERGED', []],
    ['frozen, beyond capacity', { compared: partial, confirmation }, 'DIVERGED', []],
    [
      'frozen, other rows read again',
      { confirmation: { ...confirmation, confirmed: 4, unstable: 1 } },
      'INCONCLUSIVE',
      ['unstable-read'],
    ],
    [
      'frozen, failed to read again',
      { confirmation: { ...confirmation, failures: [reason('suspects-unread')] } },
      'DIVERGED',
      ['suspects-unread'],
    ],
    ['frozen, the breaker', { trip, confirmation: undefined }, 'DIVERGED', ['breaker-drift']],
    ['tolerant, all within', { tolerant: true }, 'EQUAL', []],
    [
      'tolerant, some left open',
      { tolerant: true, confirmation: { ...confirmation, unsettled: 1 } },
      'INCONCLUSIVE',
      ['tolerance-undecided'],
    ],
    ['tolerant, one beyond', { tolerant: true, confirmation: { ...confirmation, confirmed: 1 } }, 'DIVERGED', []],
    ['tolerant, beyond capacity', { tolerant: true, compared: partial }, 'INCONCLUSIVE', ['tolerance-undecided']],
    [
      'tolerant, beyond capacity, other counts',
      { tolerant: true, compared: { ...oneMore, complete: false } },
      'DIVERGED',
      [],
    ],
    [
      'tolerant, the breaker',
      { tolerant: true, trip, confirmation: undefined },
      'INCONCLUSIVE',
      ['breaker-drift', 'tolerance-undecided'],
    ],
    [
      'tolerant, not read again',
      { tolerant: true, confirmation: { ...confirmation, failures: [reason('suspects-unread')] } },
      'INCONCLUSIVE',
      ['suspects-unread'],
    ],
    ['settled, cleared', { frozen: false }, 'EQUAL', []],
    ['settled, confirmed', { frozen: false, confirmation: { ...confirmation, confirmed: 2 } }, 'DIVERGED', []],
    [
      'settled, unsettled',
      { frozen: false, confirmation: { ...confirmation, confirmed: 2, unsettled: 1 } },
      'INCONCLUSIVE',
      ['suspect-unsettled'],
    ],
    [
      'settled, beyond capacity',
      { frozen: false, compared: partial, confirmation: { ...confirmation, confirmed: 2 } },
      'INCONCLUSIVE',
      ['residue-undecoded'],
    ],
    [
      'settled, not read again',
      { frozen: false, confirmation: { ...confirmation, failures: [reason('suspects-unread')], unsettled: 3 } },
      'INCONCLUSIVE',
      ['suspects-unread'],
    ],
    ['settled, nobody read', { frozen: false, confirmation: undefined }, 'INCONCLUSIVE', ['suspects-unread']],
    ['settled, the breaker', { frozen: false, trip }, 'INCONCLUSIVE', ['breaker-drift']],
  ])('of %s', (_name, change, answer, codes) => {
    const decision = decide({ ...base, ...change });
    expect([decision.answer, decision.reasons.map(({ code }) => code)]).toEqual([answer, codes]);
  });

  const count = fc.nat(2);
  const failures = fc.constantFrom([], [], [reason('suspects-unread')]);
  const anyCase: fc.Arbitrary<Case> = fc.record({
    frozen: fc.boolean(),
    tolerant: fc.boolean(),
    failures: fc.constantFrom([], [], [], [reason('partition-unread')]),
    compared: fc.option(
      fc.record({
        counts: fc.record({ source: count, target: count }),
        equal: fc.boolean(),
        complete: fc.boolean(),
      }),
      { nil: undefined },
    ),
    trip: fc.constantFrom(undefined, trip),
    confirmation: fc.option(fc.record({ confirmed: count, unsettled: count, unstable: count, failures }), {
      nil: undefined,
    }),
  });

  it('is EQUAL only of two sides that were read whole, are not empty, and in which nothing was left open', () => {
    fc.assert(
      fc.property(anyCase, (found) => {
        const { answer, reasons } = decide(found);
        if (answer === 'INCONCLUSIVE') expect(reasons.length).toBeGreaterThan(0);
        for (const { code, message } of reasons) expect(message).toBe(REASONS[code]);
        if (answer !== 'EQUAL') return;
        expect(found.failures).toEqual([]);
        expect(found.compared?.counts.source).toBeGreaterThan(0);
        expect(found.compared?.counts.target).toBeGreaterThan(0);
        if (found.compared?.equal === true) return;
        expect(found.compared?.complete).toBe(true);
        expect(found.trip).toBeUndefined();
        expect(found.confirmation).toMatchObject({ confirmed: 0, failures: [] });
        expect(found.confirmation?.unsettled).toBe(0);
        // Without a tolerance and in a frozen state, what differs is there.
        if (found.frozen) expect([found.tolerant, found.confirmation?.unstable]).toEqual([true, 0]);
      }),
      { numRuns: 2000 },
    );
  });
});
