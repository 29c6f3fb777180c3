import { members } from './json.ts';
import { compileStatement, type PolicyKind, type Statement } from './statement.ts';

/** A policy made ready for evaluation. */
export interface CompiledPolicy {
  /** Where it comes from, e.g. `Ingestion/DefaultPolicy`; it stands in decisions. */
  readonly name: string;
  readonly kind: PolicyKind;
  readonly statements: readonly Statement[];
  /** Why the document is not a policy. Whatever such a policy has a say in is denied. */
  readonly fault?: string;
}

const ELEMENTS = new Set(['Version', 'Id', 'Statement']);
const VERSIONS = ['2012-10-17', '2008-10-17'];

/** Compiles a policy, an object or its JSON text. It does not throw: a faulty policy compiles to one that denies. */
export function compilePolicy(document: unknown, kind: PolicyKind, name: string): CompiledPolicy {
  try {
    return { name, kind, statements: compile(typeof document === 'string' ? JSON.parse(document) : document, kind) };
  } catch (error) {
    if (error instanceof SyntaxError) return { name, kind, statements: [], fault: error.message };
    throw error;
  }
}

function compile(document: unknown, kind: PolicyKind): readonly Statement[] {
  const elements = new Map(members(document, 'Policy'));
  for (const element of elements.keys()) {
    if (!ELEMENTS.has(element)) throw new SyntaxError(`Policy has the unknown element ${element}.`);
  }
  const version = elements.get('Version') ?? '2008-10-17';
  if (typeof version !== 'string' || !VERSIONS.includes(version)) throw new SyntaxError('Version is not one of IAM’s.');
  const statement = elements.get('Statement');
  const statements: readonly unknown[] = Array.isArray(statement) ? statement : [statement];
  if (statements.length === 0) throw new SyntaxError('Policy has no statement.');
  return statements.map((item, index) => compileStatement(item, index, kind, version === '2012-10-17'));
}
