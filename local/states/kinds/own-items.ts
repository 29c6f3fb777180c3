import type { MapState } from '../definition.ts';
import { isArray, type Json } from '../json.ts';
import { evaluateField, type Visit, wrongType } from '../visit.ts';

/** The items that a Map has without a reader: what `Items` gives, or the state's input. */
export async function itemsOf(state: MapState, visit: Visit): Promise<readonly Json[]> {
  const items = state.Items === undefined ? visit.frame.input : await evaluateField(visit, 'Items', state.Items);
  if (!isArray(items)) throw wrongType('Items', 'an array');
  return items;
}
