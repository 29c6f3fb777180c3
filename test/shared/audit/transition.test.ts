import { describe, expect, it } from 'vitest';
import { verifyTransitions } from '../../../shared/audit/transition.ts';
import { crossed } from './fixtures.ts';

const chain = crossed('processing', crossed('reconciliation', crossed('ingestion')));
const invalid = expect.objectContaining({ code: 'evidence-invalid' });

describe('transitions', () => {
  it('[B13] hang together', () => {
    expect(() => verifyTransitions(chain)).not.toThrow();
    expect(() => verifyTransitions([])).not.toThrow();
  });

  it.each([
    ['one is taken out', chain.toSpliced(1, 1)],
    ['the first is taken out', chain.slice(1)],
    ['two change places', [chain[0], chain[2], chain[1]].filter((each) => each !== undefined)],
    ['one is put in', chain.toSpliced(1, 0, ...crossed('egress'))],
    ['one is changed', chain.map((each, index) => (index === 1 ? { ...each, attempt: 'b'.repeat(16) } : each))],
    ['a rule is changed', chain.map((each, index) => (index === 2 ? { ...each, rules: ['c'.repeat(64)] } : each))],
  ])('[B13] do not when %s', (_what, changed) => {
    expect(() => verifyTransitions(changed)).toThrow(invalid);
  });
});
