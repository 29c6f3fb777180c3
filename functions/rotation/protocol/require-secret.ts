import { Problem } from '../../../shared/problem.ts';
import type { RotationRequest } from './rotation.ts';

/** A function rotates the secrets that it was deployed for, whoever asks for others. */
export function requireSecret({ SecretId }: RotationRequest, known: readonly string[]): void {
  if (!known.includes(SecretId)) throw new Problem('access-denied', { detail: 'This secret is another’s to rotate.' });
}
