/**
 * The one error base and the closed union of codes.
 *
 * A problem names the field, the rule, the file and the record; never the value (requirement B03). Its document form is
 * RFC 9457 (`application/problem+json`): `type` is `urn:parapet:problem:<code>`.
 */

interface ProblemKind {
  /** The HTTP status that an inbound call would get (RFC 9110). */
  readonly status: number;
  /** One fixed sentence; it never carries input. */
  readonly title: string;
}

/** Every code that Parapet can report. Adding one is a change of interface: it appears in audit entries and exit reports. */
export const PROBLEMS = {
  // Credential of an upload, judged before the payload is opened.
  'credential-missing': { status: 401, title: 'The upload carries no submission token.' },
  'credential-malformed': { status: 401, title: 'The submission token is not a well-formed JWT.' },
  'credential-algorithm': { status: 401, title: 'The submission token uses an algorithm that is not allowed.' },
  'credential-issuer': { status: 401, title: 'The submission token comes from an issuer that is not registered.' },
  'credential-signature': { status: 401, title: 'The signature of the submission token does not verify.' },
  'credential-audience': { status: 401, title: 'The submission token is meant for another audience.' },
  'credential-expired': { status: 401, title: 'The submission token has expired.' },
  'credential-lifetime': { status: 401, title: 'The submission token lives longer than this deployment allows.' },
  'credential-not-yet-valid': { status: 401, title: 'The submission token is not valid yet.' },
  'credential-scope': { status: 401, title: 'The submission token lacks the scope ingest:read.' },
  'credential-target': { status: 401, title: 'The submission token was issued for another object.' },
  'credential-dataset': { status: 401, title: 'The issuer may not submit this dataset.' },
  'credential-submitter': { status: 401, title: 'The issuer may not name this submitter.' },
  'credential-replayed': { status: 401, title: 'The submission token has been used for another upload.' },
  'payload-size': { status: 401, title: 'The payload has another size than its credential claims.' },
  'payload-digest': { status: 401, title: 'The payload has another digest than its credential claims.' },
  // The payload as a whole: nothing of it goes on.
  'contract-unknown': { status: 422, title: 'No contract is registered for the dataset of this submission.' },
  'contract-untrusted': {
    status: 500,
    title: 'The contract is not signed by a pinned key, or is older than the pinned minimum.',
  },
  'payload-too-large': { status: 413, title: 'The payload exceeds the largest size that the contract allows.' },
  'payload-empty': { status: 422, title: 'The payload holds no record.' },
  'payload-malformed': { status: 400, title: 'The payload is not well-formed.' },
  'payload-truncated': { status: 400, title: 'The payload ends in the middle of a record.' },
  'payload-encoding': { status: 400, title: 'The payload is not valid UTF-8.' },
  'payload-forbidden': {
    status: 400,
    title: 'The payload uses a construct that is refused: a document type, an entity or a processing instruction.',
  },
  'media-type-unsupported': {
    status: 415,
    title: 'The media type is not one that the contract accepts, or not what the payload is.',
  },
  'header-invalid': {
    status: 422,
    title: 'The header names a field twice, or one that the contract does not know, or misses a required one.',
  },
  // One record: the others go on.
  'record-malformed': { status: 400, title: 'The record is not well-formed.' },
  'record-too-large': { status: 413, title: 'The record exceeds the largest size that the contract allows.' },
  'record-too-deep': { status: 400, title: 'The record nests deeper than allowed.' },
  'field-duplicate': { status: 422, title: 'A field stands twice in one record.' },
  'field-unknown': { status: 422, title: 'The contract does not know this field.' },
  'field-missing': { status: 422, title: 'A required field is missing.' },
  'field-type': { status: 422, title: 'A field has another type than the contract says.' },
  'field-format': { status: 422, title: 'A field does not have the form that the contract says.' },
  'field-range': { status: 422, title: 'A field lies outside the range that the contract says.' },
  'field-length': { status: 422, title: 'A field is shorter or longer than the contract says.' },
  'field-characters': {
    status: 422,
    title: 'A field holds a character that is refused: NUL, a control character or a lone surrogate.',
  },
  'field-choice': { status: 422, title: 'A field is none of the values that the contract lists.' },
  // Reconciliation.
  'scope-escalation': { status: 403, title: 'The credential asks for a scope beyond reconcile:read and audit:verify.' },
  'submission-duplicate': { status: 409, title: 'The same submission has been made already inside the window.' },
  'submission-conflict': {
    status: 422,
    title: 'The idempotency key has been used for another payload inside the window.',
  },
  'grant-unknown': { status: 422, title: 'The ledger knows no such grant.' },
  'grantor-unknown': { status: 422, title: 'The ledger knows no such grantor.' },
  'grantor-mismatch': { status: 422, title: 'The grant belongs to another grantor.' },
  'ein-mismatch': { status: 422, title: 'The EIN is not the one that the ledger holds for this grant.' },
  'fiscal-year-out-of-bounds': { status: 422, title: 'The fiscal year lies outside the bounds of the grant.' },
  // Processing.
  'rule-pack-untrusted': {
    status: 500,
    title: 'A rule pack is not signed by a pinned key, or is not the pinned digest.',
  },
  'rule-pack-failed': { status: 500, title: 'Neither the rule pack nor its fallback gave a result.' },
  'rule-fund-restriction': { status: 422, title: 'The purpose does not agree with the fund restriction.' },
  'rule-fiscal-year': { status: 422, title: 'The dates lie outside the fiscal year.' },
  'rule-state-registration': { status: 422, title: 'The amount needs a registration in the state, and none is given.' },
  'rule-form-990': { status: 422, title: 'The record cannot be mapped to the lines of form 990.' },
  // Egress.
  'destination-unregistered': { status: 403, title: 'No destination is registered for this grantor and contract.' },
  'token-unresolvable': {
    status: 500,
    title: 'A token cannot be resolved: its subject has been erased, or its vault segment is missing.',
  },
  // The sweep.
  'schema-changed': { status: 409, title: 'The relation does not have the columns that the contract says.' },
  'snapshot-gone': { status: 409, title: 'The state that was to be read is no longer there.' },
  'place-changed': { status: 409, title: 'The endpoint is another place than the one that was planned.' },
  'code-changed': { status: 409, title: 'The step runs other code than the one that planned the sweep.' },
  'endpoint-same': { status: 422, title: 'Source and target are the same place.' },
  'endpoint-failed': { status: 502, title: 'An endpoint could not be reached or read.' },
  'breaker-open': { status: 409, title: 'The breaker of this dataset has tripped, and nobody has closed it.' },
  'tls-required': { status: 403, title: 'The endpoint is neither on loopback nor reached over verified TLS.' },
  // Anywhere.
  'access-denied': { status: 403, title: 'The role may not do this.' },
  'run-busy': { status: 409, title: 'Another execution holds the lease on this run.' },
  'custody-decided': { status: 409, title: 'The segment has been released or discarded already.' },
  'run-unknown': { status: 404, title: 'No such run.' },
  'seal-invalid': { status: 422, title: 'The seal does not verify.' },
  'evidence-invalid': { status: 422, title: 'The evidence does not agree with the seal.' },
  'ciphertext-invalid': { status: 422, title: 'The ciphertext does not open under this key and context.' },
  'not-found': { status: 404, title: 'The thing named does not exist.' },
  'configuration-invalid': { status: 422, title: 'The configuration is not valid.' },
  'usage-invalid': { status: 400, title: 'The command was not called rightly.' },
  'not-implemented': { status: 501, title: 'This operation is not implemented.' },
  'internal-failure': { status: 500, title: 'The stage failed.' },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof PROBLEMS;

/** One thing wrong with one field. `pointer` is an RFC 6901 JSON Pointer into the record; `rule` names the rule that failed. */
export interface FieldProblem {
  readonly code: ProblemCode;
  readonly pointer: string;
  /** The rule as the contract states it, e.g. `maxLength 120`. Taken from the contract, never from the input. */
  readonly rule: string;
}

/** What is wrong with one record. `record` counts from 1, in the order of the file; a CSV header is not a record. */
export interface RecordProblem {
  readonly record: number;
  readonly errors: readonly FieldProblem[];
}

/** An RFC 9457 problem document. `instance` is the run. No member ever holds a value of the input. */
export interface ProblemDocument {
  readonly type: `urn:parapet:problem:${ProblemCode}`;
  readonly title: string;
  readonly status: number;
  readonly instance?: string;
  readonly detail?: string;
  readonly errors?: readonly FieldProblem[];
  readonly records?: readonly RecordProblem[];
}

export interface ProblemDetails {
  /** A sentence made from names only (a field, a rule, a file, a byte offset), never from a value. */
  readonly detail?: string;
  readonly instance?: string;
  readonly errors?: readonly FieldProblem[];
  readonly cause?: unknown;
}

/** The one error that Parapet throws on purpose. Tests assert `code`, not the sentence. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly status: number;
  readonly detail: string | undefined;
  readonly instance: string | undefined;
  readonly errors: readonly FieldProblem[] | undefined;

  constructor(code: ProblemCode, details: ProblemDetails = {}) {
    const kind = PROBLEMS[code];
    super(details.detail ? `${kind.title} ${details.detail}` : kind.title, { cause: details.cause });
    this.code = code;
    this.status = kind.status;
    this.detail = details.detail;
    this.instance = details.instance;
    this.errors = details.errors;
  }

  toDocument(): ProblemDocument {
    return problemDocument(this.code, {
      ...(this.detail === undefined ? {} : { detail: this.detail }),
      ...(this.instance === undefined ? {} : { instance: this.instance }),
      ...(this.errors === undefined ? {} : { errors: this.errors }),
    });
  }
}

export function problemDocument(
  code: ProblemCode,
  members: Omit<ProblemDocument, 'type' | 'title' | 'status'> = {},
): ProblemDocument {
  const kind = PROBLEMS[code];
  return { type: `urn:parapet:problem:${code}`, title: kind.title, status: kind.status, ...members };
}

export function isProblemCode(text: string): text is ProblemCode {
  return Object.hasOwn(PROBLEMS, text);
}
