import { createHash } from 'node:crypto';
import type { ObjectHead, ObjectStore } from '../../../shared/ports.ts';
import { Problem } from '../../../shared/problem.ts';

/**
 * Holds the payload against the digest that its credential vouches for, before anything parses a byte of it. A single put
 * with a SHA-256 has the digest in its head, checked by the store on arrival; any other upload is read once only to hash it.
 * The version is immutable, so that what is parsed afterwards is what was hashed. Throws `payload-digest`.
 */
export async function requireDigest(
  landing: ObjectStore,
  key: string,
  head: ObjectHead,
  claimed: string,
): Promise<void> {
  const actual = head.sha256 ?? (await hashOf(landing, key, head.versionId));
  if (actual !== claimed) throw new Problem('payload-digest');
}

async function hashOf(landing: ObjectStore, key: string, versionId: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of landing.stream(key, versionId)) hash.update(piece);
  return hash.digest('hex');
}
