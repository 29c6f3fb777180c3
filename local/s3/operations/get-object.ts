/** GetObject and HeadObject. */
import type { ApiResponse } from '../../service.ts';
import type { ObjectCall, Operation, S3 } from '../call.ts';
import { checksumHeader } from '../checksum/algorithms.ts';
import { authorizeDecrypt, openObjectKey } from '../encryption.ts';
import { refuse } from '../errors.ts';
import { isNotModified } from '../preconditions.ts';
import { type ByteRange, contentRange, parseRange, partRange } from '../range.ts';
import { checksumHeaders, type Found, findVersion, GET_OBJECT, objectHeaders } from '../reading.ts';
import type { Segment } from '../state/schema.ts';

interface Selection {
  readonly range: ByteRange;
  readonly partial: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** Which bytes, and the headers about them. A checksum is told only of what it is over: the whole, or one part. */
function select(call: ObjectCall, { content }: Found, segments: readonly Segment[]): Selection {
  const wantsChecksum = call.headers['x-amz-checksum-mode']?.toUpperCase() === 'ENABLED';
  const partNumber = call.query.get('partNumber');
  if (partNumber !== null) {
    if (call.headers.range !== undefined) {
      throw refuse.invalidRequest('Cannot specify both Range header and partNumber query parameter');
    }
    const part = partRange(segments, Number(partNumber));
    const checksum = { [checksumHeader(content.checksum.algorithm)]: part.segment.checksum };
    return {
      range: part,
      partial: true,
      headers: {
        ...contentRange(part, content.size),
        ...(content.parts === undefined ? {} : { 'x-amz-mp-parts-count': String(content.parts) }),
        ...(wantsChecksum ? checksum : {}),
      },
    };
  }
  const range = parseRange(call.headers.range, content.size);
  if (range) return { range, partial: true, headers: contentRange(range, content.size) };
  const headers = wantsChecksum ? checksumHeaders(content) : {};
  return { range: { start: 0, end: content.size }, partial: false, headers };
}

const OVERRIDES = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

function overrides(call: ObjectCall): Record<string, string> {
  return Object.fromEntries(
    OVERRIDES.flatMap((name) => {
      const value = call.query.get(`response-${name}`);
      return value === null ? [] : [[name, value]];
    }),
  );
}

function read(s3: S3, call: ObjectCall, found: Found, body: boolean): ApiResponse {
  const { version, content } = found;
  const base = { ...objectHeaders(s3, call, found), ...overrides(call) };
  if (isNotModified(call.headers, { etag: content.etag, modified: version.modified })) {
    return { status: 304, headers: base };
  }
  const segments = s3.versions.segments(version.sequence);
  const { range, partial, headers } = select(call, found, segments);
  const length = range.end - range.start;
  const answer = {
    status: partial ? 206 : 200,
    headers: { ...base, ...headers, 'content-length': String(length) },
  };
  if (!body) return answer;
  const key = openObjectKey(s3, call.request.caller, content.encryption);
  return { ...answer, body: length === 0 ? '' : s3.blobs.read(segments, key, range.start, range.end) };
}

export const getObject: Operation<ObjectCall> = (s3, call) => read(s3, call, findVersion(s3, call, GET_OBJECT), true);

export const headObject: Operation<ObjectCall> = (s3, call) => {
  const found = findVersion(s3, call, GET_OBJECT);
  // A checksum tells something of the content: it takes the permission to decrypt.
  if (call.headers['x-amz-checksum-mode'] !== undefined) {
    authorizeDecrypt(s3, call.request.caller, found.content.encryption);
  }
  return read(s3, call, found, false);
};
