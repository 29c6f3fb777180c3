import type { SealRequest, SealResult } from '../../../shared/messages.ts';
import type { ObjectStore, Signer } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import type { FlowPorts } from '../protocol/ports.ts';

export interface SealPorts extends FlowPorts {
  readonly signer: Signer;
  /** C2SP signed-note key name, and the checkpoint's origin. */
  readonly sealName: string;
  /** Deletes by version; reads nothing. */
  readonly landing: ObjectStore;
}

export async function seal(_request: SealRequest, _ports: SealPorts): Promise<SealResult> {
  throw new Problem('not-implemented', { detail: 'seal' });
}
