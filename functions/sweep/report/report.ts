/** The last step: the verdict, its page, and the seal over both the log and the verdict. It runs also when the others did not come to an end. */
import type { Clock, Signer } from '../../../shared/ports.ts';
import type { SweepEvent } from '../../../shared/verdict/entries.ts';
import type { Closing } from '../../../shared/verdict/gate.ts';
import type { Verdict } from '../../../shared/verdict/schema.ts';
import { type SealedVerdict, sealVerdict } from '../../../shared/verdict/seal.ts';
import { verdictPage } from './page.ts';
import { type Ending, verdictOf } from './verdict.ts';

export interface ReportPorts {
  readonly signer: Signer;
  /** Name of the seal key. */
  readonly sealName: string;
  readonly clock: Clock;
}

export interface Report extends SealedVerdict {
  readonly verdict: Verdict;
  /** The same as a page. */
  readonly page: string;
}

/** `manifestDigest` where there is a manifest. */
export async function report(
  ending: Ending & { readonly manifestDigest?: string | undefined },
  ports: ReportPorts,
): Promise<Report> {
  const verdict = verdictOf(ending);
  return { verdict, page: verdictPage(verdict), ...(await sealVerdict(verdict, eventsOf(ending, verdict), ports)) };
}

function eventsOf(ending: Ending & { readonly manifestDigest?: string | undefined }, verdict: Verdict): SweepEvent[] {
  const { manifest, manifestDigest, comparison, located } = ending;
  const closed = (ending.closings ?? []).map(closedEvent);
  if (manifest === undefined || manifestDigest === undefined) return closed;
  return [
    ...closed,
    {
      action: 'sweep.planned',
      contract: manifest.contract,
      code: manifest.code,
      partitions: { source: manifest.source.partitions.length, target: manifest.target.partitions.length },
      manifest: manifestDigest,
    },
    ...(comparison?.events ?? []),
    ...(located === undefined ? [] : [{ action: 'sweep.located' as const, ...verdict.suspects }]),
  ];
}

const closedEvent = ({ dataset, sweep, trip, closedAt, by, reason }: Closing): SweepEvent => ({
  action: 'breaker.closed',
  dataset,
  tripped: sweep,
  cause: trip.cause,
  since: trip.since,
  closedAt,
  by,
  reason,
});
