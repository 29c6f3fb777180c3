/** The ticket of a sweep that may be taken up again: its verdict counts as of when it began, whenever it ends. */
import * as z from 'zod/mini';
import { SWEEP_KEYS, type SweepStore } from '../../functions/sweep/protocol/ports.ts';
import { decoded, encoded, readStored } from '../../functions/sweep/protocol/stored.ts';
import { Problem } from '../../shared/problem.ts';
import type { Ticket } from '../../shared/verdict/gate.ts';

const StoredTicket = z.strictObject({ epoch: z.string(), number: z.int().check(z.positive()) });

const keyOf = (sweep: string): string => `${SWEEP_KEYS.ticket}/${sweep}`;

/** Before the plan: where there is a plan to go on with, there is its ticket. */
export async function keepTicket(store: SweepStore, sweep: string, ticket: Ticket): Promise<void> {
  await store.create(keyOf(sweep), encoded(ticket));
}

export async function readTicket(store: SweepStore, sweep: string): Promise<Ticket> {
  const ticket = await readStored(store, keyOf(sweep), (bytes) => decoded(StoredTicket, bytes));
  if (ticket === undefined) throw new Problem('evidence-invalid', { detail: 'The plan of this sweep has no ticket.' });
  return ticket;
}
