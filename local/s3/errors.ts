/** What S3 refuses with: codes, statuses and sentences of https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html. */
import { ApiError } from '../service.ts';

/** An error that also answers with headers, as 405 on a delete marker does. */
export class S3Error extends ApiError {
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    code: string,
    message: string,
    status: number,
    extra: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(code, message, status, extra);
    this.headers = headers;
  }
}

export const refuse = {
  accessDenied: (message = 'Access Denied') => new S3Error('AccessDenied', message, 403),
  accessControlList: () => new S3Error('AccessControlListNotSupported', 'The bucket does not allow ACLs', 400),
  badDigest: (what: string) =>
    new S3Error('BadDigest', `The ${what} you specified did not match what we received.`, 400),
  conflict: () =>
    new S3Error(
      'ConditionalRequestConflict',
      'The conditional request cannot succeed due to a conflicting operation against this resource.',
      409,
    ),
  contentSha256: () =>
    new S3Error(
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      400,
    ),
  incomplete: () =>
    new S3Error(
      'IncompleteBody',
      'You did not provide the number of bytes specified by the Content-Length header',
      400,
    ),
  invalidArgument: (message: string, name: string) =>
    new S3Error('InvalidArgument', message, 400, { ArgumentName: name }),
  invalidDigest: () => new S3Error('InvalidDigest', 'The Content-MD5 you specified was invalid.', 400),
  invalidPart: () =>
    new S3Error(
      'InvalidPart',
      "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
      400,
    ),
  invalidPartOrder: () =>
    new S3Error(
      'InvalidPartOrder',
      'The list of parts was not in ascending order. Parts must be ordered by part number.',
      400,
    ),
  invalidPartNumber: () => new S3Error('InvalidPartNumber', 'The requested partnumber is not satisfiable', 416),
  invalidRange: (size: number) =>
    new S3Error('InvalidRange', 'The requested range is not satisfiable', 416, { ActualObjectSize: String(size) }),
  invalidRequest: (message: string) => new S3Error('InvalidRequest', message, 400),
  invalidTag: (message: string) => new S3Error('InvalidTag', message, 400),
  invalidUri: () => new S3Error('InvalidURI', "Couldn't parse the specified URI.", 400),
  keyTooLong: () => new S3Error('KeyTooLongError', 'Your key is too long', 400),
  malformedXml: () =>
    new S3Error(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
      400,
    ),
  methodNotAllowed: (headers: Readonly<Record<string, string>>) =>
    new S3Error('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405, {}, headers),
  missingLength: () => new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.', 411),
  notImplemented: (what: string) =>
    new S3Error('NotImplemented', `The embedded cloud does not implement ${what}.`, 501),
  noSuchBucket: (bucket: string) =>
    new S3Error('NoSuchBucket', 'The specified bucket does not exist', 404, { BucketName: bucket }),
  noSuchKey: (key: string, headers: Readonly<Record<string, string>> = {}) =>
    new S3Error('NoSuchKey', 'The specified key does not exist.', 404, { Key: key }, headers),
  noSuchUpload: () =>
    new S3Error(
      'NoSuchUpload',
      'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
      404,
    ),
  noSuchVersion: (key: string, versionId: string) =>
    new S3Error('NoSuchVersion', 'The specified version does not exist.', 404, { Key: key, VersionId: versionId }),
  notFound: (code: string, message: string) => new S3Error(code, message, 404),
  preconditionFailed: (condition: string) =>
    new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412, {
      Condition: condition,
    }),
  signature: () =>
    new S3Error(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      403,
    ),
  tooLarge: () => new S3Error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed object size.', 400),
  tooSmall: () =>
    new S3Error('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed object size.', 400),
} as const;
