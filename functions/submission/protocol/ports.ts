import type { Clock, Deadline, KeyService, ObjectStore, Random, RunStore } from '../../../shared/ports.ts';

/** What every stage of the flow stands on. */
export interface FlowPorts {
  readonly runs: RunStore;
  /** Entries of the audit log; `create` retains. A stage reads its own entries here, nobody else's. */
  readonly audit: ObjectStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly deadline: Deadline;
  /** How long a stage may be silent before another execution may take its run over. */
  readonly leaseSeconds: number;
}

/** Where a stage puts the records that it turns away. */
export interface QuarantinePorts {
  readonly quarantine: ObjectStore;
  readonly quarantineKey: KeyService;
}
