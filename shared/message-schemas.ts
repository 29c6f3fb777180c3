/** The messages of messages.ts, parsed at the edge of each function. A member that is not declared is refused. */
import * as z from 'zod/mini';
import { RunId, Sha256Hex } from './digest.ts';
import type { CustodyRequest, SealRequest, StageRequest, UploadReference } from './messages.ts';
import { STAGES } from './names.ts';
import { Problem } from './problem.ts';

const count = z.int().check(z.nonnegative());
const execution = z.string().check(z.regex(/^arn:aws[\w-]*:states:[\w:-]{1,400}$/, 'the ARN of an execution'));
const attempt = z.string().check(z.regex(/^[0-9a-f]{16}$/, 'an attempt id'));

export const Counts = z.strictObject({ received: count, passed: count, quarantined: count });

const Upload = z.strictObject({
  bucket: z.string().check(z.minLength(3), z.maxLength(63)),
  key: z.string().check(z.minLength(1), z.maxLength(1_024)),
  versionId: z.string().check(z.minLength(1), z.maxLength(1_024)),
  size: count,
  sourceAddress: z.string().check(z.maxLength(100)),
  time: z.string().check(z.maxLength(40)),
});

export const ManifestReference = z.strictObject({
  key: z.string().check(z.regex(/^[a-z]+\/[0-9a-f]{32}\/[0-9a-f]{16}\/manifest\.json$/, 'the key of a manifest')),
  sha256: Sha256Hex,
});

const StageRequestSchema = z.strictObject({
  execution,
  upload: z.optional(Upload),
  run: z.optional(RunId),
  submission: z.optional(RunId),
  manifest: z.optional(ManifestReference),
  cursor: z.optional(z.strictObject({ nextChunk: count, counts: Counts })),
});

const segment = { run: RunId, stage: z.enum(STAGES), attempt, chunk: count };
const copy = { run: RunId, upload: z.literal('copy') };
const operator = z
  .string()
  .check(z.regex(/^arn:aws[\w-]*:(iam|sts)::[\w:/+=,.@-]{1,300}$/, 'the ARN of a person or a role'));
const by = { operator: z.exactOptional(operator) };

const SealRequestSchema = z.strictObject({
  execution,
  run: z.optional(RunId),
  upload: z.optional(Upload),
  custody: z.optional(z.union([z.strictObject({ ...segment, ...by }), z.strictObject({ ...copy, ...by })])),
  ending: z.enum(['completed', 'failed', 'timed-out', 'aborted']),
  error: z.optional(z.string().check(z.maxLength(256))),
});

const asked = { action: z.enum(['release', 'discard']), operator };

const CustodyRequestSchema = z.strictObject({
  execution,
  custody: z.union([z.strictObject({ ...segment, ...asked }), z.strictObject({ ...copy, ...asked })]),
});

/** Throws `configuration-invalid`, naming members and never what stood in them. */
function parse<Schema extends z.ZodMiniType>(schema: Schema, name: string, message: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(message);
  if (parsed.success) return parsed.data;
  const paths = parsed.error.issues.map((issue) => issue.path.join('.') || 'the message').slice(0, 5);
  throw new Problem('configuration-invalid', { detail: `${name}: ${paths.join(', ')}.` });
}

/** JSON has no `undefined`: a member that is absent from the message is absent from the value. */
export function parseStageRequest(message: unknown): StageRequest {
  return defined(parse(StageRequestSchema, 'StageRequest', message));
}

export function parseSealRequest(message: unknown): SealRequest {
  return defined(parse(SealRequestSchema, 'SealRequest', message));
}

export function parseCustodyRequest(message: unknown): CustodyRequest {
  return parse(CustodyRequestSchema, 'CustodyRequest', message);
}

/** What ingestion is invoked with, and what every later stage is. */
export function requireUpload(request: StageRequest): UploadReference {
  if (request.upload === undefined) throw new Problem('configuration-invalid', { detail: 'StageRequest: upload.' });
  return request.upload;
}

type Defined<Value> = { [Name in keyof Value]: Exclude<Value[Name], undefined> };

function defined<Value extends object>(value: Value): Defined<Value> {
  return value as Defined<Value>;
}
