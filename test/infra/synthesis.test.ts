import { describe, expect, it } from 'vitest';
import { resources } from './templates.ts';

describe('synthesis', () => {
  it.each(['sandbox', 'production'] as const)('gives the stacks of the profile %s without an account', (profile) => {
    const stacks = new Set(resources(profile).map((resource) => resource.stack));
    expect([...stacks]).toEqual(['parapet-test-foundation', 'parapet-test-submission', 'parapet-test-oversight']);
  });
});
