/** CreateMultipartUpload and AbortMultipartUpload. */
import { objectAccess } from '../../access.ts';
import { type ObjectCall, type Operation, type S3, wholeSecond, xmlResponse } from '../../call.ts';
import {
  type Algorithm,
  type ChecksumType,
  DEFAULT_ALGORITHM,
  defaultType,
  isAllowedType,
  parseAlgorithm,
} from '../../checksum/algorithms.ts';
import { newId } from '../../commit.ts';
import { encryptionHeaders, newObjectKey } from '../../encryption.ts';
import { refuse } from '../../errors.ts';
import type { Upload } from '../../state/uploads.ts';
import { encryptionConditions, writeAccess } from '../../write-access.ts';
import { planWrite } from '../../write-plan.ts';
import { xmlDocument } from '../../xml/write.ts';

function chosenChecksum(call: ObjectCall): { algorithm: Algorithm; type: ChecksumType; chosen: boolean } {
  const name = call.headers['x-amz-checksum-algorithm'];
  const algorithm = name === undefined ? DEFAULT_ALGORITHM : parseAlgorithm(name);
  const given = call.headers['x-amz-checksum-type'];
  const type = given ?? defaultType(algorithm);
  if (type !== 'FULL_OBJECT' && type !== 'COMPOSITE') {
    throw refuse.invalidRequest('Value for x-amz-checksum-type header is invalid.');
  }
  if (name === undefined && given !== undefined) {
    throw refuse.invalidRequest(
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    );
  }
  if (!isAllowedType(algorithm, type)) {
    throw refuse.invalidRequest(`The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm.`);
  }
  return { algorithm, type, chosen: name !== undefined };
}

export const createMultipartUpload: Operation<ObjectCall> = (s3, call) => {
  const { bucket, key, request } = call;
  const plan = planWrite(s3, call);
  const checksum = chosenChecksum(call);
  s3.authorizer.require(request.caller, ...writeAccess(s3, call, plan, { creation: false }));
  const { record } = newObjectKey(s3, request.caller, plan.encryption, call);
  const id = newId();
  s3.store.transaction(() =>
    s3.uploads.create({
      id,
      bucket: bucket.name,
      key,
      initiated: wholeSecond(s3),
      document: {
        headers: plan.headers,
        metadata: plan.metadata,
        tags: plan.tags,
        encryption: record,
        ...plan.lock,
        ...checksum,
        conditions: encryptionConditions(s3, call.headers),
      },
    }),
  );
  const body = xmlDocument('InitiateMultipartUploadResult', [
    ['Bucket', bucket.name],
    ['Key', key],
    ['UploadId', id],
  ]);
  return xmlResponse(body, {
    ...encryptionHeaders(record),
    ...(checksum.chosen
      ? { 'x-amz-checksum-algorithm': checksum.algorithm, 'x-amz-checksum-type': checksum.type }
      : {}),
  });
};

/** The upload that the call names; throws 404 also for a completed one unless `completed` allows it. */
export function findUpload(s3: S3, call: ObjectCall, completed = false): Upload {
  const upload = s3.uploads.get(call.bucket.name, call.key, call.query.get('uploadId') ?? '');
  if (!upload || (upload.completed && !completed)) throw refuse.noSuchUpload();
  return upload;
}

export const abortMultipartUpload: Operation<ObjectCall> = (s3, call) => {
  s3.authorizer.require(call.request.caller, objectAccess(s3, call, 's3:AbortMultipartUpload'));
  const { id } = findUpload(s3, call);
  s3.blobs.discard(s3.store.transaction(() => s3.uploads.abort(id)));
  return { status: 204, headers: {} };
};
