/** The proof as one JSON object. */
import type { Mutation, Proof } from '../proof.ts';
import { matrixOf } from './matrix.ts';

export interface MachineReport {
  readonly parties: readonly { readonly id: string; readonly what: string }[];
  readonly counts: Proof['counts'];
  readonly surprises: Proof['surprises'];
  readonly gaps: readonly string[];
  /** Party → target → actions, everything deployed. What is not here is refused. */
  readonly allowed: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
  readonly mutation?: {
    readonly mutants: number;
    readonly caught: number;
    /** 0 to 1. */
    readonly share: number;
    readonly survivors: readonly {
      readonly statement: string;
      readonly change: string;
      readonly because: string | null;
    }[];
    readonly stale: readonly string[];
  };
}

export function machineReport(proof: Proof, mutation?: Mutation): MachineReport {
  const { parties } = proof.world;
  const rows = matrixOf(proof, 'deployed').filter(({ deviation }) => deviation === undefined);
  const allowed = parties.all.map(({ id }, index) => {
    const own = rows.filter(({ cells }) => cells[index] === 'allowed' || cells[index] === 'open');
    const byTarget = [...Map.groupBy(own, ({ target }) => target)];
    return [
      id,
      Object.fromEntries(byTarget.map(([target, same]) => [target, same.map(({ action }) => action)])),
    ] as const;
  });
  return {
    parties: parties.all.map(({ id, what }) => ({ id, what })),
    counts: proof.counts,
    surprises: proof.surprises,
    gaps: proof.gaps,
    allowed: Object.fromEntries(allowed),
    ...(mutation ? { mutation: mutationReport(mutation) } : {}),
  };
}

function mutationReport({ verdicts, caught, survivors, stale }: Mutation): NonNullable<MachineReport['mutation']> {
  return {
    mutants: verdicts.length,
    caught,
    share: verdicts.length === 0 ? 1 : caught / verdicts.length,
    survivors: survivors.map(({ verdict, because }) => ({
      statement: verdict.mutant.statement,
      change: verdict.mutant.change,
      because: because ?? null,
    })),
    stale,
  };
}
