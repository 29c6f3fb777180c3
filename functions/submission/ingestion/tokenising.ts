import type { CompiledContract } from '../../../shared/contract/compiled.ts';
import type { ContractRecord } from '../../../shared/contract/schema.ts';
import type { VaultSegmentBuilder } from '../../../shared/envelope/vault.ts';
import { Problem } from '../../../shared/problem.ts';
import type { Tokeniser } from '../../../shared/token/tokeniser.ts';

/**
 * The record as it goes on: each personal value replaced by its token (requirement B04), and kept in the vault under the
 * data subject's own key.
 */
export function tokenise(
  value: ContractRecord,
  { contract, personal }: CompiledContract,
  tokeniser: Tokeniser,
  vault: VaultSegmentBuilder,
): ContractRecord {
  const tenant = required(value, contract.tenant);
  const subject = tokeniser.subject(contract.subject, required(value, contract.subject));
  const tokens: Record<string, string> = {};
  for (const field of personal) {
    const text = textOf(value, field);
    if (text === undefined) continue;
    const token = tokeniser.token(tenant, field, text);
    vault.put(subject, token, { tenant, field }, text);
    tokens[field] = token;
  }
  return { ...value, ...tokens };
}

function required(value: ContractRecord, field: string): string {
  const text = textOf(value, field);
  // The contract's parser demands that tenant and subject are required fields.
  if (text === undefined)
    throw new Problem('internal-failure', { detail: 'An accepted record lacks a required field.' });
  return text;
}

/** A text as it is; a number or boolean as JSON has it, by which egress reads it back as what the contract says it is. */
function textOf(value: ContractRecord, field: string): string | undefined {
  const found = value[field];
  return found === undefined || found === null ? undefined : String(found);
}
