/** Opens a signed contract: first the signature, then the pins, then a word of what it says. */
import { parseContract } from '../contract/parse.ts';
import type { Contract } from '../contract/schema.ts';
import { sha256Hex } from '../digest.ts';
import type { SignedText } from '../ports.ts';
import { Problem } from '../problem.ts';
import { DOCUMENT_TYPES } from './detached.ts';
import { type TrustOptions, verifyDetached } from './verify.ts';

/** What the deployed template pins of one dataset. */
export interface ContractTrust extends TrustOptions {
  /** An older version is refused, however well it is signed: it may lack a field that has become personal. */
  readonly minimumVersion: number;
}

export interface TrustedContract {
  readonly contract: Contract;
  /** SHA-256 (hex) of the document's exact bytes: the rule digest that audit entries name. */
  readonly sha256: string;
  /** Id of the key that signed it. */
  readonly signer: string;
}

/**
 * Verifies and parses. Throws Problem('contract-untrusted') when the signature, the version or the dataset is not what
 * the pins ask for, Problem('configuration-invalid') when a trusted document is no valid contract.
 */
export function openContract({ text, signature }: SignedText, dataset: string, trust: ContractTrust): TrustedContract {
  const signer = verifyDetached(text, DOCUMENT_TYPES.contract, signature, trust);
  const contract = parseContract(text);
  if (contract.dataset !== dataset) {
    throw new Problem('contract-untrusted', { detail: 'The contract is for another dataset.' });
  }
  if (contract.version < trust.minimumVersion) {
    throw new Problem('contract-untrusted', { detail: `Version ${trust.minimumVersion} or newer is pinned.` });
  }
  return { contract, sha256: sha256Hex(text), signer };
}
