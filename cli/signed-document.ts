/** The three kinds of documents that are signed: contracts of submissions, contracts of sweeps, and rule packs. */
import { parseContract } from '../shared/contract/parse.ts';
import { sha256Hex } from '../shared/digest.ts';
import { parseEquivalence } from '../shared/equivalence/parse.ts';
import type { SignedText } from '../shared/ports.ts';
import { type ContractTrust, openContract } from '../shared/signature/contract.ts';
import { DOCUMENT_TYPES, type DocumentType } from '../shared/signature/detached.ts';
import { openEquivalence } from '../shared/signature/equivalence.ts';
import { verifyDetached } from '../shared/signature/verify.ts';

const RULE_PACK_EXTENSION = '.js';

interface Named {
  readonly dataset: string;
  readonly version: number;
}

/** A rule pack by its extension; a contract by what it says it is. */
export function typeOf(file: string, text: string): DocumentType {
  if (file.endsWith(RULE_PACK_EXTENSION)) return DOCUMENT_TYPES.rulePack;
  return isEquivalence(text) ? DOCUMENT_TYPES.equivalence : DOCUMENT_TYPES.contract;
}

function isEquivalence(text: string): boolean {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === 'object' && document !== null && 'kind' in document && document.kind === 'equivalence';
  } catch {
    return false;
  }
}

/** Problem('configuration-invalid') with every mistake. A rule pack names nothing. */
export function parseDocument(type: DocumentType, text: string): Named | undefined {
  if (type === DOCUMENT_TYPES.rulePack) return undefined;
  return type === DOCUMENT_TYPES.contract ? parseContract(text) : parseEquivalence(text);
}

export interface VerifiedDocument extends Partial<Named> {
  readonly sha256: string;
  readonly signer: string;
}

/** The dataset is the file's own claim here: no template says which one is meant. It is read once the signature is known to be good. */
export function verifyDocument(type: DocumentType, signed: SignedText, trust: ContractTrust): VerifiedDocument {
  const signer = verifyDetached(signed.text, type, signed.signature, trust);
  const named = parseDocument(type, signed.text);
  if (named === undefined) return { signer, sha256: sha256Hex(signed.text) };
  const open = type === DOCUMENT_TYPES.contract ? openContract : openEquivalence;
  const { contract, sha256 } = open(signed, named.dataset, trust);
  return { dataset: contract.dataset, version: contract.version, sha256, signer };
}
