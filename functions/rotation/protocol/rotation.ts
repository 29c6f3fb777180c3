/**
 * The four steps by which Secrets Manager has a secret rotated: create, set, test, finish. Each may come again, after a failure or a
 * death between two of them, and must then find what it did before. Until the last one nothing that is in use has changed.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 * The third comes alone besides, when a schedule is made that does not rotate at once: on a pending version that Secrets Manager
 * makes for it, and takes away again. https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
 */
import * as z from 'zod/mini';
import { Problem } from '../../../shared/problem.ts';

export const CURRENT = 'AWSCURRENT';
export const PENDING = 'AWSPENDING';

const Request = z.object({
  Step: z.enum(['createSecret', 'setSecret', 'testSecret', 'finishSecret']),
  SecretId: z.string().check(z.minLength(1), z.maxLength(2048)),
  /** Id of the version that this rotation makes. */
  ClientRequestToken: z.string().check(z.minLength(32), z.maxLength(64)),
});
export type RotationRequest = z.infer<typeof Request>;

export function parseRotationRequest(event: unknown): RotationRequest {
  const parsed = Request.safeParse(event);
  if (!parsed.success) throw new Problem('usage-invalid', { detail: 'This is no request of a rotation.' });
  return parsed.data;
}

/** One secret, while it is being rotated. */
export interface RotatingSecret {
  describe(): Promise<{ readonly rotates: boolean; readonly stages: ReadonlyMap<string, readonly string[]> }>;
  /** `undefined` where the version has no value yet. */
  read(of: { readonly stage: string; readonly version?: string }): Promise<string | undefined>;
  /** Once only per version: the same again changes nothing, another value is refused. */
  putPending(version: string, text: string): Promise<void>;
  /** Takes the version off the rotation: it is made anew by the next one. */
  dropPending(version: string): Promise<void>;
  /** Throws where `from` is not current any more: of two rotations one is first. */
  makeCurrent(version: string, from: string): Promise<void>;
}

/** What differs from one kind of secret to the next. No text that goes through here is ever logged. */
export interface Rotation {
  /** The next value. */
  create(current: string): Promise<string>;
  /** Whether the next value was made from this current one: somebody may have put another meanwhile. */
  follows(pending: string, current: string): boolean;
  /** Makes the next value valid where it is used, the current one staying valid. Harmless when it is done already. */
  set(pending: string, current: string): Promise<void>;
  /** Throws unless the next value can take the place of the current one. */
  test(pending: string, current: string): Promise<void>;
}

export type RotationOutcome = 'created' | 'set' | 'tested' | 'finished' | 'already';

export async function rotate(
  { Step: step, ClientRequestToken: version }: RotationRequest,
  secret: RotatingSecret,
  rotation: Rotation,
): Promise<RotationOutcome> {
  const { rotates, stages } = await secret.describe();
  if (!rotates) throw refused('The secret does not rotate.');
  const mine = stages.get(version);
  if (mine === undefined) throw refused('The version to be made is not one of the secret.');
  if (mine.includes(CURRENT)) return 'already';
  if (!mine.includes(PENDING)) throw refused('The version to be made is not the pending one.');
  const [currentVersion] = [...stages].find(([, names]) => names.includes(CURRENT)) ?? [];
  const current = await secret.read({ stage: CURRENT });
  if (currentVersion === undefined || current === undefined) throw refused('The secret has no current value.');
  const pending = await secret.read({ stage: PENDING, version });
  // No rotation makes a value that is the current one: this is the trial of a schedule, whose version is not ours to take away.
  if (step === 'testSecret' && (pending === undefined || pending === current)) {
    await rotation.test(current, current);
    return 'tested';
  }
  if (pending !== undefined && !rotation.follows(pending, current)) {
    await secret.dropPending(version);
    throw refused('The pending value was made from one that is no longer current: rotate again.');
  }
  if (step === 'createSecret') {
    if (pending !== undefined) return 'already';
    await secret.putPending(version, await rotation.create(current));
    return 'created';
  }
  if (pending === undefined) throw refused('The pending version has no value.');
  switch (step) {
    case 'setSecret':
      await rotation.set(pending, current);
      return 'set';
    case 'testSecret':
      await rotation.test(pending, current);
      return 'tested';
    case 'finishSecret':
      await secret.makeCurrent(version, currentVersion);
      return 'finished';
  }
}

const refused = (detail: string): Problem => new Problem('configuration-invalid', { detail });
