/** GenerateDataKey, GenerateDataKeyWithoutPlaintext, GenerateRandom. */
import * as z from 'zod';
import { jsonOperation } from '../../gateway/json-service.ts';
import type { ApiRequest } from '../../service.ts';
import { seal } from '../ciphertext.ts';
import { refuse } from '../errors.ts';
import { authorisedKey, type Kms, requireUsage } from '../kms.ts';
import { base64, Context, KeyId } from '../parameters.ts';

const BYTES = { AES_128: 16, AES_256: 32 } as const;
const DataKey = z.strictObject({
  KeyId,
  EncryptionContext: Context,
  KeySpec: z.enum(['AES_128', 'AES_256']).optional(),
  NumberOfBytes: z.int().min(1).max(1_024).optional(),
});

function newDataKey(kms: Kms, request: ApiRequest, action: string, input: z.output<typeof DataKey>) {
  if ((input.KeySpec === undefined) === (input.NumberOfBytes === undefined)) {
    throw refuse.invalid('Please specify either number of bytes or key spec.');
  }
  const encryptionContext = input.EncryptionContext;
  const more = { 'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT' };
  const key = authorisedKey(kms, request, action, input.KeyId, { encryptionContext, more });
  requireUsage(key, 'ENCRYPT_DECRYPT');
  if (key.spec.form !== 'secret') throw refuse.usage(key.arn, `${key.usage} of ${key.specName}`);
  const plaintext = Buffer.from(kms.random(input.NumberOfBytes ?? BYTES[input.KeySpec ?? 'AES_256']));
  const blob = seal(key.id, kms.keys.secret(key), plaintext, encryptionContext, kms.random);
  return { plaintext, answer: { CiphertextBlob: base64(blob), KeyId: key.arn } };
}

export const generateDataKey = (kms: Kms) =>
  jsonOperation(DataKey, (input, request) => {
    const { plaintext, answer } = newDataKey(kms, request, 'kms:GenerateDataKey', input);
    return { ...answer, Plaintext: base64(plaintext) };
  });

export const generateDataKeyWithoutPlaintext = (kms: Kms) =>
  jsonOperation(DataKey, (input, request) => {
    const { plaintext, answer } = newDataKey(kms, request, 'kms:GenerateDataKeyWithoutPlaintext', input);
    plaintext.fill(0);
    return answer;
  });

export const generateRandom = (kms: Kms) =>
  jsonOperation(z.strictObject({ NumberOfBytes: z.int().min(1).max(1_024) }), ({ NumberOfBytes }, { caller }) => {
    const access = { action: 'kms:GenerateRandom', resource: '*', context: {}, resourceAccount: kms.accountId };
    kms.authorizer.require(caller, access);
    return { Plaintext: base64(kms.random(NumberOfBytes)) };
  });
