/**
 * ItemSelector and ItemBatcher: what each child execution of a Distributed Map is given.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itembatcher.html
 */
import type { MapState } from '../definition.ts';
import { requirePayloadSize, statesFailure } from '../failure.ts';
import { type Json, MAXIMUM_PAYLOAD_BYTES, payloadBytes } from '../json.ts';
import { evaluateField, evaluateNumber, type Visit } from '../visit.ts';

export interface ChildInput {
  readonly input: Json;
  /** How many items it holds. */
  readonly items: number;
}

export async function childInputs(state: MapState, visit: Visit, items: readonly Json[]): Promise<ChildInput[]> {
  const selected: Json[] = [];
  for (const [Index, Value] of items.entries()) {
    const item = { Index, Value };
    selected.push(
      state.ItemSelector === undefined
        ? Value
        : await evaluateField(visit, 'ItemSelector', state.ItemSelector, { item }),
    );
  }
  const inputs = state.ItemBatcher
    ? await batched(state.ItemBatcher, visit, selected)
    : selected.map((input) => ({ input, items: 1 }));
  for (const { input } of inputs) requirePayloadSize(input, `An item of the state '${visit.frame.state}'`);
  return inputs;
}

async function batched(
  batcher: NonNullable<MapState['ItemBatcher']>,
  visit: Visit,
  items: readonly Json[],
): Promise<ChildInput[]> {
  const { MaxItemsPerBatch, MaxInputBytesPerBatch } = batcher;
  const mostItems = await evaluateNumber(visit, 'ItemBatcher/MaxItemsPerBatch', MaxItemsPerBatch);
  const mostBytes = await evaluateNumber(visit, 'ItemBatcher/MaxInputBytesPerBatch', MaxInputBytesPerBatch);
  const shared =
    batcher.BatchInput === undefined
      ? {}
      : { BatchInput: await evaluateField(visit, 'ItemBatcher/BatchInput', batcher.BatchInput) };
  const wrap = (Items: readonly Json[]): Json => ({ ...shared, Items });
  const byteLimit = Math.min(mostBytes || MAXIMUM_PAYLOAD_BYTES, MAXIMUM_PAYLOAD_BYTES);
  const emptyBytes = payloadBytes(wrap([]));

  const batches: ChildInput[] = [];
  let batch: Json[] = [];
  let bytes = emptyBytes;
  const close = (): void => {
    if (batch.length > 0) batches.push({ input: wrap(batch), items: batch.length });
    batch = [];
    bytes = emptyBytes;
  };
  for (const item of items) {
    // A comma stands between two items.
    const size = payloadBytes(item) + 1;
    if (emptyBytes + size > byteLimit + 1) {
      throw statesFailure('States.DataLimitExceeded', `An item of the state '${visit.frame.state}' fits no batch.`);
    }
    if (batch.length === mostItems || bytes + size > byteLimit + 1) close();
    batch.push(item);
    bytes += size;
  }
  close();
  return batches;
}
