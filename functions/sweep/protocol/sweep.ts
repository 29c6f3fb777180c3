/** What every step after the first begins with: the manifest, and the very contract under which it was made. */
import type { ContractSource } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import { openEquivalence, type TrustedEquivalence } from '../../../shared/signature/equivalence.ts';
import { trustOf } from '../../../shared/signature/pins.ts';
import { decodeManifest, type SweepManifest } from './manifest.ts';
import { SWEEP_KEYS, type SweepStore } from './ports.ts';

export interface ContractPorts {
  readonly contracts: ContractSource;
  /** JSON, as the template sets it. */
  readonly contractPins: string;
}

export interface StepPorts extends ContractPorts {
  /** Digest of the code that runs. */
  readonly code: string;
}

/** A deployment may replace the functions of a sweep that runs. Throws Problem('code-changed'). */
export function demandSameCode({ manifest }: PlannedSweep, code: string): void {
  if (manifest.code !== code) throw new Problem('code-changed');
}

/** Throws `contract-unknown` when there is none, `contract-untrusted` when it is not what the pins ask for. */
export async function findContract(dataset: string, ports: ContractPorts, version?: number) {
  const trust = trustOf(ports.contractPins, dataset);
  const signed = await ports.contracts.find(dataset, version);
  if (signed === undefined) throw new Problem('contract-unknown');
  return { signed, trust, trusted: openEquivalence(signed, dataset, trust) };
}

export interface PlannedSweep {
  readonly manifest: SweepManifest;
  /** The manifest's exact bytes. */
  readonly bytes: Uint8Array;
  readonly trusted: TrustedEquivalence;
}

export async function loadPlanned(
  request: { readonly dataset: string },
  store: SweepStore,
  ports: ContractPorts,
): Promise<PlannedSweep | undefined> {
  const bytes = await store.read(SWEEP_KEYS.manifest);
  if (bytes === undefined) return undefined;
  const manifest = decodeManifest(bytes);
  const { version, sha256 } = manifest.contract;
  const { trusted } = await findContract(request.dataset, ports, version);
  if (trusted.sha256 !== sha256) {
    throw new Problem('contract-untrusted', { detail: 'The contract has changed under its version.' });
  }
  return { manifest, bytes, trusted };
}

export async function requirePlanned(...args: Parameters<typeof loadPlanned>): Promise<PlannedSweep> {
  const planned = await loadPlanned(...args);
  if (planned === undefined) throw new Problem('not-found', { detail: 'The sweep has no manifest.' });
  return planned;
}
