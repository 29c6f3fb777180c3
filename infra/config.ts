/**
 * The deployment's configuration: `parapet.config.json`, with the CDK context key `parapet` (an object, or its JSON
 * text) laid over it. Parsed once; a mistake names the field and the rule, never the value.
 */
import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { type FieldProblem, Problem } from '../shared/problem.ts';

/** SHA-256 of a signer's SubjectPublicKeyInfo (DER): the pin that survives the renewal of everything around the key. */
const signer = z.string().regex(/^[0-9a-f]{64}$/, 'SHA-256 of the SPKI in lower-case hex');
const slug = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens');

const Pins = z.strictObject({
  signers: z.array(signer).min(1),
});

const keyArn = z.string().regex(/^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/, 'the ARN of a KMS key');
const bucketName = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'a bucket name');

const PartnerBucket = z.strictObject({
  /** Bucket of a partner that egress may write to, besides the exports bucket. */
  name: bucketName,
  account: z.string().regex(/^\d{12}$/, 'twelve digits'),
  keyArn,
});

const prefixList = z.string().regex(/^pl-[0-9a-f]{8,17}$/, 'the id of a prefix list');

/** How a contract's `connection` is reached. What is secret of a database (host, user, password) lies in a secret that the stack makes. */
const Connection = z.discriminatedUnion('engine', [
  z.strictObject({
    engine: z.enum(['postgres', 'mysql']),
    port: z.int().min(1).max(65_535),
    /** Where the workers may go, on this port alone. */
    within: z.union(
      [
        z.strictObject({ cidr: z.cidrv4() }),
        z.strictObject({ securityGroup: z.string().regex(/^sg-[0-9a-f]{8,17}$/, 'the id of a security group') }),
      ],
      'either cidr or securityGroup',
    ),
    /** Two users take turns every `rotationDays`: once the secret holds them (docs/operations.md#rotation). */
    rotation: z
      .strictObject({
        /** Secret of who may change their passwords, in this account and region: where, and by which `username` and `password`. */
        keeperSecret: z
          .string()
          .regex(
            /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$/,
            'the whole ARN of a secret',
          ),
        /** Where it is encrypted under a key of its own. */
        keeperKeyArn: keyArn.optional(),
      })
      .optional(),
  }),
  z.strictObject({
    engine: z.literal('dynamodb'),
    /** As contracts call it: a table of this account and region, or, with `own`, the deployment's ledger. */
    table: z.string().regex(/^[a-zA-Z0-9_.-]{3,255}$/, 'the name of a table'),
    own: z.literal('ledger').optional(),
    /** Where the table is encrypted under a key of its own. */
    keyArn: keyArn.optional(),
  }),
  z.strictObject({ engine: z.literal('files'), bucket: bucketName, keyArn: keyArn.optional() }),
]);

const Sweep = z.strictObject({
  /** `rate(…)` or `cron(…)` in UTC. Without one, only a person starts it. A rate comes due at once when it is deployed. */
  schedule: z
    .string()
    .regex(/^(rate\(\d+ (minute|hour|day)s?\)|cron\(\S+ \S+ \S+ \S+ \S+ \S+\))$/, 'rate(…) or cron(…)')
    .optional(),
  /** To aim at, a side. */
  partitions: z.int().min(1).max(4_096).default(16),
  /** Connections that a side may have open at once: how many workers read follows from it. */
  connections: z
    .strictObject({ source: z.int().min(1).max(2_000).default(4), target: z.int().min(1).max(2_000).default(4) })
    .prefault({}),
  /** An alarm rings when no verdict has come for so long. */
  lateHours: z.int().min(1).max(168).default(26),
});

const Configuration = z.strictObject({
  $schema: z.string().optional(),
  /** Unique in the account: role names are made from it, and key and bucket policies name those roles. */
  deployment: z.string().regex(/^[a-z][a-z0-9-]{1,19}$/, '2 to 20 lower-case letters, digits and hyphens'),
  profile: z.enum(['sandbox', 'production']),
  /** Both or neither: without them the templates fit every account and region. */
  account: z
    .string()
    .regex(/^\d{12}$/, 'twelve digits')
    .optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region name')
    .optional(),
  network: z
    .strictObject({
      cidr: z.cidrv4().default('10.71.0.0/16'),
      /** Availability zones. Each costs two interface endpoints. */
      zones: z.int().min(1).max(3).optional(),
      /** AWS's own prefix lists in this region. With them a stage's egress names S3 and DynamoDB instead of "wherever a route leads". */
      prefixLists: z.strictObject({ s3: prefixList, dynamodb: prefixList }).optional(),
    })
    .prefault({}),
  /** Days under Object Lock. Sandbox: at most 7, as `cdk destroy` waits for them. Production: at least 365. */
  auditRetentionDays: z.int().min(1).max(36_500).optional(),
  /** What the evidence is kept for, in the profile production: the longest retention counts, and `auditRetentionDays` may only exceed it. */
  auditRegimes: z
    .array(z.enum(['gdpr', 'hipaa', 'pci', 'soc2']))
    .min(1)
    .optional(),
  /** A stage that says nothing for so long has lost its run. Longer than a function can live (900 s). */
  leaseSeconds: z.int().min(910).max(43_200).default(960),
  /** The longest that a submission token may live, from `iat` to `exp`: a day at first, a month at the most. */
  longestTokenSeconds: z.int().min(60).max(2_592_000).default(86_400),
  /** Who may have signed the contract of a dataset, and the oldest version that still counts. Without a pin a dataset is refused. */
  contracts: z.record(slug, Pins.extend({ minimumVersion: z.int().min(1) })).default({}),
  /** Who may have signed a rule pack. */
  rulePacks: z.record(slug, Pins).default({}),
  /** By the name that contracts give them. */
  connections: z.record(slug, Connection).default({}),
  /** By dataset, each of which is pinned in `contracts`. Without any, nothing of the sweep is deployed. */
  sweeps: z.record(slug, Sweep).default({}),
  /** How often salts and passwords of databases are rotated. */
  rotationDays: z.int().min(30).max(90).default(30),
  alarmEmail: z.email().optional(),
  /** AWS's detectors, of which an account and region has one each: only where nobody else has turned them on. */
  detection: z
    .strictObject({
      guardDuty: z.boolean().default(false),
      securityHub: z.boolean().default(false),
      /** Ring for what they find, whoever turned them on. Default: where one of them is turned on here. */
      findings: z.boolean().optional(),
    })
    .prefault({}),
  partnerExportBuckets: z.array(PartnerBucket).default([]),
  /** Principals (role ARNs of this account) that may put uploads, besides the role Uploader. */
  uploaders: z.array(z.string().regex(/^arn:[a-z-]+:iam::\d{12}:role\/.+$/, 'the ARN of a role')).default([]),
});

/**
 * Days of retention of the audit log and the trail. HIPAA: six years (45 CFR 164.316(b)(2)(i)), and two leap days. PCI DSS 4.0
 * requirement 10.5.1: twelve months. SOC 2 names no number: the twelve months that a Type II report covers, and the three
 * in which it is written. GDPR names none either, and forbids "longer than is necessary" (article 5(1)(e)): three years, in
 * which claims are commonly barred. Entries hold digests and codes, no personal data.
 */
export const REGIME_DAYS = { gdpr: 1095, hipaa: 2192, pci: 365, soc2: 456 } as const;

/** What a profile decides: the one table that consumers read instead of asking for the profile's name. */
const PROFILES = {
  sandbox: { zones: 1, retentionMode: 'GOVERNANCE', retentionDays: 1, minimumDays: 1, maximumDays: 7, retained: false },
  /** Without a regime, seven years: longer than any of them. */
  production: {
    zones: 2,
    retentionMode: 'COMPLIANCE',
    retentionDays: 2557,
    minimumDays: 365,
    maximumDays: 36_500,
    retained: true,
  },
} as const;

type Parsed = z.infer<typeof Configuration>;

export interface DeploymentConfiguration
  extends Omit<Parsed, 'auditRetentionDays' | 'auditRegimes' | 'network' | '$schema'> {
  /** Whether a signature by a development key counts. Said in process by the embedded cloud; a file that says it is refused. */
  readonly allowDevelopmentKeys?: boolean;
  readonly network: {
    readonly cidr: string;
    readonly zones: number;
    readonly prefixLists?: { readonly s3: string; readonly dynamodb: string } | undefined;
  };
  readonly audit: {
    readonly retentionDays: number;
    readonly retentionMode: 'GOVERNANCE' | 'COMPLIANCE';
    readonly regimes: readonly (keyof typeof REGIME_DAYS)[];
  };
  /** Stateful resources outlive their stack, and tables refuse to be deleted. */
  readonly retained: boolean;
}

const escapePointer = (part: PropertyKey): string => String(part).replaceAll('~', '~0').replaceAll('/', '~1');
const pointer = (path: readonly PropertyKey[]): string => path.map((part) => `/${escapePointer(part)}`).join('');

function refuse(errors: readonly { pointer: string; rule: string }[]): Problem {
  const first = errors.map((error) => `${error.pointer || '/'}: ${error.rule}`).join('; ');
  const fields = errors.map((error): FieldProblem => ({ code: 'configuration-invalid', ...error }));
  return new Problem('configuration-invalid', { detail: first, errors: fields });
}

/** Zod's issue as pointer and rule. Its own message is used only where it states the rule and cannot quote the input. */
function describe(issue: z.core.$ZodIssue): { pointer: string; rule: string }[] {
  const at = pointer(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ pointer: pointer([...issue.path, key]), rule: 'no such setting' }));
    case 'invalid_type':
      return [{ pointer: at, rule: issue.input === undefined ? 'required' : `a value of type ${issue.expected}` }];
    case 'invalid_union':
      return [{ pointer: at, rule: 'note' in issue ? 'a known engine' : issue.message }];
    case 'invalid_value':
      return [{ pointer: at, rule: `one of ${issue.values.join(', ')}` }];
    case 'too_small':
      return [{ pointer: at, rule: `at least ${issue.minimum}` }];
    case 'too_big':
      return [{ pointer: at, rule: `at most ${issue.maximum}` }];
    case 'invalid_key':
      return [{ pointer: at, rule: 'a name of lower-case letters, digits and hyphens' }];
    default:
      return [{ pointer: at, rule: issue.message }];
  }
}

/** Connections whose users take turns. */
export const rotatedNames = ({ connections }: Pick<DeploymentConfiguration, 'connections'>): string[] =>
  Object.entries(connections).flatMap(([name, each]) =>
    'rotation' in each && each.rotation !== undefined ? [name] : [],
  );

/** Whether any database’s users take turns. */
export const rotatesDatabases = ({
  sweeps: all,
  connections,
}: Pick<DeploymentConfiguration, 'sweeps' | 'connections'>): boolean =>
  Object.keys(all).length > 0 && rotatedNames({ connections }).length > 0;

/** Datasets that are swept. */
export const sweeps = (config: Pick<DeploymentConfiguration, 'sweeps'>): string[] => Object.keys(config.sweeps).sort();

/** What a file of settings does wrong, without what it says. Issues are those of a parse with `reportInput`. */
export const mistakesOf = (issues: readonly z.core.$ZodIssue[]): FieldProblem[] =>
  issues.flatMap(describe).map((mistake): FieldProblem => ({ code: 'configuration-invalid', ...mistake }));

/** @throws Problem `configuration-invalid`, with a pointer and a rule for each mistake. */
export function parseConfiguration(input: unknown): DeploymentConfiguration {
  const result = Configuration.safeParse(input, { reportInput: true });
  if (!result.success) throw refuse(result.error.issues.flatMap(describe));
  const { auditRetentionDays, auditRegimes, network, $schema: _, ...rest } = result.data;
  const profile = PROFILES[rest.profile];
  if (auditRegimes && !profile.retained) {
    throw refuse([{ pointer: '/auditRegimes', rule: `none in the profile ${rest.profile}, which keeps no evidence` }]);
  }
  const required = Math.max(0, ...(auditRegimes ?? []).map((regime) => REGIME_DAYS[regime]));
  const days = auditRetentionDays ?? (required || profile.retentionDays);
  if (days < required) {
    const rule = `at least ${required} days, as the regimes ask (${auditRegimes?.join(', ')})`;
    throw refuse([{ pointer: '/auditRetentionDays', rule }]);
  }
  if (days < profile.minimumDays || days > profile.maximumDays) {
    const rule = `between ${profile.minimumDays} and ${profile.maximumDays} days in the profile ${rest.profile}`;
    throw refuse([{ pointer: '/auditRetentionDays', rule }]);
  }
  const unpinned = Object.keys(rest.sweeps).filter((dataset) => !Object.hasOwn(rest.contracts, dataset));
  if (unpinned.length > 0) {
    throw refuse(unpinned.map((dataset) => ({ pointer: `/sweeps/${dataset}`, rule: 'a dataset that contracts pins' })));
  }
  const zones = network.zones ?? profile.zones;
  if (rest.profile === 'production' && zones < 2) {
    throw refuse([{ pointer: '/network/zones', rule: 'at least 2 in the profile production' }]);
  }
  if ((rest.account === undefined) !== (rest.region === undefined)) {
    const missing = rest.account === undefined ? '/account' : '/region';
    throw refuse([{ pointer: missing, rule: 'account and region are given both or not at all' }]);
  }
  return {
    ...rest,
    network: { cidr: network.cidr, zones, prefixLists: network.prefixLists },
    audit: { retentionDays: days, retentionMode: profile.retentionMode, regimes: auditRegimes ?? [] },
    retained: profile.retained,
  };
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // V8's message quotes the text around the mistake; a configuration may hold what does not belong in a log.
    throw refuse([{ pointer: '', rule: `${name} is not JSON` }]);
  }
}

/** @param context value of the CDK context key `parapet`; its top-level settings win over the file's. */
export function loadConfiguration(file: string, context?: unknown): DeploymentConfiguration {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Problem('not-found', { detail: `${file}: there is no such file, or it cannot be read.`, cause });
  }
  const base = parseJson(text, file);
  const over = typeof context === 'string' ? parseJson(context, 'the context key parapet') : (context ?? {});
  const object = z.record(z.string(), z.unknown());
  const [left, right] = [object.safeParse(base), object.safeParse(over)];
  if (!left.success || !right.success) throw refuse([{ pointer: '', rule: 'an object of settings' }]);
  return parseConfiguration({ ...left.data, ...right.data });
}
