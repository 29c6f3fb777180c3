/** Conditional requests: RFC 9110 section 13, and S3's conditional writes (…/userguide/conditional-writes.html). */
import type { Headers } from './body/declared.ts';
import { refuse } from './errors.ts';
import type { ObjectVersion } from './state/schema.ts';

export interface WriteCondition {
  /** `If-None-Match: *` */
  readonly absent: boolean;
  /** `If-Match`, without quotes. */
  readonly etag: string | undefined;
}

const unquote = (etag: string): string => etag.trim().replace(/^(?:W\/)?"(.*)"$/, '$1');

const matches = (list: string, etag: string): boolean =>
  list.split(',').some((each) => each.trim() === '*' || unquote(each) === etag);

export function writeCondition(headers: Headers): WriteCondition {
  const absent = headers['if-none-match'];
  if (absent !== undefined && absent !== '*') throw refuse.notImplemented('If-None-Match with an ETag on a write');
  return { absent: absent !== undefined, etag: headers['if-match'] };
}

/** Throws 412 or 404 unless the condition holds for the current version. */
export function requireWriteCondition(
  condition: WriteCondition,
  key: string,
  current: ObjectVersion | undefined,
): void {
  const content = current?.content;
  if (condition.absent && content) throw refuse.preconditionFailed('If-None-Match');
  if (condition.etag === undefined) return;
  if (!content) throw refuse.noSuchKey(key);
  if (!matches(condition.etag, content.etag)) throw refuse.preconditionFailed('If-Match');
}

/**
 * The same question again at the commit, when the body has arrived: of several writers the first to get here wins, the
 * others get 412; 409 when the object was deleted meanwhile.
 */
export function requireStillHolds(
  condition: WriteCondition,
  key: string,
  before: ObjectVersion | undefined,
  current: ObjectVersion | undefined,
): void {
  const conditional = condition.absent || condition.etag !== undefined;
  if (conditional && !current?.content && current?.sequence !== before?.sequence) throw refuse.conflict();
  requireWriteCondition(condition, key, current);
}

export interface ReadTarget {
  readonly etag: string;
  /** Epoch milliseconds, whole seconds. */
  readonly modified: number;
}

/** 412 by throwing; otherwise whether to answer 304. The header names are given, as a copy's source has its own. */
export function isNotModified(headers: Headers, target: ReadTarget, prefix: '' | 'x-amz-copy-source-' = ''): boolean {
  const header = (name: string): string | undefined => headers[`${prefix}${name}`];
  const date = (name: string): number => Date.parse(header(name) ?? '');
  const match = header('if-match');
  if (match !== undefined) {
    if (!matches(match, target.etag)) throw refuse.preconditionFailed('If-Match');
  } else if (target.modified > date('if-unmodified-since')) {
    throw refuse.preconditionFailed('If-Unmodified-Since');
  }
  const noneMatch = header('if-none-match');
  if (noneMatch !== undefined) return matches(noneMatch, target.etag);
  return target.modified <= date('if-modified-since');
}
