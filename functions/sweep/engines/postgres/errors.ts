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

/** What the server answered. Its message may quote values: of it, only the SQLSTATE is kept. */
export class ServerProblem extends Problem {
  readonly state: string;

  constructor(state: string) {
    const code = CODES.find(([prefix]) => state.startsWith(prefix))?.[1] ?? 'endpoint-failed';
    super(code, { detail: `PostgreSQL answers with SQLSTATE ${state}.` });
    this.state = state;
  }
}

/** An error of the driver as a problem. */
export function endpointProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  // Five characters are the server's; the system's own are longer words, such as ECONNREFUSED.
  if (/^[0-9A-Z]{5}$/.test(code)) return new ServerProblem(code);
  return new Problem('endpoint-failed', { detail: 'The connection to PostgreSQL failed.' });
}
