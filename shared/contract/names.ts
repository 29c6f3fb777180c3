/** Names that came from outside: which of them may be repeated in a problem, and in which order. */
import type { FieldProblem, ProblemCode } from '../problem.ts';

// A name from outside can be somebody's name or number: only what looks like a field's name is repeated.
const LOOKS_LIKE_A_NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,62}$/;

/** More than these are only counted: a record of thousands of unknown fields must not make a problem larger than itself. */
const LISTED = 20;

/** RFC 6901 section 3: `~` and `/` are escaped. */
export function pointerTo(name: string): string {
  return `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/**
 * Problems of names that the contract does not know, sorted by their bytes. A name that does not look like one is given
 * as `/#<n>`, its position in that order from 1.
 */
export function unknownNames(code: ProblemCode, rule: string, names: Iterable<string>): FieldProblem[] {
  // By code units: of the names that are shown, all ASCII, that is the order of bytes.
  const sorted = [...new Set(names)].sort();
  const problems = sorted.slice(0, LISTED).map((name, index) => ({
    code,
    pointer: LOOKS_LIKE_A_NAME.test(name) ? pointerTo(name) : `/#${index + 1}`,
    rule,
  }));
  if (sorted.length > LISTED) problems.push({ code, pointer: '', rule: `${sorted.length} fields of this kind` });
  return problems;
}
