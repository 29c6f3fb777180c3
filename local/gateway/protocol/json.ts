/** AWS JSON 1.0 and 1.1: DynamoDB, KMS, Secrets Manager, Step Functions, SQS. */
import { ApiError } from '../../service.ts';
import type { Protocol } from './protocol.ts';

const unrecognised = (message: string): ApiError => new ApiError('UnrecognizedClientException', message, 400);
const invalidSignature = (message: string): ApiError => new ApiError('InvalidSignatureException', message, 400);

/** These protocols name denial differently, and answer it with 400. */
function inWordsOfJson(error: ApiError): ApiError {
  return error.code === 'AccessDenied' ? new ApiError('AccessDeniedException', error.message, 400, error.extra) : error;
}

export const json: Protocol = {
  render: (thrown, { requestId, contentType }) => {
    const error = inWordsOfJson(thrown);
    return {
      status: error.status,
      headers: {
        'content-type': contentType.startsWith('application/x-amz-json') ? contentType : 'application/x-amz-json-1.1',
        'x-amzn-requestid': requestId,
        'x-amzn-errortype': error.code,
      },
      // Services differ in the case of the member; the SDK reads either.
      body: JSON.stringify({ __type: error.code, message: error.message, Message: error.message, ...error.extra }),
    };
  },
  signatureFaults: {
    missing: new ApiError('MissingAuthenticationTokenException', 'Request is missing Authentication Token', 400),
    malformed: new ApiError(
      'IncompleteSignatureException',
      'The request signature does not conform to AWS standards',
      400,
    ),
    'unknown-key': unrecognised('The security token included in the request is invalid.'),
    'wrong-token': unrecognised('The security token included in the request is invalid.'),
    'key-expired': new ApiError('ExpiredTokenException', 'The security token included in the request is expired', 400),
    'wrong-region': invalidSignature('Credential should be scoped to a valid region.'),
    'unsigned-headers': invalidSignature('The host header and every x-amz-* header must be signed.'),
    skewed: invalidSignature('Signature not yet current or expired.'),
    'url-expired': invalidSignature('Signature expired.'),
    'wrong-signature': invalidSignature(
      'The request signature we calculated does not match the signature you provided.',
    ),
  },
  throttled: new ApiError('ThrottlingException', 'Rate exceeded', 400),
  failed: new ApiError('InternalFailure', 'The request processing has failed because of an unknown error.', 500),
};
