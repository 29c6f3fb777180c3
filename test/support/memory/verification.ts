import type { AuditEntry } from '../../../shared/audit/entry.ts';
import { entriesOf } from '../../../shared/audit/segment.ts';
import { type SealReport, verifySeal } from '../../../shared/audit/verify-seal.ts';
import { KEYS } from '../../../shared/names.ts';
import type { World } from './world.ts';

/** Verifies the newest seal of a run as anybody can: by the public key, the documents and the segments. */
export async function verifyRun(world: World, run: string): Promise<SealReport> {
  const { audit } = world.buckets;
  const generation = audit.keys(KEYS.sealPrefix(run)).filter((key) => key.endsWith('/seal.json')).length;
  return verifySeal({
    checkpoint: audit.text(KEYS.checkpoint(run, generation)),
    document: audit.text(KEYS.sealDocument(run, generation)),
    key: world.verifierKey,
    segment: async ({ key, versionId }) => (await audit.get(key, { maxBytes: 100_000_000, versionId }))?.bytes,
  });
}

export function entriesOfRun(world: World, run: string): AuditEntry[] {
  const { audit } = world.buckets;
  return audit.keys(KEYS.auditPrefix(run)).flatMap((key) => [...entriesOf(Buffer.from(audit.text(key)))]);
}

/** Every exported row of a run, as the parts that its manifests name hold them: by destination, concatenated. */
export function exportsOf(world: World, run: string): Map<string, string> {
  const { exports } = world.buckets;
  const found = new Map<string, string>();
  for (const key of exports.keys()) {
    const [destination = '', of] = key.split('/');
    if (of === run) found.set(key.replace(`/${run}/`, '/'), exports.text(key));
    else if (destination === '') throw new Error('a key without a destination');
  }
  return found;
}
