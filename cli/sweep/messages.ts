/** What a worker thread tells the command. Errors travel as what they are, and never with a message of somebody else's making. */
import { type FieldProblem, Problem, type ProblemCode } from '../../shared/problem.ts';
import { Transient, type TransientReason } from '../../shared/transient.ts';

export type WorkerAnswer =
  | { readonly type: 'rows'; readonly rows: number }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly error: ErrorMessage };

export type ErrorMessage =
  | {
      readonly kind: 'problem';
      readonly code: ProblemCode;
      readonly detail: string | undefined;
      readonly errors: readonly FieldProblem[] | undefined;
    }
  | { readonly kind: 'transient'; readonly operation: string; readonly reason: TransientReason }
  | { readonly kind: 'other'; readonly name: string };

export function toMessage(error: unknown): ErrorMessage {
  if (error instanceof Problem) {
    return { kind: 'problem', code: error.code, detail: error.detail, errors: error.errors };
  }
  if (error instanceof Transient) return { kind: 'transient', operation: error.operation, reason: error.reason };
  return { kind: 'other', name: error instanceof Error ? error.name : 'unknown' };
}

export function fromMessage(message: ErrorMessage): Error {
  if (message.kind === 'transient') return new Transient(message.operation, message.reason);
  if (message.kind === 'other') return new Error(`A worker failed: ${message.name}.`);
  return new Problem(message.code, {
    ...(message.detail === undefined ? {} : { detail: message.detail }),
    ...(message.errors === undefined ? {} : { errors: message.errors }),
  });
}
