/** What compare hands to locate and report. */
import type { DecodedItem } from '../../../shared/sketch/decoded.ts';
import type { Trip } from '../../../shared/verdict/breaker.ts';
import type { Compared } from '../../../shared/verdict/decide.ts';
import type { Drift } from '../../../shared/verdict/drift.ts';
import type { SweepEvent } from '../../../shared/verdict/entries.ts';
import type { SideCoverage } from '../../../shared/verdict/schema.ts';
import type { ColumnCounts } from '../engines/engine.ts';

export interface Comparison {
  readonly coverage: { readonly source: SideCoverage; readonly target: SideCoverage };
  readonly changed: { readonly source: readonly ColumnCounts[]; readonly target: readonly ColumnCounts[] };
  /** Some keys of the source, spread over its rows: payload. */
  readonly keySample: readonly Uint8Array[];
  /** Undefined while a partition is missing. */
  readonly outcome: ComparedSides | undefined;
  readonly events: readonly SweepEvent[];
}

export interface ComparedSides extends Compared {
  readonly fingerprints: { readonly source: string; readonly target: string };
  readonly items: readonly DecodedItem[];
  readonly drift: Drift;
  readonly trip: Trip | undefined;
}
