import type { StageRequest, StageResult } from '../../../shared/messages.ts';
import { KEYS } from '../../../shared/names.ts';
import type { ContractSource, IdempotencyStore, Ledger } from '../../../shared/ports.ts';
import { type BoundaryPorts, type ChunkWorker, crossBoundary, refusing, rejectionOf } from '../protocol/boundary.ts';
import { referenceTo, writeChunk } from '../protocol/chunks.ts';
import { accepted } from '../protocol/entries.ts';
import { handOver } from '../protocol/handover.ts';
import type { Attempt } from '../protocol/lease.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { loadSameContract } from '../protocol/pins.ts';
import type { Rejection } from '../protocol/quarantine.ts';
import { recordDigest, type WorkingRecord } from '../protocol/working-record.ts';
import { admit } from './admission.ts';
import { crossReference } from './cross-reference.ts';
import { ReferenceReader } from './reference-data.ts';

export interface ReconciliationPorts extends BoundaryPorts {
  readonly idempotency: IdempotencyStore;
  readonly ledger: Ledger;
  readonly contracts: ContractSource;
  readonly contractPins: string;
}

/**
 * The second boundary: may this submission be made (scopes, then idempotency), and does each record agree with the
 * ledger. It sees tokens where a person's data was, and cannot write the ledger.
 */
export function reconcile(request: StageRequest, ports: ReconciliationPorts): Promise<StageResult> {
  return crossBoundary('reconciliation', request, ports, (manifest, attempt) => prepare(ports, manifest, attempt));
}

async function prepare(ports: ReconciliationPorts, manifest: Manifest, attempt: Attempt): Promise<ChunkWorker> {
  const { origin } = manifest;
  const { contract, sha256 } = await loadSameContract(ports, origin.contract);
  const window = { hours: contract.submission.idempotencyWindowHours, nowMs: ports.clock.now() };
  const refusal = await admit(origin, ports.idempotency, window);
  if (refusal !== undefined) return refusing(manifest, refusal, 'submission', ({ fields }) => recordDigest(fields));

  const reader = new ReferenceReader(ports.ledger, contract);
  return {
    events: [accepted(origin)],
    sort: async ({ index }, records) => {
      const reference = await reader.of(records);
      const passed: WorkingRecord[] = [];
      const rejections: Rejection[] = [];
      for (const record of records) {
        const errors = crossReference(record, contract, reference);
        if (errors.length === 0) passed.push(record);
        else rejections.push(rejectionOf(record, errors, recordDigest(record.fields)));
      }
      const key = KEYS.chunk('reconciliation', attempt.run, attempt.attempt, index);
      const outputs = await writeChunk(ports.working, key, passed);
      return { passed: passed.length, rejections, outputs, rules: [sha256] };
    },
    finish: (commits, counts) => {
      const chunks = manifest.chunks.flatMap(({ index, vault }) => {
        const commit = commits.get(index);
        return commit === undefined ? [] : (referenceTo(commit, vault) ?? []);
      });
      const crossing = { counts, rules: [sha256], transitions: manifest.transitions };
      return handOver(ports, { ...attempt, stage: 'reconciliation' }, origin, chunks, crossing);
    },
  };
}
