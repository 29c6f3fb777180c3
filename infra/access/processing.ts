import { WORKING_PREFIX } from '../../shared/names.ts';
import type { StageAccess } from '../constructs/boundary-function.ts';
import type { Foundation } from '../foundation.ts';
import { commonEnvironment, openTables, ownEntries, ownRun, pinsText } from './every-actor.ts';
import { handOver, quarantineRecords, takeOver } from './working.ts';

/** Reads what was reconciled and the rule packs. */
export function processingAccess(foundation: Foundation): StageAccess {
  const { buckets, config, keys, tables } = foundation;
  const { contracts, rulePacks } = tables.byName;
  return {
    doors: ['kms'],
    environment: {
      ...commonEnvironment(foundation),
      workingBucket: buckets.working.bucketName,
      quarantineBucket: buckets.quarantine.bucketName,
      stageKey: keys.working.processing.keyArn,
      quarantineKey: keys.quarantine.keyArn,
      contractsTable: contracts.tableName,
      rulePacksTable: rulePacks.tableName,
      contractPins: pinsText(config.contracts, config),
      rulePackPins: pinsText(config.rulePacks, config),
    },
    grants: [
      ownRun(foundation),
      ...ownEntries(foundation, 'processing'),
      openTables(foundation, ['runs', 'contracts', 'rulePacks']),
      ...takeOver(foundation, 'reconciliation', WORKING_PREFIX.reconciliation),
      ...quarantineRecords(foundation, 'processing'),
      ...handOver(foundation, 'processing', WORKING_PREFIX.processing),
      {
        sid: 'ReadRulePacks',
        because: 'the contract names a signed pack and its pinned fallback',
        actions: ['dynamodb:GetItem'],
        resources: [rulePacks.tableArn],
      },
      {
        sid: 'ReadContracts',
        because: 'the contract holds the rules’ signed configuration',
        actions: ['dynamodb:GetItem'],
        resources: [contracts.tableArn],
      },
    ],
  };
}
