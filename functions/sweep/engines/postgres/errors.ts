import { Problem, type ProblemCode } from '../../../../shared/problem.ts';

/** By SQLSTATE, its first characters deciding (PostgreSQL's manual, appendix A). */
const CODES: readonly (readonly [string, ProblemCode])[] = [
  ['42501', 'access-denied'],
  ['28', 'access-denied'],
  ['42P01', 'not-found'],
  ['3F000', 'not-found'],
  ['3D000', 'not-found'],
  ['42703', 'schema-changed'],
];

/** An error of the driver as a problem. The server's message may quote values: of it, only the SQLSTATE is kept. */
export function endpointProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const state = sqlState(error);
  if (state === undefined) return new Problem('endpoint-failed', { detail: 'PostgreSQL could not be reached.' });
  const code = CODES.find(([prefix]) => state.startsWith(prefix))?.[1] ?? 'endpoint-failed';
  return new Problem(code, { detail: `PostgreSQL answers with SQLSTATE ${state}.` });
}

/** Five characters, when it is the server that speaks. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return /^[0-9A-Z]{5}$/.test(error.code) ? error.code : undefined;
}
