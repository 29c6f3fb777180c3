/**
 * Two users take turns: while one is in use, the other gets a new password, is tried, and becomes the current one. Sessions of the
 * former go on, and it is let in until its own next turn takes its password away.
 */
import { canonicalJson } from '../../../shared/json/canonical.ts';
import type { Random } from '../../../shared/ports.ts';
import { alphanumeric } from '../protocol/alphanumeric.ts';
import type { Rotation } from '../protocol/rotation.ts';
import type { Databases } from './engines.ts';
import { nextUser, parseDatabaseSecret, parseKeeper } from './secret.ts';

/** 238 bits. */
const PASSWORD_CHARACTERS = 40;

export interface DatabaseRotationPorts {
  readonly databases: Databases;
  readonly random: Random;
  /** The secret of the keeper, by its ARN. */
  readonly keeper: (arn: string) => Promise<string>;
}

export function databaseRotation({ databases, random, keeper }: DatabaseRotationPorts): Rotation {
  return {
    create: async (text) => {
      const current = parseDatabaseSecret(text);
      const password = alphanumeric(PASSWORD_CHARACTERS, random);
      return JSON.stringify({ ...current, username: nextUser(current), password });
    },
    follows: (pendingText, currentText) => {
      const [pending, current] = [parseDatabaseSecret(pendingText), parseDatabaseSecret(currentText)];
      const { password } = pending;
      return canonicalJson({ ...current, username: nextUser(current), password }) === canonicalJson(pending);
    },
    set: async (pendingText) => {
      const pending = parseDatabaseSecret(pendingText);
      const admin = parseKeeper(await keeper(pending.masterarn));
      await databases.setPassword(pending, admin, pending.username, pending.password);
    },
    test: async (pendingText) => databases.logIn(parseDatabaseSecret(pendingText)),
  };
}
