import { isoTime, type ObjectCall, type Operation, wholeSecond, xmlResponse } from '../../call.ts';
import { checksumElement } from '../../checksum/algorithms.ts';
import { intoBlob } from '../../commit.ts';
import { copySource, openSource, sourceContent, sourceRange, transfer } from '../../copy-source.ts';
import { encryptionHeaders, openObjectKey } from '../../encryption.ts';
import { refuse } from '../../errors.ts';
import { MAX_PUT_BYTES } from '../../write-plan.ts';
import { xmlDocument } from '../../xml/write.ts';
import { authorizePart, partEtag, partNumberOf, recordPart } from './upload-part.ts';

export const uploadPartCopy: Operation<ObjectCall> = async (s3, call) => {
  const number = partNumberOf(call);
  const source = copySource(s3, call);
  const upload = authorizePart(s3, call, [source.access]);
  const found = sourceContent(s3, source);
  const range = sourceRange(call, found.content.size);
  if (range.end - range.start > MAX_PUT_BYTES) throw refuse.tooLarge();
  const { algorithm, encryption } = upload.document;
  const key = openObjectKey(s3, call.request.caller, encryption);
  const stream = openSource(s3, source, found, range);
  const { blob, filled } = await intoBlob(s3, key, (writer) => transfer(stream, writer, algorithm));
  const etag = partEtag(upload, blob, filled.md5);
  const { file, size, iv } = blob;
  recordPart(s3, call, upload, { part: number, file, size, iv, checksum: filled.checksum, etag });
  const body = xmlDocument('CopyPartResult', [
    ['ETag', `"${etag}"`],
    ['LastModified', isoTime(wholeSecond(s3))],
    [checksumElement(algorithm), filled.checksum],
  ]);
  return xmlResponse(body, {
    ...(found.version.versionId === 'null' ? {} : { 'x-amz-copy-source-version-id': found.version.versionId }),
    ...encryptionHeaders(encryption),
  });
};
