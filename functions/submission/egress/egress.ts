import { resourceOfRecord } from '../../../shared/audit/entry.ts';
import type { AuditEvent } from '../../../shared/audit/segment.ts';
import type { Contract } from '../../../shared/contract/schema.ts';
import type { StageRequest, StageResult } from '../../../shared/messages.ts';
import type { ContractSource, DestinationSource, ObjectStore } from '../../../shared/ports.ts';
import type { FieldProblem } from '../../../shared/problem.ts';
import { type BoundaryPorts, type ChunkWorker, crossBoundary, rejectionOf, type Sorted } from '../protocol/boundary.ts';
import { crossed } from '../protocol/handover.ts';
import type { Attempt } from '../protocol/lease.ts';
import type { ChunkReference, Manifest } from '../protocol/manifest.ts';
import { loadSameContract } from '../protocol/pins.ts';
import type { Rejection } from '../protocol/quarantine.ts';
import { recordDigest, type WorkingRecord } from '../protocol/working-record.ts';
import { deliver, deliverManifests, type Part } from './delivery.ts';
import { Destinations } from './destinations.ts';
import { columnsOf, exportRow } from './export-record.ts';
import { Resolver, type ResolverPorts } from './resolver.ts';

export interface EgressPorts extends BoundaryPorts, ResolverPorts {
  readonly destinations: DestinationSource;
  readonly exports: ObjectStore;
  readonly contracts: ContractSource;
  readonly contractPins: string;
}

/**
 * The last boundary: the one place where tokens are resolved (requirement B22), and only for a registered destination. What
 * leaves is on the contract's list; what cannot be resolved or delivered is turned away like any other record.
 */
export function exportRecords(request: StageRequest, ports: EgressPorts): Promise<StageResult> {
  return crossBoundary('egress', request, ports, (manifest, attempt) =>
    prepare(ports, manifest, attempt, request.submission ?? attempt.run),
  );
}

async function prepare(
  ports: EgressPorts,
  manifest: Manifest,
  attempt: Attempt,
  submission: string,
): Promise<ChunkWorker> {
  const { contract, sha256 } = await loadSameContract(ports, manifest.origin.contract);
  const destinations = new Destinations(ports.destinations, contract.dataset);
  return {
    events: [],
    sort: (chunk, records) =>
      sort(ports, { contract, sha256, destinations, run: attempt.run, submission }, chunk, records),
    finish: async (commits, counts) => {
      await deliverManifests(ports.exports, contract, attempt.run, commits);
      const crossing = { counts, rules: [sha256], transitions: manifest.transitions };
      const transition = crossed(attempt, crossing, ports.clock).at(-1);
      return transition === undefined ? {} : { transition };
    },
  };
}

async function sort(
  ports: EgressPorts,
  {
    contract,
    sha256,
    destinations,
    run,
    submission,
  }: {
    readonly contract: Contract;
    readonly sha256: string;
    readonly destinations: Destinations;
    readonly run: string;
    readonly submission: string;
  },
  chunk: ChunkReference,
  records: WorkingRecord[],
): Promise<Sorted> {
  await destinations.learn(records.map((record) => grantorOf(record, contract)));
  using resolver = await Resolver.open(ports, { vault: chunk.vault, submission }, contract, records);
  const columns = columnsOf(contract);
  const parts = new Map<string, Part>();
  const rejections: Rejection[] = [];
  const events: AuditEvent[] = [];
  for (const record of records) {
    const destination = destinations.of(grantorOf(record, contract));
    const resolved = destination && resolver.resolve(record);
    const digest = recordDigest(record.fields);
    if (destination === undefined) rejections.push(rejectionOf(record, [unregistered(contract)], digest));
    else if (resolved === undefined) rejections.push(rejectionOf(record, [unresolvable(contract)], digest));
    else {
      const part = parts.get(destination.name) ?? { destination, rows: [] };
      part.rows.push(exportRow(columns, resolved, record.derived));
      parts.set(destination.name, part);
      events.push({
        action: 'record.exported',
        outcome: 'allowed',
        resource: resourceOfRecord(record.record),
        payload: digest,
      });
    }
  }
  const outputs = await deliver(ports.exports, columns, run, chunk.index, parts.values());
  return { passed: events.length, rejections, outputs, events, rules: [sha256] };
}

function grantorOf({ fields }: WorkingRecord, { tenant }: Contract): string {
  return String(fields[tenant]);
}

function unregistered({ tenant }: Contract): FieldProblem {
  return { code: 'destination-unregistered', pointer: `/${tenant}`, rule: 'destinations' };
}

function unresolvable({ subject }: Contract): FieldProblem {
  return { code: 'token-unresolvable', pointer: `/${subject}`, rule: 'vault' };
}
