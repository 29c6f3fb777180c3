import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { beginSweep, concludeSweep, type GateStore } from './gate.ts';
import type { SweepGate } from './ports.ts';
import { decodedValue } from './stored.ts';

const Ticket = z.strictObject({ epoch: z.string(), number: z.int().check(z.nonnegative()) });

/** Breaker and gate as a sweep meets them, over where their state is kept. */
export function sweepGate(store: GateStore): SweepGate {
  return {
    begin: async (dataset) => {
      const beginning = await beginSweep(store, dataset, randomUUID);
      return beginning.may ? { ...beginning.ticket } : undefined;
    },
    conclude: (ticket, verdict) => concludeSweep(store, decodedValue(Ticket, ticket), verdict),
  };
}
