import { httpTime, type ObjectCall, type Operation, type S3, xmlResponse } from '../call.ts';
import { checksumElement } from '../checksum/algorithms.ts';
import { versionHeader } from '../commit.ts';
import { authorizeDecrypt } from '../encryption.ts';
import { refuse } from '../errors.ts';
import { type Found, findVersion } from '../reading.ts';
import { type XmlElement, xmlDocument } from '../xml/write.ts';

const ACTIONS = {
  current: ['s3:GetObject', 's3:GetObjectAttributes'],
  version: ['s3:GetObjectVersion', 's3:GetObjectVersionAttributes'],
};

const MAX_PARTS = 1_000;

function numberIn(call: ObjectCall, header: string, byDefault: number): number {
  const text = call.headers[header];
  if (text === undefined) return byDefault;
  if (!/^\d{1,6}$/.test(text)) throw refuse.invalidArgument('The value is not a number', header);
  return Number(text);
}

function objectParts(s3: S3, call: ObjectCall, { version, content }: Found): XmlElement | undefined {
  if (content.parts === undefined) return undefined;
  const limit = Math.min(numberIn(call, 'x-amz-max-parts', MAX_PARTS), MAX_PARTS);
  const marker = numberIn(call, 'x-amz-part-number-marker', 0);
  const rest = s3.versions.segments(version.sequence).filter((segment) => segment.part > marker);
  const shown = rest.slice(0, limit);
  return [
    'ObjectParts',
    [
      ['PartsCount', content.parts],
      ['PartNumberMarker', marker],
      ['NextPartNumberMarker', shown.at(-1)?.part],
      ['MaxParts', limit],
      ['IsTruncated', rest.length > limit],
      ...shown.map(
        (segment): XmlElement => [
          'Part',
          [
            ['PartNumber', segment.part],
            ['Size', segment.size],
            [checksumElement(content.checksum.algorithm), segment.checksum],
          ],
        ],
      ),
    ],
  ];
}

export const getObjectAttributes: Operation<ObjectCall> = (s3, call) => {
  const wanted = new Set((call.headers['x-amz-object-attributes'] ?? '').split(',').map((each) => each.trim()));
  const found = findVersion(s3, call, ACTIONS);
  const { version, content } = found;
  if (wanted.has('Checksum')) authorizeDecrypt(s3, call.request.caller, content.encryption);
  const { algorithm, type, value } = content.checksum;
  const parts = wanted.has('ObjectParts') ? objectParts(s3, call, found) : undefined;
  const attributes: readonly XmlElement[] = [
    ['ETag', wanted.has('ETag') ? content.etag : undefined],
    [
      'Checksum',
      wanted.has('Checksum')
        ? [
            [checksumElement(algorithm), value],
            ['ChecksumType', type],
          ]
        : undefined,
    ],
    ...(parts ? [parts] : []),
    ['StorageClass', wanted.has('StorageClass') ? 'STANDARD' : undefined],
    ['ObjectSize', wanted.has('ObjectSize') ? content.size : undefined],
  ];
  return xmlResponse(xmlDocument('GetObjectAttributesResponse', attributes), {
    'last-modified': httpTime(version.modified),
    ...versionHeader(version.versionId),
  });
};
