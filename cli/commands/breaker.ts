import { Command } from 'commander';
import { closeBreaker, closingsOf, type GateStore } from '../../functions/sweep/protocol/gate.ts';
import { Problem } from '../../shared/problem.ts';
import { type Closing, type Gate, type OpenTrip, openTrips } from '../../shared/verdict/gate.ts';
import { DEFAULT_STATE } from '../sweep/file-gates.ts';
import { type GateOptions, withGates } from '../sweep/gates.ts';
import { closingLines, tripLine } from '../sweep/print-gate.ts';
import { answer, type OutputOptions } from '../terminal.ts';

type Options = OutputOptions & GateOptions;

/** What a breaker is, to a program. `closings`: those that no sealed log of a sweep names yet. */
interface BreakerState {
  readonly dataset: string;
  readonly breaker: 'open' | 'closed';
  readonly trips: readonly OpenTrip[];
  readonly closings: readonly Closing[];
}

export const command = new Command('breaker').description(
  'Say which breakers are open and why, and close one. While a breaker is open, its dataset is not swept and its gate is closed.',
);

const subcommand = (name: string, description: string): Command =>
  command
    .command(name)
    .description(description)
    .option('--connection <file>', 'connection of a deployment (default: the state of this machine)')
    .option('--state <folder>', 'where this machine holds gates and breakers', DEFAULT_STATE);

subcommand('list', 'List the datasets that have been swept, and which of their breakers are open.').action(
  async (options: Options) => {
    const breakers = await withGates(options, async ({ store }) =>
      Promise.all((await store.list()).map((gate) => stateOf(store, gate))),
    );
    breakers.sort((left, right) => (left.dataset < right.dataset ? -1 : 1));
    const lines = breakers.flatMap((each) => [`${each.dataset}: breaker ${each.breaker}`, ...each.trips.map(tripLine)]);
    answer(options, lines.length === 0 ? ['nothing has been swept'] : lines, { breakers });
  },
);

subcommand('show', 'Say of one dataset what tripped its breaker, and who closed it.')
  .argument('<dataset>', 'the dataset, as its contract names it')
  .action(async (dataset: string, options: Options) => {
    const state = await withGates(options, ({ store }) => readState(store, dataset));
    answer(options, linesOf(state), state);
  });

subcommand(
  'close',
  'Close the breaker of a dataset. The log of its next sweep, which is sealed, names who closed it and why.',
)
  .argument('<dataset>', 'the dataset, as its contract names it')
  .requiredOption('--reason <text>', 'what was found and done; no personal data, it is kept as evidence')
  .option('--sweep <id>', 'settle the trip of this sweep alone; repeatable (default: every open one)', collect, [])
  .action(
    async (dataset: string, options: Options & { readonly reason: string; readonly sweep: readonly string[] }) => {
      const reason = options.reason.trim();
      if (reason === '' || reason.length > 1000) {
        throw new Problem('usage-invalid', { detail: 'A reason of 1 to 1000 characters is needed.' });
      }
      const closed = await withGates(options, async ({ store, caller }) => {
        const { trips } = await readState(store, dataset);
        const chosen = options.sweep.length === 0 ? trips : trips.filter(({ sweep }) => options.sweep.includes(sweep));
        if (chosen.length === 0) throw new Problem('not-found', { detail: `No such trip of ${dataset} is open.` });
        const by = await caller();
        const closedAt = new Date().toISOString();
        const closings = chosen.map((trip): Closing => ({ dataset, sweep: trip.sweep, trip, closedAt, by, reason }));
        await closeBreaker(store, closings);
        return readState(store, dataset);
      });
      answer(options, linesOf(closed), closed);
    },
  );

function collect(value: string, all: readonly string[]): readonly string[] {
  return [...all, value];
}

async function readState(store: GateStore, dataset: string): Promise<BreakerState> {
  const held = await store.read(dataset);
  if (held === undefined) throw new Problem('not-found', { detail: `${dataset} has never been swept.` });
  return stateOf(store, held.gate);
}

async function stateOf(store: GateStore, gate: Gate): Promise<BreakerState> {
  const closings = await closingsOf(store, gate);
  const trips = openTrips(gate, closings);
  return { dataset: gate.dataset, breaker: trips.length === 0 ? 'closed' : 'open', trips, closings };
}

const linesOf = ({ dataset, breaker, trips, closings }: BreakerState): string[] => [
  `${dataset}: breaker ${breaker}`,
  ...trips.map(tripLine),
  ...closings.flatMap(closingLines),
];
