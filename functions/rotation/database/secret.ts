/**
 * The secret of a database connection, as RDS shapes its own (functions/sweep/protocol/connections.ts reads it), with what a rotation
 * needs besides: the two users that alternate, and the secret of whoever may change their passwords.
 */
import * as z from 'zod/mini';
import { Problem } from '../../../shared/problem.ts';

/** Letters, digits and underscores: no name of a user needs more, and none could break out of a statement. */
const user = z.string().check(z.regex(/^[A-Za-z_][A-Za-z0-9_]{0,31}$/));

const place = {
  engine: z.enum(['postgres', 'mysql', 'mariadb']),
  host: z.string().check(z.minLength(1), z.maxLength(255)),
  port: z.int().check(z.minimum(1), z.maximum(65_535)),
  dbname: z.string().check(z.minLength(1)),
  ca: z.optional(z.string()),
};
const Secret = z.looseObject({
  ...place,
  username: user,
  password: z.string(),
  users: z.tuple([user, user]),
  masterarn: z.string().check(z.regex(/^arn:[a-z-]+:secretsmanager:/)),
});
export type DatabaseSecret = z.infer<typeof Secret>;

/**
 * Of a keeper, and where he logs in: what a rotated secret says of a server, who changes that secret would have the keeper's password
 * sent to. It says neither whom it rotates nor by whom it is rotated.
 */
const Keeper = z.object({ ...place, username: z.string().check(z.minLength(1)), password: z.string() });
export type Keeper = z.infer<typeof Keeper>;

export function parseDatabaseSecret(text: string): DatabaseSecret {
  const secret = parsed(Secret, text, 'of the database');
  if (secret.users[0] === secret.users[1] || !secret.users.includes(secret.username)) {
    throw new Problem('configuration-invalid', { detail: 'The secret names two users, of whom one is its own.' });
  }
  return secret;
}

export const parseKeeper = (text: string): Keeper => parsed(Keeper, text, 'of the keeper');

/** Whose turn it is. */
export function nextUser({ users: [first, second], username }: DatabaseSecret): string {
  return username === first ? second : first;
}

function parsed<Shape extends z.ZodMiniType>(shape: Shape, text: string, whose: string): z.infer<Shape> {
  const result = shape.safeParse(parseJson(text));
  if (result.success) return result.data;
  const members = result.error.issues.map(({ path }) => path.join('.') || 'JSON').join(', ');
  throw new Problem('configuration-invalid', { detail: `The secret ${whose}: ${members}.` });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
