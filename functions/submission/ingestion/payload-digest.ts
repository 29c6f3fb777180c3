import { createHash } from 'node:crypto';
import type { ObjectHead, ObjectStore } from '../../../shared/ports.ts';

/**
 * SHA-256 (hex) of the payload, to be held against what its credential vouches for before anything parses a byte of it. A
 * single put with a SHA-256 has the digest in its head, checked by the store on arrival; any other upload is read once only to
 * hash it. The version is immutable, so that what is parsed afterwards is what was hashed.
 */
export async function payloadDigest(landing: ObjectStore, key: string, head: ObjectHead): Promise<string> {
  if (head.sha256 !== undefined) return head.sha256;
  const hash = createHash('sha256');
  for await (const piece of landing.stream(key, head.versionId)) hash.update(piece);
  return hash.digest('hex');
}
