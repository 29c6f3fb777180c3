import { describe, expect, it } from 'vitest';
import { type FixedItem, fixedCosts, total } from '../../cli/cost/fixed.ts';
import { sweepCosts } from '../../cli/cost/sweep.ts';
import { variableCosts } from '../../cli/cost/variable.ts';
import { Problem } from '../../shared/problem.ts';
import { type Profile, resources } from '../infra/templates.ts';

const costs = (profile: Profile): FixedItem[] =>
  fixedCosts(
    resources(profile).map(({ id, Type, Properties }) => ({ logicalId: id, type: Type, properties: Properties })),
  );
const unitsOf = (items: readonly FixedItem[], type: string): number =>
  items.filter((item) => item.type === type).reduce((sum, { units }) => sum + units, 0);

describe('the fixed cost', () => {
  it('of a sandbox is at most 35 dollars a month', () => {
    expect(total(costs('sandbox'))).toBeLessThanOrEqual(35);
  });

  it('counts an interface endpoint once per zone, and a gateway endpoint not at all', () => {
    expect(unitsOf(costs('sandbox'), 'AWS::EC2::VPCEndpoint')).toBe(2);
    expect(unitsOf(costs('production'), 'AWS::EC2::VPCEndpoint')).toBe(4);
  });

  it('counts every key, and every metric that an alarm reads', () => {
    const keys = resources('production', 'AWS::KMS::Key').length;
    expect(unitsOf(costs('production'), 'AWS::KMS::Key')).toBe(keys);
    const rate = costs('production').find(({ logicalId }) => logicalId === 'QuarantineRateAlarm');
    expect(rate).toMatchObject({ units: 2, monthly: 0.2 });
  });

  it('is never guessed: a type without a price is refused', () => {
    const add = () => fixedCosts([{ logicalId: 'Gateway', type: 'AWS::EC2::NatGateway', properties: {} }]);
    expect(add).toThrow(Problem);
    expect(add).toThrow(/AWS::EC2::NatGateway/);
  });
});

describe('the cost by use', () => {
  const sum = (records: number, subjects: number): number =>
    variableCosts(records, subjects).reduce((all, { cost }) => all + cost, 0);

  it('is quantity times price, item by item', () => {
    for (const { quantity, each, cost } of variableCosts(1_000_000, 1_000_000))
      expect(cost).toBeCloseTo(quantity * each);
  });

  it('of a million records is about a dollar, most of it keys of subjects', () => {
    expect(sum(1_000_000, 1_000_000)).toBeLessThan(1.25);
    expect(sum(1_000_000, 1_000_000)).toBeGreaterThan(0.75);
    expect(sum(1_000_000, 1_000)).toBeLessThan(0.25);
  });

  it('grows with records and with subjects', () => {
    expect(sum(2_000_000, 1_000)).toBeGreaterThan(sum(1_000_000, 1_000));
    expect(sum(1_000_000, 2_000)).toBeGreaterThan(sum(1_000_000, 1_000));
  });
});

describe('the cost of a sweep', () => {
  const sum = (...parameters: Parameters<typeof sweepCosts>): number =>
    sweepCosts(...parameters).items.reduce((all, { cost }) => all + cost, 0);

  it('is quantity times price, item by item', () => {
    for (const { quantity, each, cost } of sweepCosts(1e9, 512, 16).items) expect(cost).toBeCloseTo(quantity * each);
  });

  it('takes less time with more workers, never for more than there are partitions, and costs the same', () => {
    const seconds = (workers: number): number => sweepCosts(1e9, 64, workers).seconds;
    expect(seconds(32)).toBeLessThan(seconds(16));
    expect(seconds(1000)).toBe(seconds(128));
    expect(sum(1e9, 64, 32)).toBe(sum(1e9, 64, 16));
  });

  it('grows with rows and with partitions', () => {
    expect(sum(2e9, 512, 16)).toBeGreaterThan(sum(1e9, 512, 16));
    expect(sum(1e9, 1024, 16)).toBeGreaterThan(sum(1e9, 512, 16));
  });
});
