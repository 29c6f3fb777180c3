/** Buckets: their configuration, their listings, and an object for each prefix. */
import * as z from 'zod';
import type { DeployedResource, Deployment } from '../../../local/service.ts';
import type { ContextLayer } from '../../../shared/policy/context.ts';
import type { Policies } from '../policies.ts';
import { CONTENT } from '../table/actions.ts';
import {
  BUCKET_KEY,
  LISTINGS,
  NAMES_ITS_KEY,
  OBJECTS,
  PREFIX_KEY,
  RELEASING_KEY,
  shortened,
  WRITTEN_ONCE,
} from '../table/targets.ts';
import { type Deviation, deviation, nameOf, type Target, type TargetSource, target } from './target.ts';

const ALGORITHM = 's3:x-amz-server-side-encryption';
const KEY = 's3:x-amz-server-side-encryption-aws-kms-key-id';
const CUSTOMER_ALGORITHM = 's3:x-amz-server-side-encryption-customer-algorithm';
const MODE = 's3:object-lock-mode';
const DAYS = 's3:object-lock-remaining-retention-days';

const Lock = z.looseObject({
  ObjectLockConfiguration: z.looseObject({
    Rule: z.looseObject({ DefaultRetention: z.looseObject({ Mode: z.string(), Days: z.number() }) }),
  }),
});

export const objectTargets: TargetSource = (deployment, policies) =>
  deployment.ofType('AWS::S3::Bucket').flatMap((bucket) => {
    const name = nameOf(bucket);
    const place = placeOf(bucket, deployment, policies);
    const context = { 's3:TlsVersion': '1.3' };
    const lists = ['s3:ListBucket'];
    return [
      target('bucket', name, place, { door: 's3', context, deviations: transport(['s3:PutBucketPolicy']) }),
      ...[undefined, ...(LISTINGS[name] ?? [])].map((prefix) =>
        target('listing', `${name}?${shortened(prefix ?? '')}`, place, {
          door: 's3',
          context: { ...context, 's3:prefix': prefix },
          deviations: transport(lists),
        }),
      ),
      ...(OBJECTS[name] ?? []).map((key) => objectTarget(deployment, bucket, key, place)),
    ];
  });

const placeOf = (bucket: DeployedResource, { accountId }: Deployment, policies: Policies) => ({
  arn: bucket.arn,
  account: accountId,
  policy: policies.ofResource.get(bucket.physicalId),
});

function objectTarget(
  deployment: Deployment,
  bucket: DeployedResource,
  key: string,
  place: ReturnType<typeof placeOf>,
): Target {
  const name = nameOf(bucket);
  const id = `${name}/${shortened(key)}`;
  const keyArn = (of: string): string =>
    deployment.ofType('AWS::KMS::Key').find((each) => nameOf(each) === of)?.arn ?? '';
  const prefix = Object.entries(PREFIX_KEY).find(([start]) => id.startsWith(start));
  const own = keyArn(prefix?.[1] ?? BUCKET_KEY[name] ?? name);
  const lock = Lock.safeParse(bucket.properties);
  const retention = lock.success ? lock.data.ObjectLockConfiguration.Rule.DefaultRetention : undefined;
  const once = WRITTEN_ONCE.includes(name);
  const context: ContextLayer = {
    's3:TlsVersion': '1.3',
    's3:ObjectCreationOperation': 'true',
    [ALGORITHM]: 'aws:kms',
    [KEY]: own,
    ...(once ? { 's3:if-none-match': '*' } : {}),
    ...(retention ? { [MODE]: retention.Mode, [DAYS]: String(retention.Days) } : {}),
    ...(name === 'trail' ? { 's3:x-amz-acl': 'bucket-owner-full-control' } : {}),
  };
  const arn = `${bucket.arn}/${key.replace('ACCOUNT', deployment.accountId)}`;
  return target(
    'object',
    id,
    { ...place, arn },
    {
      door: 's3',
      context,
      deviations: [
        ...transport([...CONTENT, 's3:DeleteObjectVersion']),
        ...encryption({ keyArn, mustName: NAMES_ITS_KEY.includes(name), prefixed: prefix !== undefined }),
        ...(once ? writing() : []),
        ...(once && retention ? retaining(retention) : []),
        ...(name === 'trail'
          ? [deviation('with another ACL', { 's3:x-amz-acl': 'private' }, { ...PUT, against: 'services', heldBy: [] })]
          : []),
      ],
    },
  );
}

const PUT = { actions: ['s3:PutObject'], refused: ['s3:PutObject'] };
/** The other action that carries the condition keys of a put: replication, which writes as its own configuration says. */
const REPLICATE = 's3:ReplicateObject';
const PUT_AND_REPLICATE = { ...PUT, actions: [...PUT.actions, REPLICATE] };
/** Held against services as well. */
const ANY_PUT = { ...PUT, against: 'all' } as const;

/** TLS 1.2 and newer. Over plain HTTP there is no version. */
const transport = (actions: readonly string[]): Deviation[] => [
  deviation(
    'over plain HTTP',
    { 'aws:SecureTransport': 'false', 's3:TlsVersion': undefined },
    { actions, against: 'all' },
  ),
  deviation('over TLS 1.1', { 's3:TlsVersion': '1.1' }, { actions, against: 'all' }),
];

/** What AWS's services deliver is encrypted as their own configuration says, so nothing here is held against them. */
function encryption(bucket: {
  readonly keyArn: (name: string) => string;
  readonly mustName: boolean;
  readonly prefixed: boolean;
}): Deviation[] {
  const { keyArn } = bucket;
  const unnamed = bucket.mustName && bucket.prefixed ? PUT.actions : [];
  const other = !bucket.mustName || bucket.prefixed ? PUT.actions : [];
  return [
    deviation('naming no key', { [ALGORITHM]: undefined, [KEY]: undefined }, { ...PUT, refused: unnamed }),
    deviation('naming the algorithm alone', { [KEY]: undefined }, { ...PUT, refused: unnamed }),
    deviation('naming another key', { [KEY]: keyArn('operations') }, { ...PUT_AND_REPLICATE, refused: other }),
    deviation(
      'under a key of the caller’s own (SSE-C)',
      { [ALGORITHM]: undefined, [KEY]: undefined, [CUSTOMER_ALGORITHM]: 'AES256' },
      { ...PUT_AND_REPLICATE, against: 'all' },
    ),
    deviation('with SSE-S3', { [ALGORITHM]: 'AES256' }, PUT_AND_REPLICATE),
    ...(bucket.prefixed
      ? [deviation('naming the custodian’s key', { [KEY]: keyArn(RELEASING_KEY) }, { ...PUT, refused: [] })]
      : []),
  ];
}

/** Conditional writes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html */
const writing = (): Deviation[] => [
  deviation('over what may be there', { 's3:if-none-match': undefined }, ANY_PUT),
  deviation(
    'as a part of a multipart upload',
    { 's3:if-none-match': undefined, 's3:ObjectCreationOperation': 'false' },
    { ...PUT, refused: [] },
  ),
];

function retaining({ Mode, Days }: { readonly Mode: string; readonly Days: number }): Deviation[] {
  const refused = ['s3:PutObject', 's3:PutObjectRetention'];
  const actions = [...refused, REPLICATE];
  const otherMode = Mode === 'COMPLIANCE' ? 'GOVERNANCE' : 'COMPLIANCE';
  return [
    deviation('under the bucket’s own retention', { [MODE]: undefined, [DAYS]: undefined }, { actions, refused: [] }),
    // Whole days that remain, a moment after the write.
    deviation('with a day begun', { [DAYS]: String(Days - 1) }, { actions, refused: [] }),
    deviation('in another retention mode', { [MODE]: otherMode }, { actions, refused, against: 'all' }),
    ...(Days > 1
      ? [deviation('for a shorter time', { [DAYS]: String(Days - 2) }, { actions, refused, against: 'all' })]
      : []),
  ];
}
