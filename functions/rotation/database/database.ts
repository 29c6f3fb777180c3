/**
 * Two users take turns: while one is in use, the other gets a new password, is tried, and becomes the current one. Sessions of the
 * former go on, and it is let in until its own next turn takes its password away.
 */
import { canonicalJson } from '../../../shared/json/canonical.ts';
import type { Random } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';
import { alphanumeric } from '../protocol/alphanumeric.ts';
import type { Rotation } from '../protocol/rotation.ts';
import type { Databases } from './engines.ts';
import { type DatabaseSecret, nextUser, parseDatabaseSecret, parseKeeper } from './secret.ts';

/** 238 bits. */
const PASSWORD_CHARACTERS = 40;

export interface DatabaseRotationPorts {
  readonly databases: Databases;
  readonly random: Random;
  /** The keeper that the configuration names for the connection: the secret's own `masterarn` must be this one. */
  readonly keeper: { readonly arn: string; read(): Promise<string> };
}

export function databaseRotation({ databases, random, keeper }: DatabaseRotationPorts): Rotation {
  const pinned = (text: string): DatabaseSecret => {
    const secret = parseDatabaseSecret(text);
    if (secret.masterarn === keeper.arn) return secret;
    throw new Problem('configuration-invalid', {
      detail: 'The secret of the database: masterarn is another keeper’s.',
    });
  };
  return {
    create: async (text) => {
      const current = pinned(text);
      const password = alphanumeric(PASSWORD_CHARACTERS, random);
      return JSON.stringify({ ...current, username: nextUser(current), password });
    },
    follows: (pendingText, currentText) => {
      const [pending, current] = [parseDatabaseSecret(pendingText), parseDatabaseSecret(currentText)];
      const { password } = pending;
      return canonicalJson({ ...current, username: nextUser(current), password }) === canonicalJson(pending);
    },
    set: async (pendingText) => {
      const pending = pinned(pendingText);
      const admin = parseKeeper(await keeper.read());
      await databases.setPassword(admin, pending.username, pending.password);
    },
    test: async (pendingText) => databases.logIn(pinned(pendingText)),
  };
}
