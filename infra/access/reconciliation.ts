import { WORKING_PREFIX } from '../../shared/names.ts';
import type { StageAccess } from '../constructs/boundary-function.ts';
import type { Foundation } from '../foundation.ts';
import { commonEnvironment, openTables, ownEntries, ownRun, pinsText } from './every-actor.ts';
import { handOver, quarantineRecords, takeOver } from './working.ts';

/** Reads what was ingested and the ledger, which it can not write (requirement B08). */
export function reconciliationAccess(foundation: Foundation): StageAccess {
  const { buckets, config, keys, tables } = foundation;
  const { contracts, idempotency, ledger } = tables.byName;
  return {
    doors: ['kms'],
    environment: {
      ...commonEnvironment(foundation),
      workingBucket: buckets.working.bucketName,
      quarantineBucket: buckets.quarantine.bucketName,
      stageKey: keys.working.reconciliation.keyArn,
      quarantineKey: keys.quarantine.keyArn,
      idempotencyTable: idempotency.tableName,
      contractsTable: contracts.tableName,
      ledgerTable: ledger.tableName,
      contractPins: pinsText(config.contracts, config),
    },
    grants: [
      ownRun(foundation),
      ...ownEntries(foundation, 'reconciliation'),
      openTables(foundation, ['runs', 'contracts', 'idempotency', 'ledger']),
      ...takeOver(foundation, 'ingestion', WORKING_PREFIX.ingestion),
      ...quarantineRecords(foundation, 'reconciliation'),
      ...handOver(foundation, 'reconciliation', WORKING_PREFIX.reconciliation),
      {
        sid: 'ClaimSubmission',
        because: 'the first writer of an idempotency key wins, by a conditional write; the loser reads who holds it',
        actions: ['dynamodb:GetItem', 'dynamodb:UpdateItem'],
        resources: [idempotency.tableArn],
      },
      {
        sid: 'ReadLedger',
        because: 'the authoritative reference data of grantors and grants, read only',
        actions: ['dynamodb:BatchGetItem'],
        resources: [ledger.tableArn],
      },
      {
        sid: 'ReadContracts',
        because: 'the version of the contract that the run is pinned to',
        actions: ['dynamodb:GetItem'],
        resources: [contracts.tableArn],
      },
    ],
  };
}
