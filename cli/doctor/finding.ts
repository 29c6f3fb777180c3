import type { Deployed } from '../deployed/deployed.ts';
import type { Synthesized } from '../templates/synthesized.ts';

/** `problem`: it will fail, or has. `warning`: it works, and somebody should know. `unasked`: nothing here could see it. */
export type Severity = 'problem' | 'warning' | 'unasked' | 'well';

export interface Finding {
  readonly severity: Severity;
  readonly what: string;
  /** What to do about it; nothing where it is well. */
  readonly remedy?: string;
}

export interface Check<On> {
  readonly id: string;
  readonly title: string;
  readonly look: (on: On) => readonly Finding[] | Promise<readonly Finding[]>;
}
export type CheckBefore = Check<Synthesized>;
export type CheckAfter = Check<Deployed>;

export interface Diagnosis extends Finding {
  readonly check: string;
}

export const well = (what: string): Finding => ({ severity: 'well', what });
export const problem = (what: string, remedy: string): Finding => ({ severity: 'problem', what, remedy });
export const warning = (what: string, remedy: string): Finding => ({ severity: 'warning', what, remedy });
export const unasked = (what: string, remedy: string): Finding => ({ severity: 'unasked', what, remedy });

/** `1 key`, `2 keys`, `1 policy`: `names` is the plural. */
export const counted = (count: number, names: string): string =>
  `${count} ${count === 1 ? names.replace(/ies$/, 'y').replace(/s$/, '') : names}`;

/** The findings, or the one that says that there are none. */
export const orWell = (found: readonly Finding[], what: string): readonly Finding[] =>
  found.length > 0 ? found : [well(what)];

export async function diagnose<On>(checks: readonly Check<On>[], on: On): Promise<Diagnosis[]> {
  const found: Diagnosis[] = [];
  for (const { id, look } of checks) found.push(...(await look(on)).map((each) => ({ check: id, ...each })));
  return found;
}
