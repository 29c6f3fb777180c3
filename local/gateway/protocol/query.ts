/** The AWS query protocol: STS. */
import { ApiError } from '../../service.ts';
import type { Protocol } from './protocol.ts';
import { element, XML_DECLARATION } from './xml.ts';

const refusal = (code: string, message: string): ApiError => new ApiError(code, message, 403);
const wrongSignature = (message: string): ApiError => refusal('SignatureDoesNotMatch', message);
const invalidToken = refusal('InvalidClientTokenId', 'The security token included in the request is invalid.');

export const query: Protocol = {
  render: (error, { requestId }) => ({
    status: error.status,
    headers: { 'content-type': 'text/xml', 'x-amzn-requestid': requestId },
    body:
      XML_DECLARATION +
      element('ErrorResponse', [
        element('Error', [
          element('Type', error.status < 500 ? 'Sender' : 'Receiver'),
          element('Code', error.code),
          element('Message', error.message),
        ]),
        element('RequestId', requestId),
      ]),
  }),
  signatureFaults: {
    missing: refusal('MissingAuthenticationToken', 'Request is missing Authentication Token'),
    malformed: refusal('IncompleteSignature', 'The request signature does not conform to AWS standards'),
    'unknown-key': invalidToken,
    'wrong-token': invalidToken,
    'key-expired': refusal('ExpiredToken', 'The security token included in the request is expired'),
    'wrong-region': wrongSignature('Credential should be scoped to a valid region.'),
    'unsigned-headers': wrongSignature('The host header and every x-amz-* header must be signed.'),
    skewed: wrongSignature('Signature not yet current or expired.'),
    'url-expired': wrongSignature('Signature expired.'),
    'wrong-signature': wrongSignature('The request signature we calculated does not match the signature you provided.'),
  },
  throttled: new ApiError('Throttling', 'Rate exceeded', 400),
  failed: new ApiError('InternalFailure', 'The request processing has failed because of an unknown error.', 500),
};
