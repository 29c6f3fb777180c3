import type { ContractSource } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import { openContract, type TrustedContract } from '../../../shared/signature/contract.ts';
import { trustOf } from '../../../shared/signature/pins.ts';

/**
 * The contract of a dataset, verified against the template's pins (requirement S09). Throws `contract-unknown` when there is
 * none, `contract-untrusted` when nobody pinned it or what is registered is not what the pins ask for.
 */
export async function loadContract(
  source: ContractSource,
  pins: string,
  dataset: string,
  version?: number,
): Promise<TrustedContract> {
  const signed = await source.find(dataset, version);
  if (signed === undefined) throw new Problem('contract-unknown');
  return openContract(signed, dataset, trustOf(pins, dataset));
}

/** The very contract that the boundaries before judged by. */
export async function loadSameContract(
  ports: { readonly contracts: ContractSource; readonly contractPins: string },
  origin: { readonly dataset: string; readonly version: number; readonly sha256: string },
): Promise<TrustedContract> {
  const trusted = await loadContract(ports.contracts, ports.contractPins, origin.dataset, origin.version);
  if (trusted.sha256 !== origin.sha256 || trusted.contract.version !== origin.version) {
    throw new Problem('contract-untrusted', { detail: 'The contract has changed under its version.' });
  }
  return trusted;
}
