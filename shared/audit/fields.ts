/** The parts that audit entries are made of. None of them has room for a value of a record, a name or an address of a person. */
import * as z from 'zod/mini';
import { Sha256Hex } from '../digest.ts';
import { isProblemCode, type ProblemCode } from '../problem.ts';

/** RFC 3339 in UTC with milliseconds, as Date.toISOString gives it. */
export const Time = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'a time in UTC'));

/** As in message-schemas.ts. */
export const AttemptId = z.string().check(z.regex(/^[0-9a-f]{16}$/, 'an attempt id'));

/** Printable ASCII: every entry is ASCII, so that its text and its bytes are the same thing. */
export const ObjectKey = z.string().check(z.regex(/^[\x21-\x7e]{1,1024}$/, 'an object key'));

export const count = z.int().check(z.nonnegative());

/** Who asked: digests (`submitterDigest`, `credentialDigest`), so that an auditor who knows the person can tell. */
export const Who = z.strictObject({
  /** Absent while nothing has been verified. */
  subject: z.exactOptional(Sha256Hex),
  credential: z.exactOptional(Sha256Hex),
});

/** The source address of the event: IPv4, IPv6, or the name of an AWS service that put the object. */
export const SourceAddress = z.string().check(z.regex(/^[0-9A-Za-z.:-]{1,100}$/, 'an address'));

export const Code = z.custom<ProblemCode>(
  (value) => typeof value === 'string' && isProblemCode(value),
  'a problem code',
);

/** The signed contract that judged the submission. */
export const ContractName = z.strictObject({
  dataset: z.string().check(z.regex(/^[a-z][a-z0-9-]{0,62}$/)),
  version: z.int().check(z.positive()),
  sha256: Sha256Hex,
});

/** An object that a chunk's commit counts in: it was written under an attempt's own key, and this entry makes it the one. */
export const Output = z.strictObject({
  kind: z.enum(['records', 'vault', 'quarantine', 'problems', 'export']),
  key: ObjectKey,
  sha256: Sha256Hex,
  records: count,
  bytes: count,
  /** Of an export. */
  destination: z.exactOptional(z.string().check(z.regex(/^[a-z][a-z0-9-]{0,62}$/))),
});
export type Output = z.infer<typeof Output>;

const fault = z.string().check(z.regex(/^[a-z][a-z-]{0,30}$/));

/** Which path judged a chunk, and why not the first (requirement B12). */
export const JudgingPath = z.strictObject({
  engine: z.enum(['pack', 'fallback', 'none']),
  packFault: z.exactOptional(fault),
  fallbackFault: z.exactOptional(fault),
});
