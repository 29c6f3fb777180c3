import type { Deployed } from '../deployed/deployed.ts';
import type { Synthesized } from '../templates/synthesized.ts';

/** `not-checked` is neither: nothing here can see it, and the reason says who can. */
export type State = 'pass' | 'fail' | 'not-applicable' | 'not-checked';

export interface Finding {
  readonly state: State;
  readonly because: string;
  /** Logical ids, files, or what was asked. */
  readonly seen: readonly string[];
}

export interface View extends Synthesized {
  /** Of the repository: documents, contracts, results of tests. */
  readonly root: string;
}

export interface Row {
  /** Named by attestations and in `--json`. */
  readonly id: string;
  /** The checklist's own words. */
  readonly item: string;
  /** What the templates and the repository say. */
  readonly judge: (view: View) => Finding;
  /** What the deployed stack itself says, beside its templates. */
  readonly ask?: (deployed: Deployed) => Promise<Finding>;
  /** Whether it is about this repository and its people: what is deployed says nothing of it. */
  readonly ofRepository?: boolean;
  /** Whether somebody may answer by name for what cannot be seen from here. */
  readonly attestable?: boolean;
}

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

const finding =
  (state: State) =>
  (because: string, ...seen: readonly string[]): Finding => ({ state, because, seen });

export const pass = finding('pass');
export const fail = finding('fail');
export const notApplicable = finding('not-applicable');
export const notChecked = finding('not-checked');

/** `fail` with those that are otherwise, or `pass`. */
export function unless(wrong: readonly string[], failed: string, passed: string, seen: readonly string[]): Finding {
  return wrong.length > 0 ? fail(`${failed}: ${wrong.join(', ')}`, ...wrong) : pass(passed, ...seen);
}
