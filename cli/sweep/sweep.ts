/** A whole sweep on this machine: the steps that Step Functions runs in AWS, one after the other. */
import { compare } from '../../functions/sweep/compare/compare.ts';
import { locate } from '../../functions/sweep/locate/locate.ts';
import { newSweepId, type Planned, type PlanRequest, plan } from '../../functions/sweep/plan/plan.ts';
import type { Located } from '../../functions/sweep/protocol/located.ts';
import type { OpenEndpoint, SweepStore } from '../../functions/sweep/protocol/ports.ts';
import { schemaDigest } from '../../functions/sweep/protocol/schema-digest.ts';
import { type Report, report } from '../../functions/sweep/report/report.ts';
import type { Ending } from '../../functions/sweep/report/verdict.ts';
import { SIDES } from '../../shared/equivalence/relation.ts';
import type { Equivalence } from '../../shared/equivalence/schema.ts';
import type { Clock, KeyService, Signer } from '../../shared/ports.ts';
import { type Reason, reason, reasonOf } from '../../shared/verdict/reasons.ts';
import { type FanOutProgress, fanOut, type Lane } from './fan-out.ts';
import { random } from './local-keys.ts';

export type SweepRequest = Omit<PlanRequest, 'sweep'>;

export interface SweepProgress extends FanOutProgress {
  planned(partitions: number, rows: number): void;
  step(name: 'planning' | 'hashing' | 'comparing' | 'locating' | 'reporting'): void;
}

export interface SweepPorts {
  readonly open: OpenEndpoint;
  readonly store: SweepStore;
  readonly keys: KeyService;
  readonly clock: Clock;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** `rows`: what statistics promise of both sides; undefined where they promise nothing. */
  readonly lanes: (contract: Equivalence, rows: number | undefined) => readonly Lane[];
  readonly code: string;
  readonly signer: Signer;
  readonly sealName: string;
  readonly signal: AbortSignal;
  readonly progress: SweepProgress;
}

type Ready = Extract<Planned, { readonly ready: true }>;
type Found = Pick<Ending, 'failures' | 'comparison' | 'located' | 'trip'>;

/** Throws the problems after which nothing may run (a contract that is not trusted, one place named twice); all else is in the verdict. */
export async function sweep(request: SweepRequest, ports: SweepPorts): Promise<Report> {
  const startedAt = ports.clock.now();
  const id = newSweepId();
  ports.progress.step('planning');
  const planned = await plan({ ...request, sweep: id }, { ...ports, random });
  const ending = { sweep: id, trusted: planned.trusted, code: ports.code, startedAt };
  if (!planned.ready) {
    const { failures } = planned;
    return report({ ...ending, failures, endedAt: ports.clock.now() }, ports);
  }
  const { manifest, digest: manifestDigest } = planned;
  try {
    const found = await find(planned, ports);
    ports.progress.step('reporting');
    return await report({ ...ending, ...found, manifest, manifestDigest, endedAt: ports.clock.now() }, ports);
  } finally {
    await Promise.allSettled(SIDES.map((side) => planned.engines[side].close()));
  }
}

async function find(planned: Ready, ports: SweepPorts): Promise<Found> {
  const { manifest, trusted } = planned;
  const { contract } = trusted;
  const { failures, trip } = await hashAll(planned, ports);
  ports.progress.step('comparing');
  const changed = failures.length > 0 ? [] : await changedSchemas(planned);
  const comparison = await compare(manifest, contract.breaker, ports);
  const found = { failures: [...failures, ...changed], trip, comparison };
  const { outcome } = comparison;
  if (found.failures.length > 0 || outcome === undefined || outcome.equal || isEmpty(outcome.counts)) return found;
  ports.progress.step('locating');
  const located: Located = await locate(
    {
      contract,
      manifest,
      items: outcome.items,
      complete: outcome.complete,
      keySample: comparison.keySample,
      read: outcome.trip === undefined,
    },
    {
      open: (side) => {
        const { share } = manifest[side];
        return ports.open(side, contract[side], share === undefined ? {} : { share });
      },
      keys: ports.keys,
      wait: ports.wait,
    },
  );
  return { ...found, located };
}

const isEmpty = ({ source, target }: { readonly source: number; readonly target: number }): boolean =>
  source === 0 || target === 0;

async function hashAll({ manifest, trusted: { contract } }: Ready, ports: SweepPorts) {
  const { progress } = ports;
  const partitions = SIDES.flatMap((side) => manifest[side].partitions);
  const rows = partitions.reduce((sum, { estimatedRows }) => sum + estimatedRows, 0);
  progress.planned(partitions.length, rows);
  progress.step('hashing');
  const lanes = ports.lanes(contract, partitions.every(({ estimatedRows }) => estimatedRows > 0) ? rows : undefined);
  try {
    return await fanOut({ ...ports, manifest, lanes, rules: contract.breaker });
  } finally {
    await Promise.allSettled(lanes.map((lane) => lane.end()));
  }
}

/** Columns of settled sides may have changed after the last partition was opened: what was read before is of another relation then. */
async function changedSchemas({ manifest, engines }: Ready): Promise<Reason[]> {
  const found: Reason[] = [];
  for (const side of SIDES) {
    const { schema, consistency } = manifest[side];
    if (schema === undefined || consistency === 'frozen') continue;
    try {
      if (schemaDigest(await engines[side].schema()) !== schema) found.push(reason('schema-changed', { side }));
    } catch (error) {
      found.push(reasonOf(error, 'reading', side));
    }
  }
  return found;
}
