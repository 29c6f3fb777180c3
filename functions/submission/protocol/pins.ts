import * as z from 'zod/mini';
import { Sha256Hex } from '../../../shared/digest.ts';
import type { ContractSource } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import { openContract, type TrustedContract } from '../../../shared/signature/contract.ts';

const ContractPins = z.record(
  z.string(),
  z.strictObject({
    minimumVersion: z.int().check(z.positive()),
    signers: z.array(Sha256Hex).check(z.minLength(1)),
    allowDevelopmentKeys: z.optional(z.boolean()),
  }),
);

/** Pins as the template sets them. Throws `configuration-invalid`, naming the variable. */
export function parsePins<Schema extends z.ZodMiniType>(schema: Schema, text: string, name: string): z.infer<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new Problem('configuration-invalid', { detail: `${name} does not have the form of pins.` });
  return parsed.data;
}

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
  const pin = parsePins(ContractPins, pins, 'contractPins')[dataset];
  if (pin === undefined) throw new Problem('contract-untrusted', { detail: 'No signer is pinned for this dataset.' });
  return openContract(signed, dataset, {
    signers: pin.signers,
    minimumVersion: pin.minimumVersion,
    allowDevelopmentKeys: pin.allowDevelopmentKeys === true,
  });
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
