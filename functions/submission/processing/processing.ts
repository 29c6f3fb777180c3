import type { StageRequest, StageResult } from '../../../shared/messages.ts';
import type { ContractSource, ObjectStore, RulePackSource } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import type { FlowPorts, QuarantinePorts } from '../protocol/ports.ts';

export interface ProcessingPorts extends FlowPorts, QuarantinePorts {
  readonly working: ObjectStore;
  readonly rulePacks: RulePackSource;
  readonly rulePackPins: string;
  readonly contracts: ContractSource;
  readonly contractPins: string;
}

export async function processRecords(_request: StageRequest, _ports: ProcessingPorts): Promise<StageResult> {
  throw new Problem('not-implemented', { detail: 'processing' });
}
