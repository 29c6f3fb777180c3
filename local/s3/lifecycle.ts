/**
 * Lifecycle rules, applied when asked: https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-examples.html
 * What is locked stays. Transitions would change a storage class and nothing else, so there is nothing to do for them.
 */
import type { Bucket, LifecycleRule } from './bucket.ts';
import type { S3 } from './call.ts';
import { newId } from './commit.ts';
import { objectDeleted } from './events.ts';
import { isLocked } from './retention.ts';
import { nextSequence, type ObjectVersion } from './state/schema.ts';
import { VERSION_COLUMNS, versionOf } from './state/versions.ts';

export interface Expired {
  /** Current objects that were deleted or hidden behind a delete marker. */
  readonly objects: number;
  readonly noncurrentVersions: number;
  readonly deleteMarkers: number;
  readonly uploads: number;
}

const DAY = 86_400_000;

/** S3 counts whole days and rounds up to the next midnight UTC. */
const dueAfter = (since: number, days: number): number => Math.ceil((since + days * DAY) / DAY) * DAY;

/** A version with what its neighbours say about it. */
interface Placed {
  readonly version: ObjectVersion;
  /** When the next newer version came (epoch milliseconds); undefined for the current one. */
  readonly supersededAt: number | undefined;
  /** How many newer noncurrent versions the key has. */
  readonly newerNoncurrent: number;
  /** Whether it is all that is left of the key. */
  readonly alone: boolean;
}

function matches(rule: LifecycleRule, { key, content }: ObjectVersion): boolean {
  if (!key.startsWith(rule.prefix)) return false;
  const filtered = Object.keys(rule.tags).length > 0 || rule.largerThan !== undefined || rule.smallerThan !== undefined;
  if (!content) return !filtered;
  return (
    Object.entries(rule.tags).every(([tag, value]) => content.tags[tag] === value) &&
    (rule.largerThan === undefined || content.size > rule.largerThan) &&
    (rule.smallerThan === undefined || content.size < rule.smallerThan)
  );
}

type Verdict = 'keep' | 'hide' | 'remove';

function judge(rule: LifecycleRule, placed: Placed, now: number): Verdict {
  const { version, supersededAt } = placed;
  if (!matches(rule, version)) return 'keep';
  if (supersededAt !== undefined) {
    const old = rule.noncurrentDays !== undefined && dueAfter(supersededAt, rule.noncurrentDays) <= now;
    return old && placed.newerNoncurrent >= rule.noncurrentKept ? 'remove' : 'keep';
  }
  const expired =
    (rule.expirationDays !== undefined && dueAfter(version.modified, rule.expirationDays) <= now) ||
    (rule.expirationDate !== undefined && rule.expirationDate <= now);
  if (version.content) return expired ? 'hide' : 'keep';
  return placed.alone && (rule.expiredDeleteMarker || expired) ? 'remove' : 'keep';
}

function* versionsByKey(s3: S3, bucket: Bucket): Generator<readonly ObjectVersion[]> {
  const sql = `SELECT ${VERSION_COLUMNS} FROM s3_versions WHERE bucket = ? ORDER BY key, sequence DESC`;
  let group: ObjectVersion[] = [];
  for (const version of s3.store.prepare(sql).all(bucket.name).map(versionOf)) {
    if (group[0] && group[0].key !== version.key) {
      yield group;
      group = [];
    }
    group.push(version);
  }
  if (group.length > 0) yield group;
}

function place(versions: readonly ObjectVersion[]): readonly Placed[] {
  return versions.map((version, index) => ({
    version,
    supersededAt: versions[index - 1]?.modified,
    newerNoncurrent: index - 1,
    alone: versions.length === 1,
  }));
}

export function expire(s3: S3, now: number): Expired {
  const counts = { objects: 0, noncurrentVersions: 0, deleteMarkers: 0, uploads: 0 };
  const orphans: string[] = [];
  s3.store.transaction(() => {
    for (const bucket of s3.buckets.values()) {
      if (bucket.lifecycle.length === 0) continue;
      for (const versions of versionsByKey(s3, bucket)) {
        for (const placed of place(versions)) {
          const verdicts = bucket.lifecycle.map((rule) => judge(rule, placed, now));
          const { version } = placed;
          if (verdicts.includes('remove')) {
            if (version.content && isLocked(version.content, now)) continue;
            orphans.push(...removeVersion(s3, bucket, version));
            counts[version.content ? 'noncurrentVersions' : 'deleteMarkers'] += 1;
          } else if (verdicts.includes('hide')) {
            orphans.push(...expireCurrent(s3, bucket, version, now));
            counts.objects += 1;
          }
        }
      }
      const aborted = abortUploads(s3, bucket, now);
      counts.uploads += aborted.uploads;
      orphans.push(...aborted.orphans);
    }
  });
  s3.blobs.discard(orphans);
  return counts;
}

function removeVersion(s3: S3, bucket: Bucket, version: ObjectVersion): readonly string[] {
  const files = s3.versions.remove(version);
  const { key, versionId } = version;
  objectDeleted(s3, bucket, { key, versionId, deletion: 'Permanently Deleted', sequence: nextSequence(s3.store) });
  return files;
}

/** A delete marker where versions are kept; the locked version stays behind it. */
function expireCurrent(s3: S3, bucket: Bucket, version: ObjectVersion, now: number): readonly string[] {
  if (bucket.versioning === 'Off') return removeVersion(s3, bucket, version);
  const { key } = version;
  const replaced = bucket.versioning === 'Suspended' ? s3.versions.get(bucket.name, key, 'null') : undefined;
  const files = replaced ? s3.versions.remove(replaced) : [];
  const versionId = bucket.versioning === 'Enabled' ? newId() : 'null';
  const modified = Math.floor(now / 1_000) * 1_000;
  const made = { bucket: bucket.name, key, versionId, modified, content: undefined, segments: [] };
  const sequence = s3.versions.insert(made);
  objectDeleted(s3, bucket, { key, versionId, deletion: 'Delete Marker Created', sequence });
  return files;
}

function abortUploads(s3: S3, bucket: Bucket, now: number): { uploads: number; orphans: readonly string[] } {
  const due = s3.uploads
    .begunBefore(bucket.name, now)
    .filter((upload) =>
      bucket.lifecycle.some(
        (rule) =>
          rule.abortUploadDays !== undefined &&
          upload.key.startsWith(rule.prefix) &&
          dueAfter(upload.initiated, rule.abortUploadDays) <= now,
      ),
    );
  return { uploads: due.length, orphans: due.flatMap((upload) => s3.uploads.abort(upload.id)) };
}
