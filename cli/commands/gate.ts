import { Command } from 'commander';
import { closingsOf } from '../../functions/sweep/protocol/gate.ts';
import { Problem } from '../../shared/problem.ts';
import { CLOSED_BECAUSE, isOpen } from '../../shared/verdict/is-open.ts';
import { DEFAULT_STATE } from '../sweep/file-gates.ts';
import { type GateOptions, withGates } from '../sweep/gates.ts';
import { gateLines } from '../sweep/print-gate.ts';
import { answer, type OutputOptions, reportProblem } from '../terminal.ts';

/** This command's own exit codes: a pipeline goes on after 0, and after nothing else. */
export const GATE_EXIT = { open: 0, closed: 1 } as const;

const HELP = `
Exit codes of this command:
  0  open: the newest verdict is EQUAL and fresh, and the breaker has not tripped
  1  closed, with the reason; also whenever the gate could not be asked
  3  usage`;

export const command = new Command('gate')
  .description('Say whether consumers may take a dataset: for pipelines, by the exit code.')
  .argument('<dataset>', 'the dataset, as its contract names it')
  .option('--connection <file>', 'connection of a deployment (default: the state of this machine)')
  .option('--state <folder>', 'where this machine holds gates and breakers', DEFAULT_STATE)
  .addHelpText('after', HELP)
  .action(async (dataset: string, options: OutputOptions & GateOptions) => {
    try {
      const { found, closings } = await withGates(options, async ({ store }) => {
        const gate = (await store.read(dataset))?.gate;
        const asked = isOpen(gate, Date.now());
        const settled = !asked.open && asked.trips.length > 0 ? await closingsOf(store, gate) : [];
        return { found: asked, closings: settled };
      });
      process.exitCode = found.open ? GATE_EXIT.open : GATE_EXIT.closed;
      const told = found.open ? {} : { reason: CLOSED_BECAUSE[found.because] };
      answer(options, gateLines(dataset, found, closings), { dataset, ...found, ...told });
    } catch (error) {
      if (error instanceof Problem && error.code === 'usage-invalid') throw error;
      // Whatever keeps the answer away keeps the gate closed: no other code may be mistaken for one.
      const problem = error instanceof Problem ? error : new Problem('internal-failure', { cause: error });
      reportProblem(options, problem.toDocument());
      process.exitCode = GATE_EXIT.closed;
    }
  });
