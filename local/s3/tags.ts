/** Object tags: at most 10, keys to 128 and values to 256 characters. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
import { refuse, S3Error } from './errors.ts';

export type Tags = Readonly<Record<string, string>>;

const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

export function tagsOf(pairs: readonly (readonly [key: string, value: string])[]): Tags {
  if (pairs.length > 10) throw new S3Error('BadRequest', 'Object tags cannot be greater than 10', 400);
  // No prototype: a tag may be called `__proto__`.
  const tags: Record<string, string> = Object.create(null);
  for (const [key, value] of pairs) {
    if (key === '' || key.length > 128 || !ALLOWED.test(key))
      throw refuse.invalidTag('The TagKey you have provided is invalid');
    if (value.length > 256 || !ALLOWED.test(value))
      throw refuse.invalidTag('The TagValue you have provided is invalid');
    if (key in tags) throw refuse.invalidTag('Cannot provide multiple Tags with the same key');
    tags[key] = value;
  }
  return tags;
}

/** The header `x-amz-tagging`: a query string. */
export const tagsInHeader = (header: string | undefined): Tags =>
  header === undefined ? {} : tagsOf([...new URLSearchParams(header)]);
