/** What may be said of a verdict to a person: the command line and the page say the same, and neither shows as known what is not. */
import { SIDES, type SideName } from '../equivalence/relation.ts';
import type { ReasonCode } from './reasons.ts';
import type { Verdict } from './schema.ts';

/** `unknown`: the sweep did not get so far, or could name no row. `least`: there may be more. */
export type Extent = 'unknown' | 'least' | 'exact';

export function extentOf({ drift, listing, divergences }: Verdict): Extent {
  const { missing, extra, changed } = divergences;
  if (drift === null) return 'unknown';
  if (listing === 'complete') return 'exact';
  return missing + extra + changed === 0 ? 'unknown' : 'least';
}

/** Whether a side got a plan; before that no row of it was read, and 0 would be no number of rows. */
export const wasPlanned = ({ coverage }: Verdict, side: SideName): boolean => coverage[side].partitions > 0;

/** Reasons of suspects that were read again, and did not settle anything. */
const AFTER_READING: ReadonlySet<ReasonCode> = new Set([
  'unstable-read',
  'residue-undecoded',
  'suspect-unsettled',
  'tolerance-undecided',
]);

/** Why suspects were not read again, or not all of them; undefined where they were, or where there are none. */
export function unreadBecause(verdict: Verdict): string | undefined {
  const { suspects, breaker, reasons, key, snapshots } = verdict;
  if (suspects.found === 0) return undefined;
  if (breaker !== null) return 'The breaker tripped: suspects were not read again';
  if (reasons.some(({ code }) => !AFTER_READING.has(code))) return 'Not every suspect could be read again';
  const frozen = SIDES.every((side) => snapshots[side]?.consistency === 'frozen');
  if (key.columns.length === 0 && frozen) return 'Rows without a key are counted, and were not read again';
  return undefined;
}

/** What that does to the rows that are listed. */
export function unreadText(verdict: Verdict): string | undefined {
  const why = unreadBecause(verdict);
  if (why === undefined || verdict.divergences.list.length === 0) return undefined;
  return `${why}, so a changed row may stand as one missing and one extra, and columns are not named.`;
}

/** Whether the list says all that the estimate could, and more exactly. */
export const isListedWhole = (verdict: Verdict): boolean =>
  extentOf(verdict) === 'exact' && unreadBecause(verdict) === undefined;
