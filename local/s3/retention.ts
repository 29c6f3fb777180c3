/** Object Lock: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html */
import type { AccessRequest } from '../service.ts';
import { objectAccess } from './access.ts';
import type { Headers } from './body/declared.ts';
import type { Bucket } from './bucket.ts';
import type { ObjectCall, S3 } from './call.ts';
import { refuse } from './errors.ts';
import type { ObjectContent, Retention } from './state/schema.ts';

const DAY = 86_400_000;
const BYPASS = 'x-amz-bypass-governance-retention';

export interface Lock {
  readonly retention?: Retention;
  readonly legalHold: boolean;
}

/** A retention as a client asks for it. Throws 400 unless it ends in the future. */
export function parseRetention(mode: string, until: string, now: number): Retention {
  const end = Date.parse(until);
  if (mode !== 'GOVERNANCE' && mode !== 'COMPLIANCE') {
    throw refuse.invalidArgument('Unknown wormMode directive.', 'x-amz-object-lock-mode');
  }
  if (Number.isNaN(end)) {
    throw refuse.invalidArgument('The retain until date is not a time.', 'x-amz-object-lock-retain-until-date');
  }
  if (end <= now) {
    throw refuse.invalidArgument('The retain until date must be in the future!', 'x-amz-object-lock-retain-until-date');
  }
  return { mode, until: end };
}

export function parseLegalHold(status: string): boolean {
  if (status !== 'ON' && status !== 'OFF') {
    throw refuse.invalidArgument('Legal Hold must be either of ON or OFF', 'x-amz-object-lock-legal-hold');
  }
  return status === 'ON';
}

/** What the headers of a write ask for; empty where they ask for nothing. */
export function requestedLock(bucket: Bucket, headers: Headers, now: number): Partial<Lock> {
  const mode = headers['x-amz-object-lock-mode'];
  const until = headers['x-amz-object-lock-retain-until-date'];
  const hold = headers['x-amz-object-lock-legal-hold'];
  if (mode === undefined && until === undefined && hold === undefined) return {};
  if (!bucket.objectLock) throw refuse.invalidRequest('Bucket is missing Object Lock Configuration');
  if ((mode === undefined) !== (until === undefined)) {
    throw refuse.invalidArgument(
      'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
      'x-amz-object-lock-mode',
    );
  }
  return {
    ...(mode === undefined || until === undefined ? {} : { retention: parseRetention(mode, until, now) }),
    ...(hold === undefined ? {} : { legalHold: parseLegalHold(hold) }),
  };
}

/** What a new object gets: what was asked for, else the bucket's default, counted from `now`. */
export function effectiveLock(bucket: Bucket, requested: Partial<Lock>, now: number): Lock {
  const byDefault = bucket.defaultRetention && {
    mode: bucket.defaultRetention.mode,
    until: now + bucket.defaultRetention.days * DAY,
  };
  const retention = requested.retention ?? byDefault;
  return { ...(retention ? { retention } : {}), legalHold: requested.legalHold ?? false };
}

/** Condition keys of what is asked for. */
export function lockConditions(requested: Partial<Lock>, now: number): Readonly<Record<string, string>> {
  const { retention, legalHold } = requested;
  return {
    ...(retention
      ? {
          's3:object-lock-mode': retention.mode,
          's3:object-lock-retain-until-date': new Date(retention.until).toISOString(),
          's3:object-lock-remaining-retention-days': String(Math.ceil((retention.until - now) / DAY)),
        }
      : {}),
    ...(legalHold === undefined ? {} : { 's3:object-lock-legal-hold': legalHold ? 'ON' : 'OFF' }),
  };
}

const bypassAsked = (call: ObjectCall): boolean => call.headers[BYPASS]?.toLowerCase() === 'true';

/** The permission that a call needs besides its own when it asks to bypass GOVERNANCE. */
export function bypassAccess(s3: S3, call: ObjectCall): readonly AccessRequest[] {
  return bypassAsked(call) ? [objectAccess(s3, call, 's3:BypassGovernanceRetention')] : [];
}

const isRetained = (
  content: ObjectContent | undefined,
  now: number,
): content is ObjectContent & { retention: Retention } =>
  content?.retention !== undefined && content.retention.until > now;

/** Throws 403 when the version may not be deleted. The permission to bypass has been required before. */
export function requireDeletable(s3: S3, call: ObjectCall, content: ObjectContent | undefined): void {
  const retained = isRetained(content, s3.clock.now());
  const bypassed = retained && content.retention.mode === 'GOVERNANCE' && bypassAsked(call);
  if (content?.legalHold || (retained && !bypassed)) {
    throw refuse.accessDenied('Access Denied because object protected by object lock.');
  }
}

/** For the service's own deletions: nobody there to bypass anything. */
export const isLocked = (content: ObjectContent, now: number): boolean => content.legalHold || isRetained(content, now);

/**
 * Throws 403 when the retention may not be changed so: it may always be extended in its own mode; GOVERNANCE may be
 * shortened, lifted or exchanged under the bypass; COMPLIANCE never.
 */
export function requireRetentionChange(
  s3: S3,
  call: ObjectCall,
  content: ObjectContent,
  next: Retention | undefined,
): void {
  if (!isRetained(content, s3.clock.now())) return;
  const { mode, until } = content.retention;
  const extended = next !== undefined && next.mode === mode && next.until >= until;
  if (!extended && !(mode === 'GOVERNANCE' && bypassAsked(call))) {
    throw refuse.accessDenied('Access Denied because object protected by object lock.');
  }
}
