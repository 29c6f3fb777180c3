/** How a deployment reaches what contracts call a connection: names in the template, secrets in their own store. */
import * as z from 'zod/mini';
import { Problem } from '../../../shared/problem.ts';
import { parsePins } from '../../../shared/signature/pins.ts';
import type { DatabasePlace } from '../engines/database-place.ts';

const Connection = z.discriminatedUnion('engine', [
  /** ARN of the secret that says where the database is and as whom it is read; see `parsePlace`. */
  z.strictObject({ engine: z.enum(['postgres', 'mysql']), secret: z.string() }),
  /** `table` is the table's name in DynamoDB, `named` what contracts call it. */
  z.strictObject({ engine: z.literal('dynamodb'), named: z.string(), table: z.string() }),
  z.strictObject({ engine: z.literal('files'), bucket: z.string() }),
]);
export type Connection = z.infer<typeof Connection>;

const Connections = z.record(z.string(), Connection);

export function parseConnections(text: string): Readonly<Record<string, Connection>> {
  return parsePins(Connections, text, 'sweepConnections');
}

/** The members of RDS's own secrets, and the authorities that may vouch for the server. */
const Place = z.object({
  host: z.string().check(z.minLength(1), z.maxLength(255)),
  port: z.int().check(z.minimum(1), z.maximum(65_535)),
  dbname: z.string().check(z.minLength(1)),
  username: z.string().check(z.minLength(1)),
  password: z.string(),
  /** Certificates in PEM; without them the platform's authorities. */
  ca: z.optional(z.string()),
});

/** Throws `configuration-invalid`; no message holds a word of the secret. */
export function parsePlace(secret: string): DatabasePlace {
  const parsed = Place.safeParse(parseJson(secret));
  if (!parsed.success) {
    const members = parsed.error.issues.map(({ path }) => path.join('.') || 'JSON').join(', ');
    throw new Problem('configuration-invalid', { detail: `The secret of a connection: ${members}.` });
  }
  const { host, port, dbname: database, username: user, password, ca } = parsed.data;
  return { host, port, database, user, password, ...(ca === undefined ? {} : { authorities: ca }) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
