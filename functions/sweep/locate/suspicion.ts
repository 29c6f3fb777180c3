import { type Examined, standingOf } from '../../../shared/verdict/reading.ts';
import type { Difference, Suspect } from '../../../shared/verdict/suspects.ts';

export type Outcome = 'open' | 'cleared' | 'tolerated' | 'confirmed';

/** One suspect, over as many readings as it takes. */
export class Suspicion {
  readonly suspect: Suspect;
  outcome: Outcome = 'open';
  /** What the last reading gave; undefined before the first. */
  examined: Examined | undefined;
  /** How many rows had the key then. */
  rows: { readonly source: number; readonly target: number } | undefined;
  #before: Difference;
  #complete: boolean;

  /** `complete`: whether the sketch decoded to its end, so that there is no more to this suspect than was found. */
  constructor(suspect: Suspect, complete: boolean) {
    this.suspect = suspect;
    this.#before = suspect.difference;
    this.#complete = complete;
  }

  read(examined: Examined, rows?: { readonly source: number; readonly target: number }): void {
    const standing = standingOf({ difference: this.#before, complete: this.#complete }, examined);
    this.examined = examined;
    this.rows = rows;
    this.outcome = standing === 'moving' ? 'open' : standing;
    // What was read last is all there was to it, whatever the sketch said.
    this.#before = examined.difference;
    this.#complete = true;
  }
}
