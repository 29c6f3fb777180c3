/** S3 (https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html). */
import { ApiError } from '../../service.ts';
import type { Protocol } from './protocol.ts';
import { element, XML_DECLARATION } from './xml.ts';

const denied = (message: string): ApiError => new ApiError('AccessDenied', message, 403);

export const restXml: Protocol = {
  render: (error, { requestId, method }) => ({
    status: error.status,
    headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId, 'x-amz-id-2': requestId },
    ...(method === 'HEAD'
      ? {}
      : {
          body:
            XML_DECLARATION +
            element('Error', [
              element('Code', error.code),
              element('Message', error.message),
              ...Object.entries(error.extra).map(([name, value]) => element(name, value)),
              element('RequestId', requestId),
              element('HostId', requestId),
            ]),
        }),
  }),
  signatureFaults: {
    missing: denied('Access Denied'),
    malformed: new ApiError(
      'AuthorizationHeaderMalformed',
      'The authorization header that you provided is not valid.',
      400,
    ),
    'unknown-key': new ApiError(
      'InvalidAccessKeyId',
      'The AWS access key ID that you provided does not exist in our records.',
      403,
    ),
    'wrong-token': new ApiError('InvalidToken', 'The provided token is malformed or otherwise not valid.', 400),
    'key-expired': new ApiError('ExpiredToken', 'The provided token has expired.', 400),
    'wrong-region': new ApiError(
      'AuthorizationHeaderMalformed',
      'The authorization header is malformed; the region is wrong.',
      400,
    ),
    'unsigned-headers': denied('There were headers present in the request which were not signed'),
    skewed: new ApiError(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      403,
    ),
    'url-expired': denied('Request has expired'),
    'wrong-signature': new ApiError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      403,
    ),
  },
  throttled: new ApiError('SlowDown', 'Please reduce your request rate.', 503),
  failed: new ApiError('InternalError', 'We encountered an internal error. Please try again.', 500),
};
