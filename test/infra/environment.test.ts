import { describe, expect, it } from 'vitest';
import { ENVIRONMENT } from '../../shared/environment.ts';
import { configuration, type Resource, resourcesOf } from './templates.ts';

const SIGNER = 'b'.repeat(64);
const settings = {
  contracts: { 'grant-submission': { minimumVersion: 2, signers: [SIGNER] } },
  rulePacks: { 'grant-rules': { signers: [SIGNER] } },
};

function variables(resources: readonly Resource[], id: string): Readonly<Record<string, unknown>> {
  const environment = resources.find((resource) => resource.id === id)?.Properties.Environment;
  if (typeof environment !== 'object' || environment === null || !('Variables' in environment)) throw new Error(id);
  return { ...(environment.Variables as Record<string, unknown>) };
}

describe('environment of the stages', () => {
  const given = resourcesOf(configuration('sandbox', settings));

  it('[S09] carries the pins, by which alone a contract or rule pack is believed', () => {
    for (const id of ['IngestionFunction', 'ReconciliationFunction', 'ProcessingFunction', 'EgressFunction']) {
      expect(JSON.parse(String(variables(given, id)[ENVIRONMENT.contractPins])), id).toEqual(settings.contracts);
    }
    expect(JSON.parse(String(variables(given, 'ProcessingFunction')[ENVIRONMENT.rulePackPins]))).toEqual(
      settings.rulePacks,
    );
  });

  it('[S09] allows development keys only where the embedded cloud says so in process', () => {
    const trusting = resourcesOf({ ...configuration('sandbox', settings), allowDevelopmentKeys: true });
    expect(JSON.parse(String(variables(trusting, 'ProcessingFunction')[ENVIRONMENT.rulePackPins]))).toEqual({
      'grant-rules': { signers: [SIGNER], allowDevelopmentKeys: true },
    });
    expect(JSON.stringify(given)).not.toContain('allowDevelopmentKeys');
  });

  it('names only variables of shared/environment.ts, none of them empty', () => {
    const known = new Set<string>(Object.values(ENVIRONMENT));
    for (const { id, Type } of given) {
      if (Type !== 'AWS::Lambda::Function' || !id.endsWith('Function')) continue;
      for (const [name, value] of Object.entries(variables(given, id))) {
        expect(known, `${id} ${name}`).toContain(name);
        expect(value, `${id} ${name}`).not.toBe('');
      }
    }
  });

  it('[B19] tells no stage of a bucket, table, key or secret that it has no part in', () => {
    const parts = (id: string) => Object.keys(variables(given, id));
    for (const id of [
      'ReconciliationFunction',
      'ProcessingFunction',
      'EgressFunction',
      'SealFunction',
      'CustodyFunction',
    ]) {
      expect(parts(id), id).not.toContain(ENVIRONMENT.tokenSalts);
      if (id !== 'SealFunction') expect(parts(id), id).not.toContain(ENVIRONMENT.landingBucket);
      if (id !== 'EgressFunction') expect(parts(id), id).not.toContain(ENVIRONMENT.vaultBucket);
    }
  });
});
