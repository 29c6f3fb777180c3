import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type * as z from 'zod/mini';
import { TABLES } from '../../shared/names.ts';
import { Problem } from '../../shared/problem.ts';
import { Closing, Gate, restored } from '../../shared/verdict/gate.ts';
import type { GateListing, GateStore, HeldGate } from '../sweep/protocol/gate.ts';
import { type Item, number, readNumber, readText, text } from './attributes.ts';
import { Table } from './table.ts';

const { partitionKey: DATASET } = TABLES.gates;
const { sortKey: SWEEP } = TABLES.closings;

/**
 * One item per dataset, and one per settled trip. `openUntil` is for consumers that cannot run `isOpen`: it is there only while the breaker
 * has not tripped and the newest verdict is EQUAL; one that lies behind is closed.
 */
export class DynamoGateStore implements GateStore, GateListing {
  readonly #gates: Table;
  readonly #closings: Table;

  constructor(client: DynamoDBClient, tables: { readonly gates: string; readonly closings: string }) {
    this.#gates = new Table(client, tables.gates);
    this.#closings = new Table(client, tables.closings);
  }

  async read(dataset: string): Promise<HeldGate | undefined> {
    const item = await this.#gates.get({ [DATASET]: text(dataset) });
    return item === undefined ? undefined : { gate: this.#gateOf(item), revision: readNumber(item, 'revision') };
  }

  async write(gate: Gate, revision: number): Promise<boolean> {
    const { verdict, freshUntil } = gate.verdict ?? {};
    const openUntil = verdict === 'EQUAL' && gate.trips.length === 0 ? freshUntil : undefined;
    const written = await this.#gates.update({
      Key: { [DATASET]: text(gate.dataset) },
      UpdateExpression: `SET #document = :document, #table = :table, #revision = :next${
        openUntil === undefined ? ' REMOVE #open' : ', #open = :open'
      }`,
      ConditionExpression: revision === 0 ? 'attribute_not_exists(#dataset)' : '#revision = :revision',
      ExpressionAttributeNames: {
        '#document': 'document',
        '#table': 'table',
        '#revision': 'revision',
        '#open': 'openUntil',
        ...(revision === 0 ? { '#dataset': DATASET } : {}),
      },
      ExpressionAttributeValues: {
        ':document': text(JSON.stringify(gate)),
        ':table': text(this.#gates.name),
        ':next': number(revision + 1),
        ...(openUntil === undefined ? {} : { ':open': text(openUntil) }),
        ...(revision === 0 ? {} : { ':revision': number(revision) }),
      },
    });
    return written !== undefined;
  }

  async closings(dataset: string, sweeps: readonly string[]): Promise<readonly Closing[]> {
    const keys = [...new Set(sweeps)].map((sweep) => ({ [DATASET]: text(dataset), [SWEEP]: text(sweep) }));
    return (await this.#closings.getAll(keys)).map((item) => parse(Closing, item));
  }

  async close(closing: Closing): Promise<boolean> {
    const written = await this.#closings.update({
      Key: { [DATASET]: text(closing.dataset), [SWEEP]: text(closing.sweep) },
      UpdateExpression: 'SET #document = :document',
      ConditionExpression: 'attribute_not_exists(#dataset)',
      ExpressionAttributeNames: { '#document': 'document', '#dataset': DATASET },
      ExpressionAttributeValues: { ':document': text(JSON.stringify(closing)) },
    });
    return written !== undefined;
  }

  async list(): Promise<readonly Gate[]> {
    return (await this.#gates.all()).map((item) => this.#gateOf(item));
  }

  /** DynamoDB restores a backup into a table of another name, which the items of the first do not name. */
  #gateOf(item: Item): Gate {
    const gate = parse(Gate, item);
    return readText(item, 'table') === this.#gates.name ? gate : restored(gate, randomUUID());
  }
}

function parse<Schema extends z.ZodMiniType>(schema: Schema, item: Item): z.infer<Schema> {
  try {
    const parsed = schema.safeParse(JSON.parse(readText(item, 'document')));
    if (parsed.success) return parsed.data;
  } catch (error) {
    if (error instanceof Problem) throw error;
  }
  throw new Problem('internal-failure', { detail: 'An item of a gate does not have the form of one.' });
}
