/**
 * Opens everything that a stopped embedded cloud has stored, past every policy: what a test needs that asks what is in
 * encrypted objects, and which nobody in the product may do.
 */
import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { createKmsService } from '../../local/kms/service.ts';
import { createS3Service } from '../../local/s3/service.ts';
import type { ApiRequest, Authorizer, Caller, Deployment } from '../../local/service.ts';
import { openStore } from '../../local/store.ts';

export interface StoredVersion {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string;
  readonly bytes: Buffer;
}

const EVERYTHING: Authorizer = { require: () => undefined, allows: () => true };

const DAY_MS = 86_400_000;

/** @param inDays lifecycle rules are applied first, as on each of these days from now. */
export async function storedVersions(
  folder: string,
  deployment: Deployment,
  inDays: readonly number[] = [],
): Promise<StoredVersion[]> {
  const store = openStore(folder);
  try {
    const { accountId, region } = deployment;
    const shared = { store, authorizer: EVERYTHING, clock: { now: Date.now }, random: randomBytes, accountId, region };
    const kms = createKmsService(shared);
    kms.provision(deployment);
    const s3 = createS3Service({ ...shared, keyRing: kms.keyRing });
    s3.provision(deployment);
    for (const days of inDays) s3.expire(Date.now() + days * DAY_MS);
    const caller: Caller = {
      accessKeyId: 'inspector',
      accountId,
      arn: `arn:aws:iam::${accountId}:root`,
      kind: 'root',
      name: 'inspector',
      context: {},
    };
    const read = async (path: string, query: string): Promise<Buffer> => {
      const request: ApiRequest = {
        sequence: 0,
        requestId: 'inspect',
        service: 's3',
        method: 'GET',
        path,
        query: new URLSearchParams(query),
        headers: { host: '127.0.0.1' },
        body: Readable.from([]),
        caller,
        signature: { seed: '', signingKey: Buffer.alloc(0), timestamp: '', scope: '' },
      };
      const { body = '', status } = await s3.handle(request);
      if (status !== 200) throw new Error(`${path} cannot be read: ${status}`);
      if (!(body instanceof Readable)) return Buffer.from(body);
      const pieces: Buffer[] = [];
      for await (const piece of body) pieces.push(Buffer.from(piece));
      return Buffer.concat(pieces);
    };
    const found: StoredVersion[] = [];
    for (const { physicalId: bucket } of deployment.ofType('AWS::S3::Bucket')) {
      for (let marker: string | undefined = ''; marker !== undefined; ) {
        const listing: string = (await read(`/${bucket}`, `versions&max-keys=1000${marker}`)).toString('utf8');
        for (const [, version = ''] of listing.matchAll(/<Version>(.*?)<\/Version>/gs)) {
          const key = element(version, 'Key');
          const versionId = element(version, 'VersionId');
          found.push({ bucket, key, versionId, bytes: await read(`/${bucket}/${key}`, `versionId=${versionId}`) });
        }
        const [keyMarker, versionMarker] = [element(listing, 'NextKeyMarker'), element(listing, 'NextVersionIdMarker')];
        marker = keyMarker === '' ? undefined : `&key-marker=${keyMarker}&version-id-marker=${versionMarker}`;
      }
    }
    return found;
  } finally {
    store.close();
  }
}

function element(xml: string, name: string): string {
  return new RegExp(`<${name}>(.*?)</${name}>`, 's').exec(xml)?.[1] ?? '';
}
