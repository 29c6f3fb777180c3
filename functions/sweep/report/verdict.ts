/** Puts together what the steps found, in whatever step the sweep ended. */
import { comparedColumns, SIDES, type SideName } from '../../../shared/equivalence/relation.ts';
import type { Equivalence } from '../../../shared/equivalence/schema.ts';
import { DEVELOPMENT_KEYS } from '../../../shared/signature/development.ts';
import type { TrustedEquivalence } from '../../../shared/signature/equivalence.ts';
import type { Trip } from '../../../shared/verdict/breaker.ts';
import { type Confirmation, decide } from '../../../shared/verdict/decide.ts';
import type { Closing } from '../../../shared/verdict/gate.ts';
import { gathered, type Reason } from '../../../shared/verdict/reasons.ts';
import type { DivergenceKind, SideCoverage, Verdict } from '../../../shared/verdict/schema.ts';
import type { Comparison } from '../protocol/comparison.ts';
import type { Located } from '../protocol/located.ts';
import type { SweepManifest } from '../protocol/manifest.ts';
import { lossyCounts } from './lossy.ts';

/** Everything that is known when the sweep ends. What a step did not come to is absent. */
export interface Ending {
  readonly sweep: string;
  readonly trusted: TrustedEquivalence;
  readonly code: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly failures: readonly Reason[];
  readonly manifest?: SweepManifest | undefined;
  readonly comparison?: Comparison | undefined;
  readonly located?: Located | undefined;
  /** Why nobody read the suspects again, where there is no `located` and they should have been. */
  readonly unread?: readonly Reason[] | undefined;
  /** In mid-run; a trip by drift stands in the comparison. */
  readonly trip?: Trip | undefined;
  /** Of earlier trips, without which the sweep might not have begun. */
  readonly closings?: readonly Closing[] | undefined;
}

const NOTHING: SideCoverage = { partitions: 0, covered: 0, rows: 0, unread: [] };

export function verdictOf(ending: Ending): Verdict {
  const { trusted, manifest, comparison, located } = ending;
  const { contract } = trusted;
  const outcome = comparison?.outcome;
  const trip = ending.trip ?? outcome?.trip;
  const failures = gathered(ending.failures);
  const { answer, reasons } = decide({
    frozen: manifest?.frozen === true,
    tolerant: contract.columns.some(({ tolerance }) => tolerance !== undefined),
    failures,
    compared: outcome,
    trip: outcome?.trip,
    confirmation: confirmationOf(ending),
  });
  const coverage = comparison?.coverage ?? { source: planned(manifest, 'source'), target: planned(manifest, 'target') };
  const list = located?.divergences ?? [];
  const total = (kind: DivergenceKind): number =>
    list.reduce((sum, divergence) => sum + (divergence.kind === kind ? divergence.times : 0), 0);
  return {
    format: 'parapet-verdict',
    version: 1,
    sweep: ending.sweep,
    verdict: answer,
    reasons: [...reasons],
    contract: {
      dataset: contract.dataset,
      version: contract.version,
      sha256: trusted.sha256,
      signer: trusted.signer,
      development: DEVELOPMENT_KEYS.has(trusted.signer),
    },
    code: ending.code,
    consistency: SIDES.every((side) => contract[side].consistency === 'frozen') ? 'frozen' : 'settled',
    snapshots:
      manifest === undefined ? {} : { source: snapshot(manifest, 'source'), target: snapshot(manifest, 'target') },
    startedAt: new Date(ending.startedAt).toISOString(),
    endedAt: new Date(ending.endedAt).toISOString(),
    durationMs: Math.max(0, Math.round(ending.endedAt - ending.startedAt)),
    ...(answer === 'EQUAL' ? { freshUntil: freshUntil(contract, ending.startedAt) } : {}),
    coverage: { ...coverage, columns: columnsOf(contract, manifest), filters: filtersOf(contract) },
    counts: outcome?.counts ?? { source: coverage.source.rows, target: coverage.target.rows },
    ...(outcome === undefined ? {} : { fingerprints: outcome.fingerprints }),
    lossy: comparison === undefined ? [] : lossyCounts(contract, comparison.changed),
    tolerated: located?.tolerated ?? [],
    drift: outcome?.drift ?? null,
    key: { columns: [...contract.key], unique: located?.unique ?? uniqueness(manifest) },
    listing: outcome === undefined ? 'none' : outcome.complete && !abandoned(ending) ? 'complete' : 'partial',
    divergences: { missing: total('missing'), extra: total('extra'), changed: total('changed'), list: [...list] },
    suspects: located?.suspects ?? { found: 0, confirmed: 0, cleared: 0, tolerated: 0, unsettled: 0 },
    buckets: [...(located?.buckets ?? [])],
    scans: scansOf(comparison, located),
    breaker: trip ?? null,
  };
}

function confirmationOf({ located, unread = [] }: Ending): Confirmation | undefined {
  if (located === undefined) {
    return unread.length === 0 ? undefined : { confirmed: 0, unsettled: 0, unstable: 0, failures: unread };
  }
  const { suspects, unstable, failures } = located;
  return { confirmed: suspects.confirmed, unsettled: suspects.unsettled, unstable, failures };
}

/** Whether suspects were left that nobody could tell about. */
function abandoned({ located, comparison }: Ending): boolean {
  if (comparison?.outcome?.equal === true) return false;
  return located === undefined || located.suspects.unsettled > 0;
}

function planned(manifest: SweepManifest | undefined, side: SideName): SideCoverage {
  if (manifest === undefined) return NOTHING;
  const partitions = manifest[side].partitions.length;
  return { partitions, covered: 0, rows: 0, unread: Array.from({ length: partitions }, (_, index) => index) };
}

const snapshot = (manifest: SweepManifest, side: SideName) => ({
  consistency: manifest[side].consistency,
  position: manifest[side].position,
});

/** What was read first is as old as the sweep, also where one was taken up again. */
function freshUntil({ freshHours }: Equivalence, startedAt: number): string {
  return new Date(startedAt + freshHours * 3_600_000).toISOString();
}

function columnsOf(contract: Equivalence, manifest: SweepManifest | undefined): Verdict['coverage']['columns'] {
  const compared = comparedColumns(contract);
  return {
    compared: compared.map(({ name }) => name),
    masked: compared.filter(({ mask }) => mask === 'token').map(({ name }) => name),
    notCompared: [...(manifest?.notCompared ?? [])],
  };
}

function filtersOf(contract: Equivalence): string[] {
  return [
    ...(contract.filters ?? []).map(({ column }) => column),
    ...SIDES.flatMap((side) => (contract[side].filters ?? []).map(({ name }) => name)),
  ];
}

function uniqueness(manifest: SweepManifest | undefined): Verdict['key']['unique'] {
  return { source: manifest?.source.unique ?? 'unknown', target: manifest?.target.unique ?? 'unknown' };
}

function scansOf(comparison: Comparison | undefined, located: Located | undefined): Verdict['scans'] {
  const first = comparison === undefined ? 0 : 1;
  return { source: first + (located?.scans.source ?? 0), target: first + (located?.scans.target ?? 0) };
}
