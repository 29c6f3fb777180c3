import type { StageRequest, StageResult } from '../../../shared/messages.ts';
import type { ContractSource, IdempotencyStore, Ledger, ObjectStore } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import type { FlowPorts, QuarantinePorts } from '../protocol/ports.ts';

export interface ReconciliationPorts extends FlowPorts, QuarantinePorts {
  readonly working: ObjectStore;
  readonly idempotency: IdempotencyStore;
  readonly ledger: Ledger;
  readonly contracts: ContractSource;
  readonly contractPins: string;
}

export async function reconcile(_request: StageRequest, _ports: ReconciliationPorts): Promise<StageResult> {
  throw new Problem('not-implemented', { detail: 'reconciliation' });
}
