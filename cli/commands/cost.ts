import { Command, InvalidArgumentError, Option } from 'commander';
import { CONFIGURATION_FILE } from '../../infra/app.ts';
import { loadConfiguration } from '../../infra/config.ts';
import { findAssembly } from '../../local/assembly-cache.ts';
import { readDeployment } from '../../local/template/deployment.ts';
import { type FixedItem, fixedCosts, total } from '../cost/fixed.ts';
import { PRICES_AS_OF, PRICES_REGION } from '../cost/prices.ts';
import { sweepCosts } from '../cost/sweep.ts';
import { type VariableItem, variableCosts } from '../cost/variable.ts';
import { answer, type OutputOptions } from '../terminal.ts';

interface Options extends OutputOptions {
  readonly profile?: 'sandbox' | 'production';
  readonly records: number;
  readonly subjects?: number;
  readonly sweepRows: number;
  readonly sweepPartitions: number;
  readonly sweepWorkers: number;
}

export const command = new Command('cost')
  .description('Say what a deployment costs a month when nothing happens, per resource, and what its records cost.')
  .addOption(new Option('--profile <name>', 'default: the configuration’s').choices(['sandbox', 'production']))
  .option('--records <number>', 'how many records', count, 1_000_000)
  .option('--subjects <number>', 'people behind them, once per chunk; default: another for every record', count)
  .option('--sweep-rows <number>', 'rows of each side of a sweep', count, 1_000_000_000)
  .option('--sweep-partitions <number>', 'its partitions, of each side', count, 512)
  .option('--sweep-workers <number>', 'how many read at once, of both sides', count, 16)
  .action(cost);

function count(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1)
    throw new InvalidArgumentError('A whole number from 1 on is needed.');
  return number;
}

async function cost({ profile, records, subjects = records, json = false, ...sweep }: Options): Promise<void> {
  const config = loadConfiguration(CONFIGURATION_FILE, profile === undefined ? {} : { profile });
  const { folder } = await findAssembly({ config });
  const fixed = fixedCosts(readDeployment(folder).resources);
  const variable = variableCosts(records, subjects);
  const month = total(fixed);
  const use = variable.reduce((sum, each) => sum + each.cost, 0);
  const swept = sweepCosts(sweep.sweepRows, sweep.sweepPartitions, sweep.sweepWorkers);
  const sweeping = swept.items.reduce((sum, each) => sum + each.cost, 0);
  const prices = { region: PRICES_REGION, asOf: PRICES_AS_OF, currency: 'USD' };
  answer(
    { json },
    [
      `List prices of ${PRICES_REGION}, ${PRICES_AS_OF}, in dollars, without free allowances.`,
      '',
      `Fixed, per month (${config.profile})`,
      ...fixedLines(fixed),
      `  ${'total'.padEnd(50)}${dollars(month)}`,
      '',
      `By use, for ${records.toLocaleString('en')} records of ${subjects.toLocaleString('en')} subjects in one upload`,
      ...variable.map(variableLine),
      `  ${'total'.padEnd(50)}${dollars(use)}`,
      '',
      `One sweep of ${sweep.sweepRows.toLocaleString('en')} rows a side, in ${sweep.sweepPartitions} partitions a side, by ${sweep.sweepWorkers} workers: some ${Math.ceil(swept.seconds / 60)} minutes, if the databases can give so much (a model, not a measurement)`,
      ...swept.items.map(variableLine),
      `  ${'total'.padEnd(50)}${dollars(sweeping)}`,
    ],
    {
      profile: config.profile,
      prices,
      fixed: { items: fixed, total: month },
      variable: { records, subjects, items: variable, total: use },
      sweep: {
        rows: sweep.sweepRows,
        partitions: sweep.sweepPartitions,
        workers: sweep.sweepWorkers,
        seconds: swept.seconds,
        items: swept.items,
        total: sweeping,
      },
    },
  );
}

/** One line per kind, with the resources that it is made of. */
function fixedLines(items: readonly FixedItem[]): string[] {
  return [...new Set(items.map(({ type }) => type))].flatMap((type) => {
    const same = items.filter((item) => item.type === type);
    const units = same.reduce((sum, item) => sum + item.units, 0);
    const [first] = same;
    if (first === undefined) return [];
    const label = `${units} × ${first.unit} at ${first.each.toFixed(2)}`;
    return [
      `  ${label.padEnd(50)}${dollars(total(same))}`,
      `    ${same.map(({ logicalId, units: own }) => (own === 1 ? logicalId : `${logicalId} (${own})`)).join(', ')}`,
    ];
  });
}

function variableLine({ what, quantity, each, cost: sum }: VariableItem): string {
  const amount = quantity >= 10 ? Math.round(quantity).toLocaleString('en') : quantity.toFixed(2);
  return `  ${`${amount} ${what} at ${each < 0.001 ? `${(each * 1e6).toFixed(2)} a million` : each.toFixed(3)}`.padEnd(60)}${sum.toFixed(4).padStart(10)}`;
}

const dollars = (amount: number): string => amount.toFixed(2).padStart(8);
