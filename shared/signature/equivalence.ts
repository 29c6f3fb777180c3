/** Opens the signed contract of a sweep, as contract.ts opens the one of a submission. */
import { sha256Hex } from '../digest.ts';
import { parseEquivalence } from '../equivalence/parse.ts';
import type { Equivalence } from '../equivalence/schema.ts';
import type { SignedText } from '../ports.ts';
import { Problem } from '../problem.ts';
import type { ContractTrust } from './contract.ts';
import { DOCUMENT_TYPES } from './detached.ts';
import { verifyDetached } from './verify.ts';

export interface TrustedEquivalence {
  readonly contract: Equivalence;
  /** SHA-256 (hex) of the document's exact bytes: the contract digest of a verdict. */
  readonly sha256: string;
  /** Id of the key that signed it. */
  readonly signer: string;
}

/**
 * Verifies and parses. Throws Problem('contract-untrusted') when the signature, the version or the dataset is not what the pins ask for,
 * Problem('configuration-invalid') when a trusted document is no valid contract.
 */
export function openEquivalence(
  { text, signature }: SignedText,
  dataset: string,
  trust: ContractTrust,
): TrustedEquivalence {
  const signer = verifyDetached(text, DOCUMENT_TYPES.equivalence, signature, trust);
  const contract = parseEquivalence(text);
  if (contract.dataset !== dataset) {
    throw new Problem('contract-untrusted', { detail: 'The contract is for another dataset.' });
  }
  if (contract.version < trust.minimumVersion) {
    throw new Problem('contract-untrusted', { detail: `Version ${trust.minimumVersion} or newer is pinned.` });
  }
  return { contract, sha256: sha256Hex(text), signer };
}
