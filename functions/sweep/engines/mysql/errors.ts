import { Problem, type ProblemCode } from '../../../../shared/problem.ts';

/** By the number of the server's error (MySQL's manual, "Server Error Message Reference"; MariaDB has the same ones). */
const CODES: Readonly<Record<number, ProblemCode>> = {
  1044: 'access-denied',
  1045: 'access-denied',
  1049: 'not-found',
  1054: 'schema-changed',
  1142: 'access-denied',
  1143: 'access-denied',
  1146: 'not-found',
  1227: 'access-denied',
  1356: 'access-denied',
  1412: 'schema-changed',
};

/** An error of the driver as a problem. The server's message may quote values: of it, only the number is kept. */
export function endpointProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const number = error instanceof Error && 'errno' in error ? error.errno : undefined;
  if (typeof number !== 'number' || number <= 0) {
    return new Problem('endpoint-failed', { detail: 'MySQL could not be reached.' });
  }
  return new Problem(CODES[number] ?? 'endpoint-failed', { detail: `MySQL answers with error ${number}.` });
}
