import type { KeyObject } from 'node:crypto';

export type MessageType = 'RAW' | 'DIGEST';

/** One signing algorithm of KMS. `message` is the message itself, or its digest. Both throw `NotImplemented` for what Node lacks. */
export interface SigningAlgorithm {
  sign(key: KeyObject, message: Buffer, type: MessageType): Buffer;
  verify(key: KeyObject, message: Buffer, type: MessageType, signature: Buffer): boolean;
}
