/** Retention and legal hold of one version. */
import { readDocument } from '../body/document.ts';
import { isoTime, type ObjectCall, type Operation, type S3, xmlResponse } from '../call.ts';
import { refuse } from '../errors.ts';
import { type Found, findVersion, readActions } from '../reading.ts';
import { bypassAccess, lockConditions, parseLegalHold, parseRetention, requireRetentionChange } from '../retention.ts';
import type { ObjectContent, Retention } from '../state/schema.ts';
import { xmlDocument } from '../xml/write.ts';

const MAX_DOCUMENT = 16 * 1024;

function requireLockBucket(call: ObjectCall): void {
  if (!call.bucket.objectLock) throw refuse.invalidRequest('Bucket is missing Object Lock Configuration');
}

const update = (s3: S3, { version }: Found, content: ObjectContent): void =>
  s3.store.transaction(() => s3.versions.update(version.sequence, content));

export const putObjectRetention: Operation<ObjectCall> = async (s3, call) => {
  requireLockBucket(call);
  const document = await readDocument(call, 'Retention', MAX_DOCUMENT);
  const mode = document.get('Mode');
  const until = document.get('RetainUntilDate');
  if ((mode === undefined) !== (until === undefined)) throw refuse.malformedXml();
  // An empty document lifts the retention.
  let next: Retention | undefined;
  if (mode !== undefined && until !== undefined) next = parseRetention(mode, until, s3.clock.now());
  const found = findVersion(s3, call, readActions('s3:PutObjectRetention'), {
    conditions: lockConditions(next ? { retention: next } : {}, s3.clock.now()),
    also: bypassAccess(s3, call),
  });
  requireRetentionChange(s3, call, found.content, next);
  const { retention: _, ...content } = found.content;
  update(s3, found, next ? { ...content, retention: next } : content);
  return { status: 200, headers: {} };
};

export const getObjectRetention: Operation<ObjectCall> = (s3, call) => {
  requireLockBucket(call);
  const { retention } = findVersion(s3, call, readActions('s3:GetObjectRetention')).content;
  if (!retention) {
    throw refuse.notFound(
      'NoSuchObjectLockConfiguration',
      'The specified object does not have a ObjectLock configuration',
    );
  }
  return xmlResponse(
    xmlDocument('Retention', [
      ['Mode', retention.mode],
      ['RetainUntilDate', isoTime(retention.until)],
    ]),
  );
};

export const putObjectLegalHold: Operation<ObjectCall> = async (s3, call) => {
  requireLockBucket(call);
  const document = await readDocument(call, 'LegalHold', MAX_DOCUMENT);
  const legalHold = parseLegalHold(document.get('Status') ?? '');
  const found = findVersion(s3, call, readActions('s3:PutObjectLegalHold'), {
    conditions: lockConditions({ legalHold }, s3.clock.now()),
  });
  update(s3, found, { ...found.content, legalHold });
  return { status: 200, headers: {} };
};

export const getObjectLegalHold: Operation<ObjectCall> = (s3, call) => {
  requireLockBucket(call);
  const { legalHold } = findVersion(s3, call, readActions('s3:GetObjectLegalHold')).content;
  return xmlResponse(xmlDocument('LegalHold', [['Status', legalHold ? 'ON' : 'OFF']]));
};
