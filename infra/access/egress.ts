import { Aws } from 'aws-cdk-lib';
import { WORKING_PREFIX } from '../../shared/names.ts';
import type { StageAccess } from '../constructs/boundary-function.ts';
import type { Grant } from '../constructs/grant.ts';
import { envelope, throughS3 } from '../constructs/key-grants.ts';
import { viaService } from '../constructs/keys.ts';
import type { Foundation } from '../foundation.ts';
import { commonEnvironment, openTables, ownEntries, ownRun, pinsText } from './every-actor.ts';
import { quarantineRecords, takeOver } from './working.ts';

/** Reads what was processed and resolves tokens: the one stage that can (requirement B22), and it cannot write the vault. */
export function egressAccess(foundation: Foundation): StageAccess {
  const { buckets, config, keys, tables } = foundation;
  const { contracts, destinations, subjectKeys } = tables.byName;
  return {
    doors: ['kms'],
    environment: {
      ...commonEnvironment(foundation),
      workingBucket: buckets.working.bucketName,
      vaultBucket: buckets.vault.bucketName,
      exportsBucket: buckets.exports.bucketName,
      quarantineBucket: buckets.quarantine.bucketName,
      vaultKey: keys.vault.keyArn,
      quarantineKey: keys.quarantine.keyArn,
      exportsKey: keys.exports.keyArn,
      contractsTable: contracts.tableName,
      destinationsTable: destinations.tableName,
      subjectKeysTable: subjectKeys.tableName,
      contractPins: pinsText(config.contracts, config),
    },
    grants: [
      ownRun(foundation),
      ...ownEntries(foundation, 'egress'),
      openTables(foundation, ['runs', 'contracts', 'destinations', 'subjectKeys']),
      ...takeOver(foundation, 'processing', WORKING_PREFIX.processing),
      // Beyond the table of the design: a record whose token or destination cannot be resolved must end somewhere.
      ...quarantineRecords(foundation, 'egress'),
      {
        sid: 'ReadVault',
        because: 'the values behind the tokens of a chunk',
        actions: ['s3:GetObject'],
        resources: [buckets.vault.arnForObjects('segments/*')],
      },
      throughS3('OpenVault', 'vault segments are encrypted under the key of the vault', {
        actions: ['kms:Decrypt'],
        key: keys.vault,
        bucket: buckets.vault,
      }),
      envelope('OpenChunkKey', 'one call per chunk opens the keys of its subjects', {
        action: 'kms:Decrypt',
        key: keys.vault,
        purpose: 'vault',
        stages: ['ingestion'],
      }),
      {
        sid: 'ReadSubjectKeys',
        because: 'the wrapped keys of a chunk’s subjects; what was erased is missing',
        actions: ['dynamodb:BatchGetItem'],
        resources: [subjectKeys.tableArn],
      },
      {
        sid: 'ReadDestinations',
        because: 'delivery goes to registered destinations only (requirement B17)',
        actions: ['dynamodb:BatchGetItem'],
        resources: [destinations.tableArn],
      },
      {
        sid: 'ReadContracts',
        because: 'the contract’s fields are the allow-list of an export',
        actions: ['dynamodb:GetItem'],
        resources: [contracts.tableArn],
      },
      {
        sid: 'Deliver',
        because: 'exports are written; egress reads none back',
        actions: ['s3:PutObject'],
        resources: [buckets.exports.arnForObjects('*')],
      },
      throughS3('EncryptExports', 'exports are encrypted under their own key', {
        actions: ['kms:GenerateDataKey'],
        key: keys.exports,
        bucket: buckets.exports,
      }),
      ...partners(foundation),
    ],
  };
}

function partners({ config }: Foundation): Grant[] {
  return config.partnerExportBuckets.flatMap((partner, index): Grant[] => [
    {
      sid: `DeliverToPartner${index}`,
      because: 'a registered destination in another account; its owner’s bucket policy lets egress in as well',
      actions: ['s3:PutObject'],
      resources: [`arn:${Aws.PARTITION}:s3:::${partner.name}/*`],
      conditions: { StringEquals: { 'aws:ResourceAccount': partner.account } },
    },
    {
      sid: `EncryptForPartner${index}`,
      because: 'the partner’s key, through S3 only',
      actions: ['kms:GenerateDataKey'],
      resources: [partner.keyArn],
      conditions: { StringEquals: { 'kms:ViaService': viaService('s3') } },
    },
  ]);
}
