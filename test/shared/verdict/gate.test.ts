import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  begun,
  type Closing,
  Gate,
  gateVerdict,
  openTrip,
  openTrips,
  recorded,
  restored,
  tripped,
} from '../../../shared/verdict/gate.ts';
import { CLOCK_SKEW_MS, isOpen } from '../../../shared/verdict/is-open.ts';
import { closingOf, NOW, sweepId, verdictLike } from '../../support/sweep/gate.ts';

const HOUR = 3_600_000;

function gateWith(verdict: 'EQUAL' | 'DIVERGED' | 'INCONCLUSIVE'): Gate {
  const { gate, ticket } = begun(undefined, 'things', 'e');
  return recorded(gate, ticket, gateVerdict(verdictLike('things', 1, verdict)), 'sealed') ?? gate;
}

describe('a gate', () => {
  it('[S17] is open only of EQUAL that is fresh, to the millisecond', () => {
    const gate = gateWith('EQUAL');
    expect(isOpen(gate, NOW)).toMatchObject({ open: true, ageMs: 0 });
    expect(isOpen(gate, NOW + HOUR - 1)).toMatchObject({ open: true, ageMs: HOUR - 1 });
    expect(isOpen(gate, NOW + HOUR)).toMatchObject({ open: false, because: 'stale' });
    expect(isOpen(gateWith('DIVERGED'), NOW)).toMatchObject({ open: false, because: 'diverged' });
    expect(isOpen(gateWith('INCONCLUSIVE'), NOW)).toMatchObject({ open: false, because: 'inconclusive' });
    expect(isOpen(undefined, NOW)).toMatchObject({ open: false, because: 'never-swept' });
  });

  it('[S17] believes no verdict from the future, by more than clocks differ', () => {
    const gate = gateWith('EQUAL');
    expect(isOpen(gate, NOW - CLOCK_SKEW_MS).open).toBe(true);
    expect(isOpen(gate, NOW - CLOCK_SKEW_MS - 1)).toMatchObject({ open: false, because: 'clock' });
    expect(isOpen(gate, Number.NaN)).toMatchObject({ open: false });
  });

  it('is closed by what is misshapen: a time that is none, EQUAL without an end', () => {
    const gate = gateWith('EQUAL');
    const { verdict } = gate;
    if (verdict === undefined) throw new Error('nothing was recorded');
    const { freshUntil: _, ...endless } = verdict;
    expect(isOpen({ ...gate, verdict: endless }, NOW).open).toBe(false);
    expect(isOpen({ ...gate, verdict: { ...verdict, freshUntil: 'never' } }, NOW).open).toBe(false);
    expect(isOpen({ ...gate, verdict: { ...verdict, endedAt: 'once' } }, NOW).open).toBe(false);
  });

  it('[S13] of a restored copy opens by nothing that happened before, and keeps its trips', () => {
    const gate = tripped(gateWith('EQUAL'), openTrip({ cause: 'errors' }, verdictLike('things', 2, 'DIVERGED')), []);
    if (gate === undefined) throw new Error('it did not trip');
    const copy = restored(gate, 'f');
    expect(copy.trips).toEqual(gate.trips);
    expect(
      recorded(copy, { epoch: 'e', number: 2 }, gateVerdict(verdictLike('things', 3, 'EQUAL')), 'sealed'),
    ).toBeUndefined();
    expect(isOpen(restored(gateWith('EQUAL'), 'f'), NOW)).toMatchObject({ open: false, because: 'never-swept' });
  });

  it('takes no verdict under a number that was never given out', () => {
    const gate = gateWith('EQUAL');
    expect(
      recorded(gate, { epoch: 'e', number: 2 }, gateVerdict(verdictLike('things', 2, 'EQUAL')), 'sealed'),
    ).toBeUndefined();
    expect(
      recorded(gate, { epoch: 'x', number: 1 }, gateVerdict(verdictLike('things', 2, 'EQUAL')), 'sealed'),
    ).toBeUndefined();
  });
});

type Event =
  | { readonly kind: 'ends'; readonly number: number; readonly answer: 'EQUAL' | 'DIVERGED' | 'INCONCLUSIVE' }
  | { readonly kind: 'trips'; readonly number: number };

function apply(gate: Gate, event: Event, closings: readonly Closing[] = []): Gate {
  const { number } = event;
  const sweep = verdictLike('things', number, event.kind === 'ends' ? event.answer : 'DIVERGED');
  const next =
    event.kind === 'ends'
      ? recorded(gate, { epoch: gate.epoch, number }, gateVerdict(sweep), 'sealed')
      : tripped(gate, openTrip({ cause: 'drift', seen: number }, sweep), closings);
  return next ?? gate;
}

const SWEEPS = 6;
const events = fc.uniqueArray(
  fc.oneof(
    fc.record({
      kind: fc.constant('ends' as const),
      number: fc.integer({ min: 1, max: SWEEPS }),
      answer: fc.constantFrom('EQUAL' as const, 'DIVERGED' as const, 'INCONCLUSIVE' as const),
    }),
    fc.record({ kind: fc.constant('trips' as const), number: fc.integer({ min: 1, max: SWEEPS }) }),
  ),
  // A sweep trips once, and may end without an answer before it has one.
  { selector: (event) => JSON.stringify(event), maxLength: 3 * SWEEPS },
);

describe('sweeps of one dataset at once', () => {
  const begin = (): Gate => {
    let gate: Gate | undefined;
    for (let sweep = 0; sweep < SWEEPS; sweep++) gate = begun(gate, 'things', 'e').gate;
    if (gate === undefined) throw new Error('none began');
    return gate;
  };

  it('[S13] leave the same gate and the same breaker in whatever order their ends arrive, and however often', () => {
    fc.assert(
      fc.property(
        events.chain((list) =>
          fc.tuple(
            fc.constant(list),
            fc.shuffledSubarray(list, { minLength: list.length }),
            fc.array(fc.nat({ max: Math.max(0, list.length - 1) }), { maxLength: 5 }),
          ),
        ),
        ([list, shuffled, again]) => {
          const ordered = list.reduce<Gate>((gate, event) => apply(gate, event), begin());
          const repeated = [...shuffled, ...again.flatMap((index) => list[index] ?? [])];
          expect(repeated.reduce<Gate>((gate, event) => apply(gate, event), begin())).toEqual(ordered);
          const ends = list.filter((event) => event.kind === 'ends');
          const last = Math.max(...ends.map(({ number }) => number));
          const answers = ends.filter(({ number }) => number === last).map(({ answer }) => answer);
          // All have begun before any ends: what one of them found may be in none of the others' reads.
          const equal = answers.includes('EQUAL') && !ends.some(({ answer }) => answer === 'DIVERGED');
          expect(isOpen(ordered, NOW).open).toBe(equal && ends.length === list.length);
        },
      ),
    );
  });

  it('[S17] are EQUAL only if nothing that came after the newest began is DIVERGED, and repeats are no news', () => {
    const steps = fc.array(
      fc.oneof(
        fc.constant('begins' as const),
        fc.record({
          of: fc.nat(),
          answer: fc.constantFrom('EQUAL' as const, 'EQUAL' as const, 'DIVERGED' as const, 'INCONCLUSIVE' as const),
        }),
      ),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, (list) => {
        let gate = begun(undefined, 'things', 'e').gate;
        /** What each sweep came to; a second end of one is the first again. */
        const ended = new Map<number, 'EQUAL' | 'DIVERGED' | 'INCONCLUSIVE'>();
        let against = 0;
        for (const step of list) {
          if (step === 'begins') {
            gate = begun(gate, 'things', 'e').gate;
            continue;
          }
          const number = (step.of % gate.begun) + 1;
          const answer = ended.get(number) ?? step.answer;
          if (answer === 'DIVERGED' && !ended.has(number)) against = gate.begun;
          ended.set(number, answer);
          gate = apply(gate, { kind: 'ends', number, answer });
          const newest = Math.max(...ended.keys());
          expect(isOpen(gate, NOW).open).toBe(ended.get(newest) === 'EQUAL' && newest > against);
          expect(Gate.parse(JSON.parse(JSON.stringify(gate)))).toEqual(gate);
        }
      }),
    );
  });

  it('takes what a sweep finds when it is taken up again for news, and remembers of the others only the last', () => {
    let gate = begun(undefined, 'things', 'e').gate;
    const ends = (number: number, answer: 'EQUAL' | 'DIVERGED', endedAt = NOW) => {
      const verdict = { ...verdictLike('things', number, answer), endedAt: new Date(endedAt).toISOString() };
      gate = recorded(gate, { epoch: 'e', number }, gateVerdict(verdict), 'found') ?? gate;
      return isOpen(gate, NOW).open;
    };
    expect(ends(1, 'DIVERGED')).toBe(false);
    gate = begun(gate, 'things', 'e').gate;
    expect(ends(2, 'EQUAL')).toBe(true);
    expect(ends(1, 'DIVERGED')).toBe(true);
    expect(ends(1, 'DIVERGED', NOW + 1)).toBe(false);
    for (let number = 3; number < 300; number++) {
      gate = begun(gate, 'things', 'e').gate;
      expect(ends(number, 'DIVERGED')).toBe(false);
    }
    expect(gate.came?.length).toBe(100);
    gate = begun(gate, 'things', 'e').gate;
    expect(ends(300, 'EQUAL')).toBe(true);
    expect(ends(299, 'DIVERGED')).toBe(true);
    expect(ends(1, 'DIVERGED')).toBe(false);
  });

  it('[S13] keep who closed the breaker until a log that names it is sealed, whether its verdict counts or not', () => {
    const tripping = tripped(begin(), openTrip({ cause: 'drift' }, verdictLike('things', 1, 'DIVERGED')), []);
    const [{ ticket: older }, after] = [begun(tripping, 'things', 'f'), begun(tripping, 'things', 'f').gate];
    const { gate, ticket: newer } = begun(after, 'things', 'f');
    expect(gate.settled).toEqual([sweepId(1)]);
    for (const answer of ['EQUAL', 'DIVERGED', 'INCONCLUSIVE'] as const) {
      const verdict = gateVerdict(verdictLike('things', 8, answer));
      const found = recorded(gate, newer, verdict, 'found');
      if (found === undefined) throw new Error('nothing was recorded');
      expect(found.settled).toEqual([sweepId(1)]);
      expect(recorded(found, newer, verdict, 'found')).toBeUndefined();
      expect(recorded(found, newer, verdict, 'sealed')).toEqual({ ...found, settled: [] });
      const late = gateVerdict(verdictLike('things', 7, 'INCONCLUSIVE'));
      expect(recorded(found, older, late, 'sealed')).toEqual({ ...found, settled: [] });
      // A sweep of the epoch before may have been sealed without.
      expect(recorded(found, { epoch: 'e', number: 2 }, late, 'sealed')).toBeUndefined();
    }
  });

  it('[S13] no ending of a sweep takes a trip away, and no closing opens a gate by what was before', () => {
    fc.assert(
      fc.property(events, events, (before, after) => {
        const gate = before.reduce<Gate>((held, event) => apply(held, event), begin());
        const closings = gate.trips.map((trip) => closingOf('things', trip));
        const later = after.reduce<Gate>((held, event) => apply(held, event, closings), gate);
        for (const { sweep } of gate.trips) expect(later.trips.map((trip) => trip.sweep)).toContain(sweep);
        // What trips after the closing was not what the person looked at.
        const unseen = after.filter(
          ({ kind, number }) => kind === 'trips' && !gate.trips.some(({ sweep }) => sweep === sweepId(number)),
        );
        expect(openTrips(later, closings).map(({ sweep }) => sweep)).toEqual(
          unseen.map(({ number }) => sweepId(number)).sort(),
        );
        if (later.trips.length === 0) return;
        const { gate: next, ticket } = begun(later, 'things', 'f');
        expect(isOpen(next, NOW)).toMatchObject({ open: false, because: 'never-swept' });
        const late = after.reduce<Gate>(
          (held, event) =>
            event.kind === 'trips'
              ? held
              : (recorded(
                  held,
                  { epoch: 'e', number: event.number },
                  gateVerdict(verdictLike('things', 1, 'EQUAL')),
                  'sealed',
                ) ?? held),
          next,
        );
        expect(late).toEqual(next);
        const equal = recorded(next, ticket, gateVerdict(verdictLike('things', 9, 'EQUAL')), 'sealed');
        expect(isOpen(equal, NOW).open).toBe(true);
      }),
    );
  });
});
