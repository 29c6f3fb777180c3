import { WORKING_PREFIX } from '../../shared/names.ts';
import type { StageAccess } from '../constructs/boundary-function.ts';
import { envelope, throughS3 } from '../constructs/key-grants.ts';
import { viaService } from '../constructs/keys.ts';
import type { Foundation } from '../foundation.ts';
import { commonEnvironment, openTables, ownEntries, ownRun, pinsText } from './every-actor.ts';
import { handOver, quarantineRecords } from './working.ts';

/** Reads landing and the salts; writes quarantine, what it has ingested, and the vault, of which it can read nothing. */
export function ingestionAccess(foundation: Foundation): StageAccess {
  const { buckets, config, keys, tables, tokenSalts } = foundation;
  const { contracts, credentials, issuers, subjectKeys } = tables.byName;
  return {
    doors: ['kms', 'secretsmanager'],
    environment: {
      ...commonEnvironment(foundation),
      longestTokenSeconds: String(config.longestTokenSeconds),
      landingBucket: buckets.landing.bucketName,
      workingBucket: buckets.working.bucketName,
      vaultBucket: buckets.vault.bucketName,
      quarantineBucket: buckets.quarantine.bucketName,
      stageKey: keys.working.ingestion.keyArn,
      vaultKey: keys.vault.keyArn,
      quarantineKey: keys.quarantine.keyArn,
      credentialsTable: credentials.tableName,
      subjectKeysTable: subjectKeys.tableName,
      contractsTable: contracts.tableName,
      issuersTable: issuers.tableName,
      tokenSalts: tokenSalts.ref,
      contractPins: pinsText(config.contracts, config),
    },
    grants: [
      ownRun(foundation),
      ...ownEntries(foundation, 'ingestion'),
      openTables(foundation, ['runs', 'contracts', 'credentials', 'issuers', 'subjectKeys']),
      {
        sid: 'ReadUpload',
        because: 'the head for the credential, then the pinned version for its content',
        actions: ['s3:GetObjectVersion'],
        resources: [buckets.landing.arnForObjects('*')],
      },
      throughS3('OpenUpload', 'uploads are encrypted under the key of the landing bucket', {
        actions: ['kms:Decrypt'],
        key: keys.landing,
        bucket: buckets.landing,
      }),
      {
        sid: 'TagUpload',
        because: 'a refused upload over 5 GiB cannot be copied in one call: it stays in landing, tagged',
        actions: ['s3:PutObjectVersionTagging'],
        resources: [buckets.landing.arnForObjects('*')],
      },
      {
        sid: 'QuarantineUpload',
        because: 'a refused upload is copied to quarantine whole and unread, with its problem beside it',
        actions: ['s3:PutObject'],
        resources: [buckets.quarantine.arnForObjects('uploads/*')],
      },
      ...quarantineRecords(foundation, 'ingestion'),
      ...handOver(foundation, 'ingestion', WORKING_PREFIX.ingestion),
      {
        sid: 'WriteVault',
        because: 'the values behind the tokens of a chunk; there is no grant to read them here',
        actions: ['s3:PutObject'],
        resources: [buckets.vault.arnForObjects('segments/*')],
      },
      {
        sid: 'FindLeftInVault',
        because: 'a later attempt finds the segments of an earlier one that no entry names; it reads none of them',
        actions: ['s3:ListBucket'],
        resources: [buckets.vault.bucketArn],
        conditions: { StringLike: { 's3:prefix': 'segments/*' } },
      },
      {
        sid: 'MarkLeftInVault',
        because: 'what no entry names is marked, and expires; whoever may mark it may write it',
        actions: ['s3:PutObjectTagging'],
        resources: [buckets.vault.arnForObjects('segments/*')],
      },
      throughS3('EncryptVault', 'vault segments are encrypted under the key of the vault', {
        actions: ['kms:GenerateDataKey'],
        key: keys.vault,
        bucket: buckets.vault,
      }),
      envelope('MakeChunkKey', 'one key per chunk wraps the keys of its subjects', {
        action: 'kms:GenerateDataKey',
        key: keys.vault,
        purpose: 'vault',
        stages: ['ingestion'],
      }),
      {
        sid: 'WriteSubjectKeys',
        because: 'the wrapped keys of a chunk’s subjects lie apart from their ciphertexts',
        actions: ['dynamodb:BatchWriteItem'],
        resources: [subjectKeys.tableArn],
      },
      {
        sid: 'ClaimCredential',
        because: 'a submission token is bound to one object version, by a conditional write',
        actions: ['dynamodb:UpdateItem'],
        resources: [credentials.tableArn],
      },
      {
        sid: 'ReadContracts',
        because:
          'the newest signed version of the dataset’s contract; a later attempt asks for the version that the run is pinned to',
        actions: ['dynamodb:GetItem', 'dynamodb:Query'],
        resources: [contracts.tableArn],
      },
      {
        sid: 'ReadIssuers',
        because: 'the issuer’s keys verify the submission token',
        actions: ['dynamodb:GetItem'],
        resources: [issuers.tableArn],
      },
      {
        sid: 'ReadSalts',
        because: 'tokens are made here and nowhere else',
        actions: ['secretsmanager:GetSecretValue'],
        resources: [tokenSalts.ref],
      },
      {
        sid: 'OpenSalts',
        because: 'Secrets Manager opens the secret’s key in the caller’s name',
        actions: ['kms:Decrypt'],
        resources: [keys.secrets.keyArn],
        conditions: {
          StringEquals: {
            'kms:ViaService': viaService('secretsmanager'),
            'kms:EncryptionContext:SecretARN': tokenSalts.ref,
          },
        },
      },
    ],
  };
}
