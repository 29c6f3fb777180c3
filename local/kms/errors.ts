/** What KMS refuses with (AWS KMS API Reference). Every one is answered with 400. */
import { ApiError } from '../service.ts';

export const refuse = {
  notFound: (what: string) => new ApiError('NotFoundException', `${what} does not exist`),
  disabled: (arn: string) => new ApiError('DisabledException', `${arn} is disabled.`),
  pendingDeletion: (arn: string) => new ApiError('KMSInvalidStateException', `${arn} is pending deletion.`),
  state: (arn: string, state: string) => new ApiError('KMSInvalidStateException', `${arn} is in state ${state}.`),
  usage: (arn: string, usage: string) => new ApiError('InvalidKeyUsageException', `${arn} key usage is ${usage}.`),
  unsupported: (spec: string) =>
    new ApiError('UnsupportedOperationException', `The operation does not fit a key of ${spec}.`),
  /** Says no more: a reason would help whoever tampers. */
  ciphertext: () => new ApiError('InvalidCiphertextException', ''),
  incorrectKey: () =>
    new ApiError(
      'IncorrectKeyException',
      'The key ID in the request does not identify the key that encrypted the data.',
    ),
  signature: () => new ApiError('KMSInvalidSignatureException', 'The signature is not valid.'),
  mac: () => new ApiError('KMSInvalidMacException', 'The MAC is not valid.'),
  invalid: (message: string) => new ApiError('ValidationException', message),
  unknownCiphertextKey: () =>
    new ApiError(
      'AccessDeniedException',
      'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
    ),
} as const;
