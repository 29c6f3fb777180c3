import type { CustodyRequest, CustodyResult } from '../../../shared/messages.ts';
import type { ObjectStore } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import type { FlowPorts, QuarantinePorts } from '../protocol/ports.ts';

export interface CustodianPorts extends FlowPorts, QuarantinePorts {
  readonly working: ObjectStore;
}

export async function keepCustody(_request: CustodyRequest, _ports: CustodianPorts): Promise<CustodyResult> {
  throw new Problem('not-implemented', { detail: 'custody' });
}
