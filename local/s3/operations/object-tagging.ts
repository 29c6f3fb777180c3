/** Tags of one version. */
import { requestTags } from '../access.ts';
import { readDocument } from '../body/document.ts';
import { type ObjectCall, type Operation, type S3, xmlResponse } from '../call.ts';
import { versionHeader } from '../commit.ts';
import { refuse } from '../errors.ts';
import { type Found, findVersion, readActions } from '../reading.ts';
import { type Tags, tagsOf } from '../tags.ts';
import { type XmlElement, xmlDocument } from '../xml/write.ts';

const MAX_DOCUMENT = 64 * 1024;

function setTags(s3: S3, { version, content }: Found, tags: Tags): Record<string, string> {
  s3.store.transaction(() => s3.versions.update(version.sequence, { ...content, tags }));
  return versionHeader(version.versionId);
}

export const putObjectTagging: Operation<ObjectCall> = async (s3, call) => {
  const document = await readDocument(call, 'Tagging', MAX_DOCUMENT);
  const set = document.one('TagSet');
  if (!set) throw refuse.malformedXml();
  const tags = tagsOf(set.all('Tag').map((tag) => [tag.required('Key'), tag.required('Value')]));
  const found = findVersion(s3, call, readActions('s3:PutObjectTagging', 's3:PutObjectVersionTagging'), {
    conditions: requestTags(tags),
  });
  return { status: 200, headers: setTags(s3, found, tags) };
};

export const getObjectTagging: Operation<ObjectCall> = (s3, call) => {
  const found = findVersion(s3, call, readActions('s3:GetObjectTagging', 's3:GetObjectVersionTagging'));
  const tags = Object.entries(found.content.tags).map(
    ([key, value]): XmlElement => [
      'Tag',
      [
        ['Key', key],
        ['Value', value],
      ],
    ],
  );
  return xmlResponse(xmlDocument('Tagging', [['TagSet', tags]]), versionHeader(found.version.versionId));
};

export const deleteObjectTagging: Operation<ObjectCall> = (s3, call) => {
  const found = findVersion(s3, call, readActions('s3:DeleteObjectTagging', 's3:DeleteObjectVersionTagging'));
  return { status: 204, headers: setTags(s3, found, {}) };
};
