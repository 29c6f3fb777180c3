/** What digests and run ids look like as text, and how a digest is made. */
import { hash } from 'node:crypto';
import * as z from 'zod/mini';

/** SHA-256 in lower-case hexadecimal. */
export const Sha256Hex = z.string().check(z.regex(/^[0-9a-f]{64}$/, 'a SHA-256 digest, 64 lower-case hex digits'));
/** A run's id: the first 32 hex digits of the digest of bucket, key and version of the upload. */
export const RunId = z.string().check(z.regex(/^[0-9a-f]{32}$/, 'a run id, 32 lower-case hex digits'));

/** SHA-256 of bytes, or of the UTF-8 of a text, in lower-case hexadecimal. */
export function sha256Hex(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex');
}
