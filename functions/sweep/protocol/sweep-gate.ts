import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { Closing } from '../../../shared/verdict/gate.ts';
import type { Json } from '../engines/engine.ts';
import { beginSweep, concludeSweep, type GateStore } from './gate.ts';
import type { SweepGate } from './ports.ts';
import { decodedValue } from './stored.ts';

/** Who closed the breaker travels with the ticket: only what the gate gave at the beginning is this sweep's to seal. */
const Begun = z.strictObject({
  ticket: z.strictObject({ epoch: z.string(), number: z.int().check(z.nonnegative()) }),
  closings: z.array(Closing),
});

/** Breaker and gate as a sweep meets them, over where their state is kept. */
export function sweepGate(store: GateStore): SweepGate {
  return {
    begin: async (dataset) => {
      const beginning = await beginSweep(store, dataset, randomUUID);
      if (!beginning.may) return undefined;
      const { ticket, closings } = beginning;
      return z.json().parse({ ticket, closings }) satisfies Json;
    },
    closings: (ticket) => decodedValue(Begun, ticket).closings,
    conclude: (ticket, verdict, conclusion) =>
      concludeSweep(store, decodedValue(Begun, ticket).ticket, verdict, conclusion),
  };
}
