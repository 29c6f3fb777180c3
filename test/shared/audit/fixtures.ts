import { generateKeyPairSync, sign } from 'node:crypto';
import { type Checkpoint, sealOrigin, signCheckpoint } from '../../../shared/audit/checkpoint.ts';
import { SealComposer } from '../../../shared/audit/compose-seal.ts';
import { resourceOfRecord } from '../../../shared/audit/entry.ts';
import { encodeSealDocument, type SealDocument } from '../../../shared/audit/seal-document.ts';
import { type AuditEvent, type SegmentPlace, SegmentWriter } from '../../../shared/audit/segment.ts';
import { appendTransition, type Transition } from '../../../shared/audit/transition.ts';
import type { VerifierKey } from '../../../shared/audit/verifier-key.ts';
import { sha256Hex } from '../../../shared/digest.ts';
import type { RunOutcome } from '../../../shared/messages.ts';
import { type Actor, KEYS, type Stage } from '../../../shared/names.ts';
import type { Clock, Signer } from '../../../shared/ports.ts';

export const RUN = '00112233445566778899aabbccddeeff';
export const SEAL_NAME = 'parapet.example/test';
export const ATTEMPT = 'a1a1a1a1a1a1a1a1';

/** Private half included: tests also sign what `signCheckpoint` never would. */
export const SIGNING = generateKeyPairSync('ed25519');
export const KEY: VerifierKey = { publicKey: SIGNING.publicKey };
export const SIGNER: Signer = {
  sign: async (message) => sign(null, message, SIGNING.privateKey),
  publicKey: async () => SIGNING.publicKey.export({ type: 'spki', format: 'der' }),
};

/** A clock that goes on by a millisecond whenever it is asked. */
export function countedClock(start = Date.UTC(2026, 10, 22)): Clock {
  let now = start;
  return { now: () => now++ };
}

export const WHO = { subject: sha256Hex('submitter'), credential: sha256Hex('token') };
export const CONTRACT = { dataset: 'grant-submission', version: 1, sha256: sha256Hex('contract') };

export const ACCEPTED = {
  action: 'submission.accepted',
  outcome: 'allowed',
  resource: 'submission',
  who: WHO,
  source: '192.0.2.7',
  payload: sha256Hex('payload'),
  contract: CONTRACT,
} satisfies AuditEvent;
export const REFUSED = {
  action: 'submission.refused',
  outcome: 'denied',
  resource: 'submission',
  problem: 'payload-truncated',
  who: WHO,
  source: '192.0.2.7',
} satisfies AuditEvent;

export interface Segment {
  readonly key: string;
  readonly versionId: string;
  readonly bytes: Uint8Array;
}

export function write(place: SegmentPlace, key: string, events: readonly AuditEvent[]): Segment {
  const writer = new SegmentWriter(place, countedClock());
  for (const event of events) writer.add(event);
  return { key, versionId: `version of ${key}`, bytes: writer.bytes() };
}

/** A chunk in which `records` came in, of which those in `quarantined` were turned away; egress exports the rest. */
export function chunk(
  stage: Stage,
  index: number,
  records: readonly number[],
  quarantined: readonly number[] = [],
  run = RUN,
): Segment {
  const passed = records.filter((record) => !quarantined.includes(record));
  const events: AuditEvent[] = [
    ...quarantined.map(
      (record): AuditEvent => ({
        action: 'record.quarantined',
        outcome: 'denied',
        resource: resourceOfRecord(record),
        problem: 'field-missing',
        payload: sha256Hex(`record ${record}`),
      }),
    ),
    ...(stage === 'egress' ? passed : []).map(
      (record): AuditEvent => ({
        action: 'record.exported',
        outcome: 'allowed',
        resource: resourceOfRecord(record),
        payload: sha256Hex(`record ${record}`),
      }),
    ),
    {
      action: 'chunk.committed',
      outcome: 'committed',
      resource: `chunk/${index}`,
      attempt: ATTEMPT,
      counts: { received: records.length, passed: passed.length, quarantined: quarantined.length },
      outputs: [
        {
          kind: 'records',
          key: `ingested/${run}/${ATTEMPT}/000000.ndjson`,
          sha256: sha256Hex('chunk'),
          records: passed.length,
          bytes: 1,
        },
      ],
      rules: [CONTRACT.sha256],
      ...(stage === 'processing' ? { path: { engine: 'fallback', packFault: 'deadline' } as const } : {}),
    },
  ];
  return write({ run, stage, chunk: index }, KEYS.auditSegment(stage, run, index), events);
}

export function crossed(stage: Stage, chain: readonly Transition[] = []): Transition[] {
  const time = '2026-11-22T00:00:00.000Z';
  const counts = { received: 0, passed: 0, quarantined: 0 };
  return appendTransition(chain, { stage, attempt: ATTEMPT, began: time, ended: time, rules: [], counts });
}

export function outcome(stage: Actor, events: readonly AuditEvent[], generation = 1, run = RUN): Segment {
  return write({ run, stage }, KEYS.auditOutcome(stage, run, generation), events);
}

export function stageEnded(transition?: Transition): AuditEvent {
  return {
    action: 'stage.ended',
    outcome: 'passed',
    resource: 'stage',
    attempt: ATTEMPT,
    counts: { received: 0, passed: 0, quarantined: 0 },
    ...(transition === undefined ? {} : { transition }),
  };
}

export function runEnded(
  how: RunOutcome,
  [received, exported, quarantined]: readonly [number, number, number],
  generation = 1,
): AuditEvent {
  const counts = { received, exported, quarantined };
  return { action: 'run.ended', outcome: how, resource: 'run', generation, ending: 'completed', counts };
}

/** Five records in two chunks: two are turned away on the way, three are exported. */
export function goodRun(): Segment[] {
  const first = crossed('ingestion');
  const second = crossed('egress', first);
  return [
    chunk('ingestion', 0, [1, 2, 3], [2]),
    chunk('ingestion', 1, [4, 5]),
    outcome('ingestion', [ACCEPTED, stageEnded(first[0])]),
    chunk('processing', 0, [1, 3], [3]),
    chunk('processing', 1, [4, 5]),
    chunk('egress', 0, [1]),
    chunk('egress', 1, [4, 5]),
    outcome('egress', [stageEnded(second[1])]),
    outcome('seal', [runEnded('partly-exported', [5, 3, 2])]),
  ];
}

export interface Sealed {
  readonly checkpoint: string;
  readonly document: string;
  readonly segments: ReadonlyMap<string, Uint8Array>;
}

export async function sealed(segments: readonly Segment[], previous?: SealDocument): Promise<Sealed> {
  const composer = new SealComposer(RUN, previous);
  for (const segment of segments) composer.addSegment(segment, segment.bytes);
  const { document, root } = composer.finish();
  return {
    checkpoint: await signed({ origin: sealOrigin(SEAL_NAME, RUN), size: document.tree.size, root }),
    document: encodeSealDocument(document),
    segments: new Map(segments.map(({ key, bytes }) => [key, bytes])),
  };
}

export function signed(checkpoint: Checkpoint): Promise<string> {
  return signCheckpoint(checkpoint, SEAL_NAME, SIGNER);
}
