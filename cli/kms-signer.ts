/** Signs by a key in KMS: the private half never leaves it (requirements S09, T14). */
import { createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { Problem } from '../shared/problem.ts';
import { type Es256Signer, isP256, remoteSigner } from '../shared/signature/signer.ts';

/** `key`: id, ARN or alias. The caller's own AWS session counts; contracts are signed by a person with MFA. */
export async function kmsSigner(key: string, client: Pick<KMSClient, 'send'> = new KMSClient()): Promise<Es256Signer> {
  const { PublicKey: spki } = await client.send(new GetPublicKeyCommand({ KeyId: key }));
  if (spki === undefined) throw new Problem('internal-failure', { detail: 'KMS gave no public key.' });
  const publicKey = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  if (!isP256(publicKey)) throw new Problem('usage-invalid', { detail: 'The KMS key is no ECC_NIST_P256 key.' });
  return remoteSigner(publicKey, async (digest) => {
    const request = { KeyId: key, Message: digest, MessageType: 'DIGEST', SigningAlgorithm: 'ECDSA_SHA_256' } as const;
    const { Signature: der } = await client.send(new SignCommand(request));
    if (der === undefined) throw new Problem('internal-failure', { detail: 'KMS gave no signature.' });
    return der;
  });
}
