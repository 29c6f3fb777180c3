/** Verdicts and closings as gates need them: shaped as real ones, and about nothing. */
import type { Trip } from '../../../shared/verdict/breaker.ts';
import type { Answer } from '../../../shared/verdict/decide.ts';
import type { Closing, OpenTrip } from '../../../shared/verdict/gate.ts';
import type { Verdict } from '../../../shared/verdict/schema.ts';

export const NOW = Date.parse('2026-03-01T12:00:00.000Z');
export const sweepId = (ordinal: number): string => ordinal.toString(16).padStart(32, '0');

const SIDE = { partitions: 1, covered: 1, rows: 1, unread: [] };

/** Ended at `NOW`, and fresh for an hour if EQUAL. */
export function verdictLike(dataset: string, ordinal: number, verdict: Answer, breaker: Trip | null = null): Verdict {
  const digest = '0'.repeat(64);
  const time = new Date(NOW).toISOString();
  return {
    format: 'parapet-verdict',
    version: 1,
    sweep: sweepId(ordinal),
    verdict,
    reasons: [],
    contract: { dataset, version: 1, sha256: digest, signer: digest, development: false },
    code: digest,
    consistency: 'frozen',
    snapshots: {},
    startedAt: time,
    endedAt: time,
    durationMs: 0,
    ...(verdict === 'EQUAL' ? { freshUntil: new Date(NOW + 3_600_000).toISOString() } : {}),
    coverage: { source: SIDE, target: SIDE, columns: { compared: [], masked: [], notCompared: [] }, filters: [] },
    counts: { source: 1, target: 1 },
    lossy: [],
    tolerated: [],
    drift: null,
    key: { columns: [], unique: { source: 'unknown', target: 'unknown' } },
    listing: 'complete',
    divergences: { missing: 0, extra: 0, changed: 0, list: [] },
    suspects: { found: 0, confirmed: 0, cleared: 0, tolerated: 0, unsettled: 0 },
    buckets: [],
    scans: { source: 1, target: 1 },
    breaker,
  };
}

export function closingOf(dataset: string, trip: OpenTrip): Closing {
  const closedAt = new Date(NOW).toISOString();
  return { dataset, sweep: trip.sweep, trip, closedAt, by: 'somebody', reason: 'the load was repeated' };
}
