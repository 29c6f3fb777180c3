/** ListParts and ListMultipartUploads. */
import { bucketAccess, objectAccess } from '../../access.ts';
import { type BucketCall, isoTime, type ObjectCall, type Operation, xmlResponse } from '../../call.ts';
import { checksumElement } from '../../checksum/algorithms.ts';
import { refuse } from '../../errors.ts';
import { listUploads } from '../../state/listing.ts';
import { type XmlElement, xmlDocument } from '../../xml/write.ts';
import { commonPrefixes, items, listParameters, pageSize } from '../list-objects.ts';
import { findUpload } from './create.ts';

export const listParts: Operation<ObjectCall> = (s3, call) => {
  s3.authorizer.require(call.request.caller, objectAccess(s3, call, 's3:ListMultipartUploadParts'));
  const upload = findUpload(s3, call);
  const { algorithm, type, chosen } = upload.document;
  const limit = pageSize(call.query, 'max-parts');
  const marker = Number(call.query.get('part-number-marker') ?? 0);
  if (!Number.isInteger(marker))
    throw refuse.invalidArgument('The part number marker is not a number', 'part-number-marker');
  const found = s3.uploads.parts(upload.id, marker, limit + 1);
  const parts = found.slice(0, limit);
  const truncated = found.length > limit;
  return xmlResponse(
    xmlDocument('ListPartsResult', [
      ['Bucket', call.bucket.name],
      ['Key', call.key],
      ['UploadId', upload.id],
      ['PartNumberMarker', marker],
      ['NextPartNumberMarker', truncated ? (parts.at(-1)?.part ?? marker) : undefined],
      ['MaxParts', limit],
      ['IsTruncated', truncated],
      ['StorageClass', 'STANDARD'],
      ['ChecksumAlgorithm', chosen ? algorithm : undefined],
      ['ChecksumType', chosen ? type : undefined],
      ...parts.map(
        (part): XmlElement => [
          'Part',
          [
            ['PartNumber', part.part],
            ['LastModified', isoTime(part.modified)],
            ['ETag', `"${part.etag}"`],
            ['Size', part.size],
            [checksumElement(algorithm), part.checksum],
          ],
        ],
      ),
    ]),
  );
};

export const listMultipartUploads: Operation<BucketCall> = (s3, call) => {
  const { echo, show, limit, ...grouping } = listParameters(call, 'max-uploads', 'MaxUploads');
  s3.authorizer.require(call.request.caller, bucketAccess(s3, call, 's3:ListBucketMultipartUploads'));
  const keyMarker = call.query.get('key-marker') ?? '';
  const idMarker = call.query.get('upload-id-marker') ?? '';
  const after = keyMarker === '' ? undefined : { key: keyMarker, id: idMarker };
  const page = listUploads(s3.store, call.bucket.name, grouping, after, limit);
  const last = page.entries.at(-1);
  return xmlResponse(
    xmlDocument('ListMultipartUploadsResult', [
      ['Bucket', call.bucket.name],
      ['KeyMarker', show(keyMarker)],
      ['UploadIdMarker', idMarker],
      ...echo,
      ['IsTruncated', page.truncated],
      ['NextKeyMarker', page.truncated && last ? show('item' in last ? last.item.key : last.commonPrefix) : undefined],
      ['NextUploadIdMarker', page.truncated && last && 'item' in last ? last.item.id : undefined],
      ...items(page.entries).map(
        (upload): XmlElement => [
          'Upload',
          [
            ['UploadId', upload.id],
            ['Key', show(upload.key)],
            ['Initiated', isoTime(upload.initiated)],
            ['StorageClass', 'STANDARD'],
          ],
        ],
      ),
      ...commonPrefixes(page.entries, show),
    ]),
  );
};
