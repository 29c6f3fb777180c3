import { objectAccess } from '../../access.ts';
import type { WrittenBlob } from '../../blobs.ts';
import { declaredBody } from '../../body/declared.ts';
import { receive } from '../../body/receive.ts';
import { type ObjectCall, type Operation, type S3, wholeSecond } from '../../call.ts';
import { checksumHeader } from '../../checksum/algorithms.ts';
import { intoBlob } from '../../commit.ts';
import { encryptionHeaders, openObjectKey } from '../../encryption.ts';
import { refuse } from '../../errors.ts';
import type { Upload, UploadedPart } from '../../state/uploads.ts';
import { putConditions } from '../../write-access.ts';
import { MAX_PUT_BYTES } from '../../write-plan.ts';
import { findUpload } from './create.ts';

const MAX_PARTS = 10_000;

export function partNumberOf(call: ObjectCall): number {
  const text = call.query.get('partNumber') ?? '';
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > MAX_PARTS) {
    throw refuse.invalidArgument('Part number must be an integer between 1 and 10000, inclusive', 'partNumber');
  }
  return number;
}

/** Authorises one part; the upload's own encryption headers stand for the part's. Gives the upload. */
export function authorizePart(
  s3: S3,
  call: ObjectCall,
  more: Parameters<typeof s3.authorizer.require>[1][] = [],
): Upload {
  const uploadId = call.query.get('uploadId') ?? '';
  const conditions = s3.uploads.get(call.bucket.name, call.key, uploadId)?.document.conditions ?? {};
  const context = putConditions(s3, call, { creation: false, conditions });
  s3.authorizer.require(call.request.caller, objectAccess(s3, call, 's3:PutObject', context), ...more);
  return findUpload(s3, call);
}

/** One transaction: the upload may have been completed or aborted while the part came in. */
export function recordPart(s3: S3, call: ObjectCall, upload: Upload, part: Omit<UploadedPart, 'modified'>): void {
  let orphan: string | undefined = part.file;
  try {
    orphan = s3.store.transaction(() => {
      findUpload(s3, call);
      return s3.uploads.putPart(upload.id, { ...part, modified: wholeSecond(s3) });
    });
  } finally {
    if (orphan !== undefined) s3.blobs.discard([orphan]);
  }
}

export function partEtag(upload: Upload, blob: WrittenBlob, md5: Buffer | undefined): string {
  const plain = upload.document.encryption.algorithm === 'AES256' ? md5 : undefined;
  return (plain ?? blob.cipherMd5).toString('hex');
}

export const uploadPart: Operation<ObjectCall> = async (s3, call) => {
  const { request } = call;
  const number = partNumberOf(call);
  const declared = declaredBody(call.headers);
  const upload = authorizePart(s3, call);
  const { algorithm, chosen, encryption } = upload.document;
  if (chosen && declared.checksum && declared.checksum.algorithm !== algorithm) {
    throw refuse.invalidRequest(
      `Checksum Type mismatch occurred, expected checksum Type: ${algorithm.toLowerCase()}, actual checksum Type: ${declared.checksum.algorithm.toLowerCase()}`,
    );
  }
  // S3 reads parts back when it completes an upload, so a part takes the permission to decrypt, not to generate.
  const key = openObjectKey(s3, request.caller, encryption);
  const { blob, filled: received } = await intoBlob(s3, key, (writer) =>
    receive(request.body, {
      declared,
      signature: request.signature,
      algorithm,
      maxBytes: MAX_PUT_BYTES,
      md5: encryption.algorithm === 'AES256',
      sink: (piece) => writer.write(piece),
    }),
  );
  const etag = partEtag(upload, blob, received.md5);
  const { file, size, iv } = blob;
  recordPart(s3, call, upload, { part: number, file, size, iv, checksum: received.checksum.value, etag });
  return {
    status: 200,
    headers: {
      etag: `"${etag}"`,
      ...encryptionHeaders(encryption),
      [checksumHeader(algorithm)]: received.checksum.value,
    },
  };
};
