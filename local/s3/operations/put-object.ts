import { declaredBody } from '../body/declared.ts';
import { receive } from '../body/receive.ts';
import type { ObjectCall, Operation } from '../call.ts';
import { commitVersion, intoBlob, writtenHeaders } from '../commit.ts';
import { newObjectKey } from '../encryption.ts';
import { requireWriteCondition, writeCondition } from '../preconditions.ts';
import type { ObjectContent } from '../state/schema.ts';
import { writeAccess } from '../write-access.ts';
import { MAX_PUT_BYTES, planWrite, requireDigestUnderLock } from '../write-plan.ts';

export const putObject: Operation<ObjectCall> = async (s3, call) => {
  const { bucket, key, request } = call;
  const plan = planWrite(s3, call);
  const declared = declaredBody(call.headers);
  const condition = writeCondition(call.headers);
  s3.authorizer.require(request.caller, ...writeAccess(s3, call, plan, { creation: true }));
  requireDigestUnderLock(declared, plan.lock);

  const before = s3.versions.latest(bucket.name, key);
  requireWriteCondition(condition, key, before);
  const objectKey = newObjectKey(s3, request.caller, plan.encryption, call);

  const { blob, filled: received } = await intoBlob(s3, objectKey.key, (writer) =>
    receive(request.body, {
      declared,
      signature: request.signature,
      maxBytes: MAX_PUT_BYTES,
      md5: objectKey.record.algorithm === 'AES256',
      sink: (piece) => writer.write(piece),
    }),
  );
  const content: ObjectContent = {
    headers: plan.headers,
    metadata: plan.metadata,
    tags: plan.tags,
    encryption: objectKey.record,
    ...plan.lock,
    size: received.size,
    // Under KMS an ETag is not the MD5 of the plaintext: whoever takes it for that shall find out here.
    etag: (objectKey.record.algorithm === 'AES256' ? (received.md5 ?? blob.cipherMd5) : blob.cipherMd5).toString('hex'),
    checksum: { ...received.checksum, type: 'FULL_OBJECT' },
  };
  const segments = [{ ...blob, part: 1, checksum: received.checksum.value }];
  const versionId = commitVersion(s3, call, {
    content,
    segments,
    fresh: [blob.file],
    reason: 'PutObject',
    condition,
    before,
  });
  return { status: 200, headers: writtenHeaders(content, versionId) };
};
