import { Problem } from '../../shared/problem.ts';
import { FIXED, WITHOUT_FIXED_PRICE } from './prices.ts';

export interface PricedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface FixedItem {
  readonly type: string;
  readonly logicalId: string;
  readonly units: number;
  readonly unit: string;
  readonly each: number;
  /** Dollars a month. */
  readonly monthly: number;
}

/**
 * What the resources of a deployment cost a month when nothing happens, one item each, free ones left out.
 * @throws Problem `not-implemented` for a type that the price table does not know.
 */
export function fixedCosts(resources: readonly PricedResource[]): FixedItem[] {
  const unknown = resources.find(({ type }) => !Object.hasOwn(FIXED, type) && !WITHOUT_FIXED_PRICE.has(type));
  if (unknown) throw new Problem('not-implemented', { detail: `cli/cost/prices.ts has no price for ${unknown.type}.` });
  return resources.flatMap(({ type, logicalId, properties }) => {
    const price = FIXED[type];
    const units = price === undefined ? 0 : (price.units?.(properties) ?? 1);
    if (price === undefined || units === 0) return [];
    return [{ type, logicalId, units, unit: price.unit, each: price.each, monthly: units * price.each }];
  });
}

export const total = (items: readonly { readonly monthly: number }[]): number =>
  items.reduce((sum, { monthly }) => sum + monthly, 0);
