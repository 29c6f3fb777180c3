/** Pins as the template sets them in a function's environment: who may have signed what. */
import * as z from 'zod/mini';
import { Sha256Hex } from '../digest.ts';
import { Problem } from '../problem.ts';
import type { ContractTrust } from './contract.ts';

const ContractPins = z.record(
  z.string(),
  z.strictObject({
    minimumVersion: z.int().check(z.positive()),
    signers: z.array(Sha256Hex).check(z.minLength(1)),
    allowDevelopmentKeys: z.optional(z.boolean()),
  }),
);

/** Throws `configuration-invalid`, naming the variable. */
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

/** Throws `contract-untrusted` when nobody is pinned for the dataset. */
export function trustOf(pins: string, dataset: string): ContractTrust {
  const pin = parsePins(ContractPins, pins, 'contractPins')[dataset];
  if (pin === undefined) throw new Problem('contract-untrusted', { detail: 'No signer is pinned for this dataset.' });
  return {
    signers: pin.signers,
    minimumVersion: pin.minimumVersion,
    allowDevelopmentKeys: pin.allowDevelopmentKeys === true,
  };
}
