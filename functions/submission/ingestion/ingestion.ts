import type { StageRequest, StageResult } from '../../../shared/messages.ts';
import type {
  ContractSource,
  CredentialStore,
  IssuerSource,
  KeyService,
  ObjectStore,
  SecretSource,
  SubjectKeyStore,
} from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import type { FlowPorts, QuarantinePorts } from '../protocol/ports.ts';

export interface IngestionPorts extends FlowPorts, QuarantinePorts {
  /** Part of the audience of submission tokens: `parapet:<deployment>`. */
  readonly deployment: string;
  readonly landing: ObjectStore;
  readonly working: ObjectStore;
  readonly vault: ObjectStore;
  readonly vaultKey: KeyService;
  readonly subjectKeys: SubjectKeyStore;
  readonly credentials: CredentialStore;
  readonly issuers: IssuerSource;
  readonly contracts: ContractSource;
  readonly contractPins: string;
  readonly salts: SecretSource;
}

export async function ingest(_request: StageRequest, _ports: IngestionPorts): Promise<StageResult> {
  throw new Problem('not-implemented', { detail: 'ingestion' });
}
