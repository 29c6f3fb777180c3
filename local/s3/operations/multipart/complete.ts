import { createHash } from 'node:crypto';
import { objectAccess } from '../../access.ts';
import { headerChecksum } from '../../body/declared.ts';
import { readDocument } from '../../body/document.ts';
import { type ObjectCall, type Operation, type S3, xmlResponse } from '../../call.ts';
import { ALGORITHMS, type Checksum, checksumElement, combineChecksums } from '../../checksum/algorithms.ts';
import { commitVersion, versionHeader } from '../../commit.ts';
import { authorizeDecrypt, encryptionHeaders } from '../../encryption.ts';
import { refuse } from '../../errors.ts';
import { requireWriteCondition, writeCondition } from '../../preconditions.ts';
import type { ObjectContent } from '../../state/schema.ts';
import type { Upload, UploadedPart } from '../../state/uploads.ts';
import { putConditions } from '../../write-access.ts';
import type { XmlNode } from '../../xml/read.ts';
import { type XmlElement, xmlDocument } from '../../xml/write.ts';
import { findUpload } from './create.ts';

const MAX_DOCUMENT = 8 * 1024 ** 2;
const MIN_PART = 5 * 1024 ** 2;
const MAX_OBJECT = 5 * 1024 ** 4;

interface ListedPart {
  readonly number: number;
  readonly etag: string;
  readonly checksums: Readonly<Record<string, string>>;
}

function listedPart(node: XmlNode): ListedPart {
  const number = Number(node.required('PartNumber'));
  if (!Number.isInteger(number)) throw refuse.malformedXml();
  const checksums = ALGORITHMS.flatMap((algorithm) => {
    const value = node.get(checksumElement(algorithm));
    return value === undefined ? [] : [[algorithm, value]];
  });
  return {
    number,
    etag: node
      .required('ETag')
      .trim()
      .replace(/^"(.*)"$/, '$1'),
    checksums: Object.fromEntries(checksums),
  };
}

/** The uploaded parts that the client lists, each as it lists it. */
function matchParts(s3: S3, upload: Upload, listed: readonly ListedPart[]): readonly UploadedPart[] {
  if (listed.some((part, index) => index > 0 && part.number <= (listed[index - 1]?.number ?? 0))) {
    throw refuse.invalidPartOrder();
  }
  const uploaded = new Map(s3.uploads.parts(upload.id).map((part) => [part.part, part]));
  const { algorithm } = upload.document;
  const parts = listed.map(({ number, etag, checksums }) => {
    const part = uploaded.get(number);
    if (!part || part.etag !== etag) throw refuse.invalidPart();
    if (checksums[algorithm] !== undefined && checksums[algorithm] !== part.checksum) throw refuse.invalidPart();
    return part;
  });
  if (parts.slice(0, -1).some((part) => part.size < MIN_PART)) throw refuse.tooSmall();
  return parts;
}

/** The checksum over the parts, compared with what the client says it is. */
function wholeChecksum(call: ObjectCall, upload: Upload, parts: readonly UploadedPart[]): Checksum {
  const { algorithm, type } = upload.document;
  const given = call.headers['x-amz-checksum-type'];
  if (given !== undefined && given !== type) {
    throw refuse.invalidRequest('The upload was created using another checksum type than the complete request has.');
  }
  const whole = combineChecksums(
    algorithm,
    type,
    parts.map(({ checksum, size }) => ({ value: checksum, size })),
  );
  const claimed = headerChecksum(call.headers);
  if (claimed && claimed.algorithm === algorithm && claimed.value !== whole.value) throw refuse.badDigest(algorithm);
  return whole;
}

function answer(call: ObjectCall, content: ObjectContent, versionId: string) {
  const { checksum } = content;
  const body = xmlDocument('CompleteMultipartUploadResult', [
    ['Location', `http://${call.request.headers.host ?? ''}/${call.bucket.name}/${encodeURIComponent(call.key)}`],
    ['Bucket', call.bucket.name],
    ['Key', call.key],
    ['ETag', `"${content.etag}"`],
    [checksumElement(checksum.algorithm), checksum.value] satisfies XmlElement,
    ['ChecksumType', checksum.type],
  ]);
  return xmlResponse(body, { ...versionHeader(versionId), ...encryptionHeaders(content.encryption) });
}

function requireSize(call: ObjectCall, size: number): void {
  const claimed = call.headers['x-amz-mp-object-size'];
  if (claimed !== undefined && claimed !== String(size)) {
    throw refuse.invalidRequest('The provided x-amz-mp-object-size header value does not match what was computed.');
  }
  if (size > MAX_OBJECT) throw refuse.tooLarge();
}

export const completeMultipartUpload: Operation<ObjectCall> = async (s3, call) => {
  const { bucket, key, request } = call;
  // A checksum in these headers is one over the object, not over this document.
  const framing = Object.entries(call.headers).filter(([name]) => !name.startsWith('x-amz-checksum-'));
  const condition = writeCondition(call.headers);
  const known = s3.uploads.get(bucket.name, key, call.query.get('uploadId') ?? '');
  const conditions = known?.document.conditions ?? {};
  const context = putConditions(s3, call, { creation: true, conditions });
  const reading = condition.etag === undefined ? [] : [objectAccess(s3, call, 's3:GetObject')];
  s3.authorizer.require(request.caller, objectAccess(s3, call, 's3:PutObject', context), ...reading);

  const before = s3.versions.latest(bucket.name, key);
  const document = await readDocument(call, 'CompleteMultipartUpload', MAX_DOCUMENT, Object.fromEntries(framing));
  const listed = document.all('Part').map(listedPart);
  if (listed.length === 0) throw refuse.malformedXml();
  const fingerprint = createHash('sha256')
    .update(listed.map((part) => `${part.number}:${part.etag}`).join())
    .digest('hex');

  // From here to the commit nothing is awaited: of two completions at once the second finds the first one's result.
  const upload = findUpload(s3, call, true);
  if (upload.completed) {
    const { versionId } = upload.completed;
    const made = s3.versions.get(bucket.name, key, versionId)?.content;
    // A client that lost the answer asks again, and gets the same one; S3 promises as much.
    if (upload.completed.parts !== fingerprint || made?.etag !== upload.completed.etag) throw refuse.noSuchUpload();
    return answer(call, made, versionId);
  }
  authorizeDecrypt(s3, request.caller, upload.document.encryption);
  requireWriteCondition(condition, key, before);
  const parts = matchParts(s3, upload, listed);
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  requireSize(call, size);
  const etags = createHash('md5');
  for (const part of parts) etags.update(Buffer.from(part.etag, 'hex'));
  const { headers, metadata, tags, encryption, retention, legalHold } = upload.document;
  const content: ObjectContent = {
    headers,
    metadata,
    tags,
    encryption,
    ...(retention ? { retention } : {}),
    legalHold,
    size,
    etag: `${etags.digest('hex')}-${parts.length}`,
    checksum: wholeChecksum(call, upload, parts),
    parts: parts.length,
  };
  const unused = unusedFiles(s3, upload, parts);
  const versionId = commitVersion(s3, call, {
    content,
    segments: parts,
    fresh: [],
    reason: 'CompleteMultipartUpload',
    condition,
    before,
    also: (made) => s3.uploads.complete(upload.id, { versionId: made, etag: content.etag, parts: fingerprint }),
  });
  s3.blobs.discard(unused);
  return answer(call, content, versionId);
};

/** Files of parts that were uploaded and not listed. */
function unusedFiles(s3: S3, upload: Upload, used: readonly UploadedPart[]): readonly string[] {
  const files = new Set(used.map((part) => part.file));
  return s3.uploads.parts(upload.id).flatMap((part) => (files.has(part.file) ? [] : [part.file]));
}
