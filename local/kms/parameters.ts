/** Parameters that several operations share, with the limits of the API reference. */
import * as z from 'zod';

const bytes = (longest: number) =>
  z
    .base64()
    .transform((text) => Buffer.from(text, 'base64'))
    .refine((buffer) => buffer.length >= 1 && buffer.length <= longest);

export const KeyId = z.string().min(1).max(2_048);
export const Context = z.record(z.string(), z.string()).default({});
export const Plaintext = bytes(4_096);
export const CiphertextBlob = bytes(6_144);
export const Message = bytes(4_096);
export const Signature = bytes(6_144);
export const base64 = (buffer: Uint8Array): string => Buffer.from(buffer).toString('base64');
