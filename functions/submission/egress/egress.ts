import type { StageRequest, StageResult } from '../../../shared/messages.ts';
import type {
  ContractSource,
  DestinationSource,
  KeyService,
  ObjectStore,
  SubjectKeyStore,
} from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import type { FlowPorts, QuarantinePorts } from '../protocol/ports.ts';

export interface EgressPorts extends FlowPorts, QuarantinePorts {
  readonly working: ObjectStore;
  readonly vault: ObjectStore;
  readonly vaultKey: KeyService;
  readonly subjectKeys: SubjectKeyStore;
  readonly destinations: DestinationSource;
  readonly exports: ObjectStore;
  readonly contracts: ContractSource;
  readonly contractPins: string;
}

export async function exportRecords(_request: StageRequest, _ports: EgressPorts): Promise<StageResult> {
  throw new Problem('not-implemented', { detail: 'egress' });
}
