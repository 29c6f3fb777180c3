/** What each step of a sweep may do. The sides are read by plan, hash and locate alone; compare sees sketches, and report what they came to. */
import { Aws } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { SweepStep } from '../../shared/names.ts';
import { codeDigest } from '../code-digest.ts';
import type { DeploymentConfiguration } from '../config.ts';
import type { StageAccess } from '../constructs/boundary-function.ts';
import { sideArn } from '../constructs/flow-tables.ts';
import type { Grant } from '../constructs/grant.ts';
import { decryptTables, throughS3 } from '../constructs/key-grants.ts';
import { viaService } from '../constructs/keys.ts';
import type { SweepStorage } from '../constructs/sweep-storage.ts';
import type { Foundation } from '../foundation.ts';
import { capital } from '../principals.ts';
import { pinsText } from './every-actor.ts';

export interface SweepProps {
  readonly foundation: Foundation;
  readonly storage: SweepStorage;
}

/** The first parts of the keys that each step reads and writes (functions/sweep/protocol/ports.ts). */
const READS: Readonly<Record<SweepStep, readonly string[]>> = {
  plan: ['manifest', 'failures', 'ticket'],
  hash: ['manifest', 'results', 'trip'],
  compare: ['manifest', 'results', 'comparison'],
  locate: ['manifest', 'comparison', 'located', 'failures'],
  report: ['manifest', 'comparison', 'located', 'failures', 'trip', 'ticket', 'report'],
};
const WRITES: Readonly<Record<SweepStep, readonly string[]>> = {
  plan: ['manifest', 'failures', 'ticket', 'items'],
  hash: ['results', 'trip', 'failures', 'attempts'],
  compare: ['comparison'],
  locate: ['located', 'failures'],
  report: ['report'],
};

export const sweepAccess: Readonly<Record<SweepStep, (props: SweepProps) => StageAccess>> = {
  plan: (props) =>
    joined(common('plan', props), opening(props), gates(props), {
      environment: { sweeps: sweepsText(props.foundation.config) },
      grants: [
        wrapped(
          'MakeSweepKey',
          'a fresh key for every sweep, wrapped for hash and locate',
          'GenerateDataKey',
          'sweep',
          props,
        ),
        wrapped(
          'MakeCellKey',
          'the key of the cells apart, so that compare can be given it alone',
          'GenerateDataKey',
          'cells',
          props,
        ),
      ],
    }),
  hash: (props) =>
    joined(common('hash', props), opening(props), {
      grants: [wrapped('OpenSweepKey', 'rows are hashed under the key of the sweep', 'Decrypt', 'sweep', props)],
    }),
  compare: (props) =>
    joined(common('compare', props), {
      grants: [
        wrapped('OpenCellKey', 'sketches are decoded; what a row holds cannot be looked up', 'Decrypt', 'cells', props),
      ],
    }),
  locate: (props) =>
    joined(common('locate', props), opening(props), {
      grants: [
        wrapped('OpenSweepKey', 'suspects are hashed again under the key of the sweep', 'Decrypt', 'sweep', props),
      ],
    }),
  report: (props) => joined(common('report', props), gates(props), evidence(props)),
};

type Part = Partial<StageAccess>;

function joined(...parts: readonly Part[]): StageAccess {
  return {
    doors: [...new Set(parts.flatMap(({ doors = [] }) => doors))],
    environment: Object.assign({}, ...parts.map(({ environment }) => environment)),
    grants: parts.flatMap(({ grants = [] }) => grants),
    databases: parts.flatMap(({ databases = [] }) => databases),
  };
}

function common(step: SweepStep, { foundation, storage }: SweepProps): Part {
  const { config, keys, tables } = foundation;
  const { bucket, key } = storage;
  const under = (kinds: readonly string[]): string[] => kinds.map((kind) => bucket.arnForObjects(`${kind}/*`));
  return {
    doors: ['kms'],
    environment: {
      deployment: config.deployment,
      contractsTable: tables.byName.contracts.tableName,
      contractPins: pinsText(config.contracts, config),
      sweepBucket: bucket.bucketName,
      sweepKey: key.keyArn,
      codeDigest: codeDigest(),
    },
    grants: [
      {
        sid: 'ReadSteps',
        because: 'what the steps before have written down, and what an earlier attempt has',
        actions: ['s3:GetObject'],
        resources: under(READS[step]),
      },
      {
        sid: 'WriteSteps',
        because: 'what the next steps read; the bucket takes the first attempt and no other',
        actions: ['s3:PutObject'],
        resources: under(WRITES[step]),
      },
      {
        sid: 'FindSteps',
        because: 'S3 tells what is absent from what is forbidden only to who may list; names are ids and ordinals',
        actions: ['s3:ListBucket'],
        resources: [bucket.bucketArn],
      },
      throughS3('UseSweepBucket', 'what passes between the steps is encrypted under the key of the sweep', {
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        key,
        bucket,
      }),
      {
        sid: 'ReadContracts',
        because:
          step === 'plan' || step === 'report'
            ? 'the newest signed version of the dataset’s contract, or the one that was planned'
            : 'the version of the contract under which the sweep was planned',
        actions: step === 'plan' || step === 'report' ? ['dynamodb:GetItem', 'dynamodb:Query'] : ['dynamodb:GetItem'],
        resources: [tables.byName.contracts.tableArn],
      },
      decryptTables('OpenContracts', 'DynamoDB opens the key of the tables in the caller’s name', keys.tables, [
        tables.byName.contracts,
      ]),
    ],
  };
}

/** Reading the sides: each connection by what it is, and nothing that is not configured. */
function opening({ foundation, storage }: SweepProps): Part {
  const { config, keys, tables } = foundation;
  const described: Record<string, unknown> = {};
  const grants: Grant[] = [];
  const databases: { name: string; peer: ec2.IPeer; port: number }[] = [];
  for (const [name, connection] of Object.entries(config.connections)) {
    // A connection may be called as what is ours, `contracts` say: IAM takes no two statements of one id.
    const sid = `Side${capital(name)}`;
    if (connection.engine === 'dynamodb') {
      const own = connection.own === undefined ? undefined : tables.byName[connection.own];
      const tableName = own?.tableName ?? connection.table;
      described[name] = { engine: 'dynamodb', named: connection.table, table: tableName };
      grants.push({
        sid: `Scan${sid}`,
        because: 'a side of a sweep: read whole, and suspects again by their keys',
        actions: ['dynamodb:BatchGetItem', 'dynamodb:DescribeTable', 'dynamodb:Scan'],
        resources: [sideArn(connection, tables.byName)],
      });
      const key = own === undefined ? connection.keyArn : keys.tables.keyArn;
      if (key !== undefined) {
        grants.push({
          sid: `Open${sid}`,
          because: 'DynamoDB opens the key of the table in the caller’s name',
          actions: ['kms:Decrypt'],
          resources: [key],
          conditions: {
            StringEquals: {
              'kms:ViaService': viaService('dynamodb'),
              'kms:EncryptionContext:aws:dynamodb:tableName': tableName,
            },
          },
        });
      }
    } else if (connection.engine === 'files') {
      const arn = `arn:${Aws.PARTITION}:s3:::${connection.bucket}`;
      described[name] = { engine: 'files', bucket: connection.bucket };
      grants.push(
        {
          sid: `Read${sid}`,
          because: 'a side of a sweep: objects, each in the version that it had when it was listed',
          actions: ['s3:GetObject', 's3:GetObjectVersion'],
          resources: [`${arn}/*`],
        },
        {
          sid: `List${sid}`,
          because: 'a side is every object under a prefix',
          actions: ['s3:ListBucket'],
          resources: [arn],
        },
      );
      if (connection.keyArn !== undefined) {
        grants.push({
          sid: `Open${sid}`,
          because: 'the objects of the side are encrypted under this key',
          actions: ['kms:Decrypt'],
          resources: [connection.keyArn],
          conditions: { StringEquals: { 'kms:ViaService': viaService('s3') } },
        });
      }
    } else {
      const secret = storage.secrets.get(name) ?? '';
      described[name] = { engine: connection.engine, secret };
      grants.push(
        {
          sid: `Find${sid}`,
          because: 'where the database is, and as whom it is read, known at run time alone',
          actions: ['secretsmanager:GetSecretValue'],
          resources: [secret],
        },
        {
          sid: `Open${sid}`,
          because: 'Secrets Manager opens the secret’s key in the caller’s name',
          actions: ['kms:Decrypt'],
          resources: [keys.secrets.keyArn],
          conditions: {
            StringEquals: {
              'kms:ViaService': viaService('secretsmanager'),
              'kms:EncryptionContext:SecretARN': secret,
            },
          },
        },
      );
      databases.push({ name, peer: peerOf(connection.within), port: connection.port });
    }
  }
  return {
    doors: storage.secrets.size > 0 ? ['secretsmanager'] : [],
    environment: { sweepConnections: JSON.stringify(described) },
    grants,
    databases,
  };
}

type Database = Extract<DeploymentConfiguration['connections'][string], { readonly port: number }>;

const peerOf = (within: Database['within']): ec2.IPeer =>
  'cidr' in within ? ec2.Peer.ipv4(within.cidr) : ec2.Peer.securityGroupId(within.securityGroup);

/** Breaker and gate: asked when the sweep begins, told when it ends. Nobody here closes a breaker. */
function gates({ foundation: { keys, tables } }: SweepProps): Part {
  const { gates: gate, closings } = tables.byName;
  return {
    environment: { gatesTable: gate.tableName, closingsTable: closings.tableName },
    grants: [
      {
        sid: 'HoldGate',
        because: 'one item per dataset: its newest verdict and the trips of its breaker, by conditional writes',
        actions: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
        resources: [gate.tableArn],
      },
      {
        sid: 'ReadClosings',
        because: 'which trips a person has settled; a step cannot settle any',
        actions: ['dynamodb:BatchGetItem'],
        resources: [closings.tableArn],
      },
      decryptTables('OpenGates', 'DynamoDB opens the key of the tables in the caller’s name', keys.tables, [
        gate,
        closings,
      ]),
    ],
  };
}

function evidence({ foundation }: SweepProps): Part {
  const { buckets, config, keys } = foundation;
  return {
    environment: {
      auditBucket: buckets.audit.bucketName,
      auditKey: keys.audit.keyArn,
      auditRetentionDays: String(config.audit.retentionDays),
      auditRetentionMode: config.audit.retentionMode,
      sealKey: keys.sealSigning.keyArn,
      sealName: `parapet/${config.deployment}`,
    },
    grants: [
      {
        sid: 'WriteVerdict',
        because: 'the verdict, its page, its log and its checkpoint, retained from their writing on',
        actions: ['s3:PutObject', 's3:PutObjectRetention'],
        resources: [buckets.audit.arnForObjects('sweeps/*')],
      },
      throughS3('EncryptVerdict', 'verdicts are encrypted under the key of the audit log', {
        actions: ['kms:GenerateDataKey'],
        key: keys.audit,
        bucket: buckets.audit,
      }),
      {
        sid: 'SignCheckpoint',
        because: 'the root is signed by a key that never leaves KMS, and its public half is published beside it',
        actions: ['kms:GetPublicKey', 'kms:Sign'],
        resources: [keys.sealSigning.keyArn],
      },
    ],
  };
}

/** A direct call under the context of functions/sweep/protocol/keys.ts. */
function wrapped(
  sid: string,
  because: string,
  operation: 'GenerateDataKey' | 'Decrypt',
  purpose: 'sweep' | 'cells',
  { storage }: SweepProps,
): Grant {
  return {
    sid,
    because,
    actions: [`kms:${operation}`],
    resources: [storage.key.keyArn],
    conditions: {
      StringEquals: { 'kms:EncryptionContext:purpose': `parapet-${purpose}` },
      Null: { 'kms:EncryptionContext:sweep': 'false', 'kms:ViaService': 'true' },
    },
  };
}

/** As functions/sweep/protocol/configured.ts reads it. */
function sweepsText({ sweeps }: DeploymentConfiguration): string {
  return JSON.stringify(
    Object.fromEntries(
      Object.entries(sweeps).map(([dataset, { partitions, connections }]) => [dataset, { partitions, connections }]),
    ),
  );
}
