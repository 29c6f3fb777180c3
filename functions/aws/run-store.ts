import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isRunOutcome } from '../../shared/messages.ts';
import { type Actor, CUSTODY, STAGES, TABLES } from '../../shared/names.ts';
import type { Lease, Run, RunPins, RunSeal, RunStore } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';
import { type Item, number, optionalNumber, optionalText, readNumber, readText, text } from './attributes.ts';
import { Table } from './table.ts';

const attemptsOf = (stage: Actor): string => `attempts-${stage}`;
const RUN = TABLES.runs.partitionKey;

/** The runs table. Every change is one conditional UpdateItem; a failed condition is followed by no second guess. */
export class DynamoRunStore implements RunStore {
  readonly #table: Table;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#table = new Table(client, tableName);
  }

  async read(run: string): Promise<Run | undefined> {
    const item = await this.#table.get({ [RUN]: text(run) });
    return item === undefined ? undefined : parseRun(item);
  }

  claim(run: string, stage: Actor, lease: Lease, startedAt: string): Promise<Run | undefined> {
    return this.#take(
      run,
      stage,
      lease,
      'attribute_not_exists(#run) OR (#state = :running AND (#execution = :me OR #lease < :now)) OR (#state = :sealed AND #outcome = :failed)',
      { '#run': RUN, '#started': 'startedAt' },
      { ':now': number(lease.now), ':sealed': text('sealed'), ':started': text(startedAt) },
      ', #started = if_not_exists(#started, :started)',
    );
  }

  renew(run: string, stage: Actor, lease: Lease): Promise<Run | undefined> {
    return this.#take(run, stage, lease, '#execution = :me AND (#state = :running OR #outcome = :failed)', {}, {}, '');
  }

  async pin(run: string, execution: string, pins: RunPins): Promise<RunPins> {
    const item = await this.#table.update({
      Key: { [RUN]: text(run) },
      UpdateExpression: 'SET #salt = if_not_exists(#salt, :salt), #contract = if_not_exists(#contract, :contract)',
      ConditionExpression: '#execution = :me',
      ExpressionAttributeNames: { '#salt': 'saltVersion', '#contract': 'contractVersion', '#execution': 'execution' },
      ExpressionAttributeValues: {
        ':salt': text(pins.saltVersion),
        ':contract': number(pins.contractVersion),
        ':me': text(execution),
      },
    });
    if (item === undefined) throw new Problem('run-busy');
    return { saltVersion: readText(item, 'saltVersion'), contractVersion: readNumber(item, 'contractVersion') };
  }

  async seal(run: string, execution: string, ending: Parameters<RunStore['seal']>[2]): Promise<void> {
    const names = {
      '#execution': 'execution',
      '#state': 'state',
      '#outcome': 'outcome',
      '#received': 'received',
      '#exported': 'exported',
      '#quarantined': 'quarantined',
      '#sealKey': 'sealKey',
      '#generation': 'sealGeneration',
      '#treeSize': 'sealTreeSize',
    };
    const item = await this.#table.update({
      Key: { [RUN]: text(run) },
      UpdateExpression:
        'SET #state = :sealed, #outcome = :outcome, #received = :received, #exported = :exported, ' +
        '#quarantined = :quarantined, #sealKey = :sealKey, #generation = :generation, #treeSize = :treeSize',
      ConditionExpression: '#execution = :me AND (attribute_not_exists(#generation) OR #generation <= :generation)',
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: {
        ':me': text(execution),
        ':sealed': text('sealed'),
        ':outcome': text(ending.outcome),
        ':received': number(ending.counts.received),
        ':exported': number(ending.counts.exported),
        ':quarantined': number(ending.counts.quarantined),
        ':sealKey': text(ending.seal.key),
        ':generation': number(ending.seal.generation),
        ':treeSize': number(ending.seal.treeSize),
      },
    });
    if (item === undefined) throw new Problem('run-busy');
  }

  async #take(
    run: string,
    stage: Actor,
    lease: Lease,
    condition: string,
    names: Record<string, string>,
    values: Item,
    extra: string,
  ): Promise<Run | undefined> {
    const item = await this.#table.update({
      Key: { [RUN]: text(run) },
      UpdateExpression: `SET #execution = :me, #lease = :until, #state = :running${extra} REMOVE #outcome ADD #attempts :one`,
      ConditionExpression: condition,
      ExpressionAttributeNames: {
        '#execution': 'execution',
        '#lease': 'leaseUntil',
        '#state': 'state',
        '#outcome': 'outcome',
        '#attempts': attemptsOf(stage),
        ...names,
      },
      ExpressionAttributeValues: {
        ':me': text(lease.execution),
        ':until': number(lease.until),
        ':running': text('running'),
        ':failed': text('failed'),
        ':one': number(1),
        ...values,
      },
    });
    return item === undefined ? undefined : parseRun(item);
  }
}

export function parseRun(item: Item): Run {
  const attempts: Partial<Record<Actor, number>> = {};
  for (const stage of [...STAGES, CUSTODY] as const) {
    const count = optionalNumber(item, attemptsOf(stage));
    if (count !== undefined) attempts[stage] = count;
  }
  const outcome = optionalText(item, 'outcome');
  return {
    run: readText(item, RUN),
    execution: readText(item, 'execution'),
    leaseUntil: readNumber(item, 'leaseUntil'),
    state: readText(item, 'state') === 'sealed' ? 'sealed' : 'running',
    outcome: outcome !== undefined && isRunOutcome(outcome) ? outcome : undefined,
    attempts,
    startedAt: readText(item, 'startedAt'),
    pinned: parsePins(item),
    counts: parseCounts(item),
    seal: parseSeal(item),
  };
}

function parsePins(item: Item): RunPins | undefined {
  const saltVersion = optionalText(item, 'saltVersion');
  const contractVersion = optionalNumber(item, 'contractVersion');
  return saltVersion === undefined || contractVersion === undefined ? undefined : { saltVersion, contractVersion };
}

function parseCounts(item: Item): Run['counts'] {
  const received = optionalNumber(item, 'received');
  if (received === undefined) return undefined;
  return { received, exported: readNumber(item, 'exported'), quarantined: readNumber(item, 'quarantined') };
}

function parseSeal(item: Item): RunSeal | undefined {
  const key = optionalText(item, 'sealKey');
  if (key === undefined) return undefined;
  return { key, generation: readNumber(item, 'sealGeneration'), treeSize: readNumber(item, 'sealTreeSize') };
}
