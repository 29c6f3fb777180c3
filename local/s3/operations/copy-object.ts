import type { AccessRequest } from '../../service.ts';
import { objectAccess } from '../access.ts';
import { isoTime, type ObjectCall, type Operation, type S3, xmlResponse } from '../call.ts';
import { checksumElement, parseAlgorithm } from '../checksum/algorithms.ts';
import { commitVersion, intoBlob, versionHeader } from '../commit.ts';
import { type CopySource, copySource, openSource, sourceContent, transfer } from '../copy-source.ts';
import { encryptionHeaders, newObjectKey } from '../encryption.ts';
import { refuse } from '../errors.ts';
import { requireWriteCondition, writeCondition } from '../preconditions.ts';
import type { ObjectContent } from '../state/schema.ts';
import { writeAccess } from '../write-access.ts';
import { MAX_PUT_BYTES, planWrite, type WritePlan } from '../write-plan.ts';
import { xmlDocument } from '../xml/write.ts';

type Directive = 'COPY' | 'REPLACE';

function directive(call: ObjectCall, header: string): Directive {
  const value = call.headers[header] ?? 'COPY';
  if (value !== 'COPY' && value !== 'REPLACE') throw refuse.invalidArgument('Unknown metadata directive.', header);
  return value;
}

/** Copied tags are read at the source and written here. */
function tagAccess(s3: S3, call: ObjectCall, source: CopySource, tags: Directive): readonly AccessRequest[] {
  if (tags === 'REPLACE' || Object.keys(source.version?.content?.tags ?? {}).length === 0) return [];
  const read = source.versionId === undefined ? 's3:GetObjectTagging' : 's3:GetObjectVersionTagging';
  return [objectAccess(s3, source.call, read), objectAccess(s3, call, 's3:PutObjectTagging')];
}

function requireChange(call: ObjectCall, source: CopySource, plan: WritePlan, metadata: Directive): void {
  const itself = source.call.bucket.name === call.bucket.name && source.call.key === call.key;
  const changes =
    metadata === 'REPLACE' || source.versionId !== undefined || plan.requestedLock.retention !== undefined;
  if (itself && !changes && call.headers['x-amz-server-side-encryption'] === undefined) {
    throw refuse.invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
}

export const copyObject: Operation<ObjectCall> = async (s3, call) => {
  const { bucket, key, request } = call;
  const metadataDirective = directive(call, 'x-amz-metadata-directive');
  const tagDirective = directive(call, 'x-amz-tagging-directive');
  const asked = planWrite(s3, call);
  // Without REPLACE the request's own metadata and tags are not looked at.
  const plan: WritePlan = tagDirective === 'REPLACE' ? asked : { ...asked, tags: {} };
  const condition = writeCondition(call.headers);
  const source = copySource(s3, call);
  s3.authorizer.require(
    request.caller,
    source.access,
    ...writeAccess(s3, call, plan, { creation: true }),
    ...tagAccess(s3, call, source, tagDirective),
  );
  requireChange(call, source, plan, metadataDirective);
  const found = sourceContent(s3, source);
  if (found.content.size > MAX_PUT_BYTES) {
    throw refuse.invalidRequest(
      'The specified copy source is larger than the maximum allowable size for a copy source: 5368709120',
    );
  }
  const before = s3.versions.latest(bucket.name, key);
  requireWriteCondition(condition, key, before);

  const named = call.headers['x-amz-checksum-algorithm'];
  const algorithm = named === undefined ? found.content.checksum.algorithm : parseAlgorithm(named);
  const objectKey = newObjectKey(s3, request.caller, plan.encryption, call);
  const stream = openSource(s3, source, found, { start: 0, end: found.content.size });
  const { blob, filled } = await intoBlob(s3, objectKey.key, (writer) => transfer(stream, writer, algorithm));
  const described = metadataDirective === 'REPLACE' ? plan : found.content;
  const content: ObjectContent = {
    headers: described.headers,
    metadata: described.metadata,
    tags: tagDirective === 'REPLACE' ? plan.tags : found.content.tags,
    encryption: objectKey.record,
    ...plan.lock,
    size: blob.size,
    etag: (objectKey.record.algorithm === 'AES256' ? filled.md5 : blob.cipherMd5).toString('hex'),
    // The copy is one piece, whatever its source was.
    checksum: { algorithm, type: 'FULL_OBJECT', value: filled.checksum },
  };
  const versionId = commitVersion(s3, call, {
    content,
    segments: [{ ...blob, part: 1, checksum: filled.checksum }],
    fresh: [blob.file],
    reason: 'CopyObject',
    condition,
    before,
  });
  const body = xmlDocument('CopyObjectResult', [
    ['ETag', `"${content.etag}"`],
    ['LastModified', isoTime(s3.versions.get(bucket.name, key, versionId)?.modified ?? s3.clock.now())],
    [checksumElement(algorithm), filled.checksum],
    ['ChecksumType', 'FULL_OBJECT'],
  ]);
  return xmlResponse(body, {
    ...versionHeader(versionId),
    ...(found.version.versionId === 'null' ? {} : { 'x-amz-copy-source-version-id': found.version.versionId }),
    ...encryptionHeaders(content.encryption),
  });
};
