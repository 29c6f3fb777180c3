/**
 * The trail as a table, and the questions that an investigator asks of it: Athena reads the log files where they lie. A role
 * with a second factor asks, and reads nothing but the trail.
 */
import { Aws, Duration, Fn } from 'aws-cdk-lib';
import * as athena from 'aws-cdk-lib/aws-athena';
import * as glue from 'aws-cdk-lib/aws-glue';
import * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Foundation } from '../foundation.ts';
import { whoMay } from '../people/matrix.ts';
import { personRole } from '../people/role.ts';
import {
  ANSWER_ACTIONS,
  ATHENA_ACTIONS,
  CATALOG_ACTIONS,
  PLACE_ACTIONS,
  TRAIL_KEY_ACTIONS,
} from '../people/trail-actions.ts';
import { ACTORS, functionRoles } from '../principals.ts';
import { investigationQueries } from '../queries/queries.ts';
import { TRAIL_COLUMNS, TRAIL_PARTITIONS, TRAIL_REGIONS } from '../queries/trail-columns.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { Grant } from './grant.ts';
import { CONTENT, guardedBucket } from './guarded-bucket.ts';
import { throughS3 } from './key-grants.ts';
import { pin } from './pinned.ts';

const TABLE = 'trail';
const RESULTS = 'results';
/** A query that would read more is stopped: $5 a TB make this five cents. */
const MOST_BYTES_SCANNED = 10 * 1024 ** 3;

export interface InvestigationProps {
  readonly foundation: Foundation;
  readonly trail: AuditTrail;
}

export class Investigation extends Construct {
  readonly #foundation: Foundation;
  readonly #trail: AuditTrail;

  constructor(scope: Construct, id: string, { foundation, trail }: InvestigationProps) {
    super(scope, id);
    this.#foundation = foundation;
    this.#trail = trail;
    const database = this.#table();
    const findings = this.#findings();
    const workGroup = this.#workGroup(findings);
    this.#queries(database, workGroup);
    this.#investigator(database, workGroup, findings);
  }

  /** Partitions are computed from the paths that CloudTrail writes: nothing crawls, and a query of a day reads that day. */
  #table(): string {
    const { config } = this.#foundation;
    // Glue's names know no hyphen that Athena would not want quoted.
    const name = `parapet_${config.deployment.replaceAll('-', '_')}`;
    const database = new glue.CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: { name, description: `Parapet ${config.deployment}: what the trail recorded` },
    });
    pin(database, 'TrailDatabase');
    const prefix = `s3://${this.#trail.bucket.bucketName}/AWSLogs/${Aws.ACCOUNT_ID}/CloudTrail`;
    const [region, day] = TRAIL_PARTITIONS;
    const table = new glue.CfnTable(this, 'Table', {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: name,
      tableInput: {
        name: TABLE,
        tableType: 'EXTERNAL_TABLE',
        partitionKeys: TRAIL_PARTITIONS.map((partition) => ({ name: partition, type: 'string' })),
        parameters: {
          classification: 'cloudtrail',
          EXTERNAL: 'TRUE',
          'projection.enabled': 'true',
          [`projection.${region}.type`]: 'enum',
          [`projection.${region}.values`]: TRAIL_REGIONS.join(','),
          [`projection.${day}.type`]: 'date',
          [`projection.${day}.format`]: 'yyyy/MM/dd',
          [`projection.${day}.interval`]: '1',
          [`projection.${day}.interval.unit`]: 'DAYS',
          [`projection.${day}.range`]: '2026/01/01,NOW',
          'storage.location.template': `${prefix}/\${${region}}/\${${day}}`,
        },
        storageDescriptor: {
          columns: TRAIL_COLUMNS.map(([column, type]) => ({ name: column, type })),
          location: `${prefix}/`,
          inputFormat: 'com.amazon.emr.cloudtrail.CloudTrailInputFormat',
          outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
          serdeInfo: { serializationLibrary: 'org.apache.hive.hcatalog.data.JsonSerDe' },
        },
      },
    });
    table.addResourceDependency(database);
    pin(table, 'TrailTable');
    return name;
  }

  /** Excerpts of the trail, and so under its key; not under its lock: they can be asked for again. */
  #findings(): s3.Bucket {
    const { config, principals, network } = this.#foundation;
    return guardedBucket(this, {
      config,
      id: 'FindingsBucket',
      key: this.#trail.key,
      admitted: { principals: [...principals.roleArns(whoMay('askTrail')), principals.root], actions: CONTENT },
      inside: { roles: principals.roleArns(functionRoles(config)), vpcId: network.vpc.vpcId },
      lifecycle: [{ id: 'Findings', expiration: Duration.days(30), noncurrentVersionExpiration: Duration.days(1) }],
    });
  }

  /** Enforced: a client cannot name another place, or no encryption. */
  #workGroup(findings: s3.Bucket): string {
    const name = this.#foundation.principals.name('investigation');
    const group = new athena.CfnWorkGroup(this, 'WorkGroup', {
      name,
      description: 'Questions of an investigator to the trail',
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        bytesScannedCutoffPerQuery: MOST_BYTES_SCANNED,
        publishCloudWatchMetricsEnabled: true,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `s3://${findings.bucketName}/${RESULTS}/`,
          expectedBucketOwner: Aws.ACCOUNT_ID,
          encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: this.#trail.key.keyArn },
        },
      },
    });
    pin(group, 'InvestigationWorkGroup');
    return group.ref;
  }

  #queries(database: string, workGroup: string): void {
    const { keys, principals } = this.#foundation;
    const all = [...keys.node.findAll().filter((each) => each instanceof kms.Key), this.#trail.key];
    const queries = investigationQueries({
      trail: `"${database}"."${TABLE}"`,
      keys: all.map((key) => key.keyArn),
      stages: ACTORS.map((actor) => principals.name(actor)),
    });
    for (const { name, title, parameters, sql } of queries) {
      const query = new athena.CfnNamedQuery(this, name, {
        name,
        description: [title, ...parameters.map((parameter, index) => `${index + 1}: ${parameter}.`)].join(' '),
        database,
        workGroup,
        queryString: sql,
      });
      pin(query, `Query${name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase())}`);
    }
  }

  #investigator(database: string, workGroup: string, findings: s3.Bucket): void {
    const { principals, peopleBoundary } = this.#foundation;
    const { bucket, key } = this.#trail;
    const at = (service: string, resource: string): string =>
      `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;
    const grants: Grant[] = [
      {
        sid: 'AskQuestions',
        because: 'questions are asked in this work group, which decides where answers go and how much is read',
        actions: ATHENA_ACTIONS,
        resources: [at('athena', Fn.join('', ['workgroup/', workGroup]))],
      },
      {
        sid: 'ReadSchema',
        because: 'Athena reads the table’s description in the name of whoever asks',
        actions: CATALOG_ACTIONS,
        resources: [
          at('glue', 'catalog'),
          at('glue', `database/${database}`),
          at('glue', `table/${database}/${TABLE}`),
        ],
      },
      {
        sid: 'FindFiles',
        because: 'Athena lists the log files, and looks for the place of its answers',
        actions: PLACE_ACTIONS,
        resources: [bucket.bucketArn, findings.bucketArn],
      },
      {
        sid: 'ReadTrail',
        because: 'the log files of this account, and not their digests, are what questions are about',
        actions: ['s3:GetObject'],
        resources: [bucket.arnForObjects(`AWSLogs/${Aws.ACCOUNT_ID}/CloudTrail/*`)],
      },
      throughS3('OpenTrail', 'log files are encrypted under the key of the trail', {
        actions: ['kms:Decrypt'],
        key,
        bucket,
      }),
      {
        sid: 'KeepFindings',
        because: 'Athena writes answers in the name of whoever asks, and reads them back',
        actions: ANSWER_ACTIONS,
        resources: [findings.arnForObjects(`${RESULTS}/*`)],
      },
      throughS3('EncryptFindings', 'answers are encrypted under the key of the trail', {
        actions: TRAIL_KEY_ACTIONS,
        key,
        bucket: findings,
      }),
    ];
    personRole(this, 'investigator', { principals, boundary: peopleBoundary, grants });
  }
}
