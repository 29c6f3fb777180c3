import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONFIGURATION_FILE } from '../../infra/app.ts';
import { loadConfiguration, parseConfiguration } from '../../infra/config.ts';
import { Problem } from '../../shared/problem.ts';

const GOOD = { deployment: 'demo', profile: 'sandbox' };
const SIGNER = 'a'.repeat(64);

function refusal(call: () => unknown): Problem {
  try {
    call();
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

const mistakes = (input: unknown): (readonly [string, string])[] => {
  const problem = refusal(() => parseConfiguration(input));
  expect(problem.code).toBe('configuration-invalid');
  return (problem.errors ?? []).map(({ pointer, rule }) => [pointer, rule] as const);
};

describe('configuration', () => {
  it.each<[string, unknown, readonly (readonly [string, string])[]]>([
    ['a missing field', { profile: 'sandbox' }, [['/deployment', 'required']]],
    [
      'a name that does not fit',
      { ...GOOD, deployment: 'Demo!' },
      [['/deployment', '2 to 20 lower-case letters, digits and hyphens']],
    ],
    ['a profile that is none', { ...GOOD, profile: 'prod' }, [['/profile', 'one of sandbox, production']]],
    ['a setting that is none', { ...GOOD, prfoile: 1 }, [['/prfoile', 'no such setting']]],
    ['a setting inside one', { ...GOOD, network: { 'a/b': 1 } }, [['/network/a~1b', 'no such setting']]],
    ['another type', { ...GOOD, leaseSeconds: '960' }, [['/leaseSeconds', 'a value of type number']]],
    [
      'a token that lives for ever',
      { ...GOOD, longestTokenSeconds: 1e9 },
      [['/longestTokenSeconds', 'at most 2592000']],
    ],
    ['a lease shorter than a function may live', { ...GOOD, leaseSeconds: 60 }, [['/leaseSeconds', 'at least 910']]],
    [
      'a pin that is no digest',
      { ...GOOD, contracts: { grants: { minimumVersion: 1, signers: ['x'] } } },
      [['/contracts/grants/signers/0', 'SHA-256 of the SPKI in lower-case hex']],
    ],
    [
      'a pin without a signer',
      { ...GOOD, rulePacks: { rules: { signers: [] } } },
      [['/rulePacks/rules/signers', 'at least 1']],
    ],
    [
      'a dataset that is no name',
      { ...GOOD, contracts: { 'No Name': { minimumVersion: 1, signers: [SIGNER] } } },
      [['/contracts/No Name', 'a name of lower-case letters, digits and hyphens']],
    ],
    [
      'trust in development keys, which only the embedded cloud may have',
      { ...GOOD, allowDevelopmentKeys: true },
      [['/allowDevelopmentKeys', 'no such setting']],
    ],
    [
      'retention that a sandbox would wait for',
      { ...GOOD, auditRetentionDays: 30 },
      [['/auditRetentionDays', 'between 1 and 7 days in the profile sandbox']],
    ],
    [
      'retention too short for evidence',
      { ...GOOD, profile: 'production', auditRetentionDays: 30 },
      [['/auditRetentionDays', 'between 365 and 36500 days in the profile production']],
    ],
    [
      'retention shorter than its regimes ask',
      { ...GOOD, profile: 'production', auditRegimes: ['pci', 'hipaa'], auditRetentionDays: 2000 },
      [['/auditRetentionDays', 'at least 2192 days, as the regimes ask (pci, hipaa)']],
    ],
    [
      'a regime where evidence is thrown away',
      { ...GOOD, auditRegimes: ['soc2'] },
      [['/auditRegimes', 'none in the profile sandbox, which keeps no evidence']],
    ],
    [
      'a regime that is none',
      { ...GOOD, profile: 'production', auditRegimes: ['hippa'] },
      [['/auditRegimes/0', 'one of gdpr, hipaa, pci, soc2']],
    ],
    [
      'production in one zone',
      { ...GOOD, profile: 'production', network: { zones: 1 } },
      [['/network/zones', 'at least 2 in the profile production']],
    ],
    [
      'an account without a region',
      { ...GOOD, account: '123456789012' },
      [['/region', 'account and region are given both or not at all']],
    ],
    ['an address that is none', { ...GOOD, alarmEmail: 'nobody' }, [['/alarmEmail', 'Invalid email address']]],
    ['what is no object', [], [['', 'a value of type object']]],
    [
      'two mistakes at once',
      { deployment: 'demo', profile: 1, leaseSeconds: 1 },
      [
        ['/profile', 'one of sandbox, production'],
        ['/leaseSeconds', 'at least 910'],
      ],
    ],
  ])('[S18] names the field and the rule of %s', (_, input, expected) => {
    expect(mistakes(input)).toEqual(expected);
  });

  it('[S18] never repeats a value', () => {
    const secret = 'hunter2-Zq9';
    const places = [
      'deployment',
      'profile',
      'account',
      'region',
      'leaseSeconds',
      'longestTokenSeconds',
      'alarmEmail',
      'uploaders',
      'contracts',
      'network',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.constantFrom(secret, [secret], { deep: secret }), (place, value) => {
        const problem = refusal(() => parseConfiguration({ ...GOOD, [place]: value }));
        expect(JSON.stringify([problem.message, problem.errors])).not.toContain(secret);
      }),
    );
  });

  it('gives each profile its zones, retention and permanence', () => {
    expect(parseConfiguration(GOOD)).toMatchObject({
      network: { zones: 1 },
      audit: { retentionDays: 1, retentionMode: 'GOVERNANCE', regimes: [] },
      retained: false,
    });
    expect(parseConfiguration({ ...GOOD, profile: 'production' })).toMatchObject({
      network: { zones: 2 },
      audit: { retentionDays: 2557, retentionMode: 'COMPLIANCE', regimes: [] },
      retained: true,
    });
  });
});

describe('retention of evidence', () => {
  const days = (more: object): number =>
    parseConfiguration({ ...GOOD, profile: 'production', ...more }).audit.retentionDays;

  it.each([
    [['gdpr'], 1095],
    [['hipaa'], 2192],
    [['pci'], 365],
    [['soc2'], 456],
    [['gdpr', 'pci', 'soc2'], 1095],
    [['soc2', 'hipaa', 'gdpr'], 2192],
  ])('[P14] under %j is %i days: the longest of them', (auditRegimes, expected) => {
    expect(days({ auditRegimes })).toBe(expected);
  });

  it('[P14] may be longer than a regime asks, and is seven years without one', () => {
    expect(days({ auditRegimes: ['hipaa'], auditRetentionDays: 4000 })).toBe(4000);
    expect(days({ auditRetentionDays: 400 })).toBe(400);
    expect(days({})).toBe(2557);
  });
});

describe('parapet.config.json', () => {
  let folder: string;
  const file = (text: string): string => {
    const path = join(folder, 'parapet.config.json');
    writeFileSync(path, text);
    return path;
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'parapet-config-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('as it stands in the repository, is valid', () => {
    expect(loadConfiguration(CONFIGURATION_FILE).profile).toBe('sandbox');
  });

  it('is overlaid by the context key, as an object or as JSON text', () => {
    const path = file(JSON.stringify(GOOD));
    expect(loadConfiguration(path, { profile: 'production' }).retained).toBe(true);
    expect(loadConfiguration(path, '{"deployment":"other"}').deployment).toBe('other');
  });

  it.each([
    ['a file that is not JSON', '{"deployment": hunter2}', undefined],
    ['a context that is not JSON', JSON.stringify(GOOD), 'hunter2'],
    ['a file that is no object', '["hunter2"]', undefined],
  ])('[S18] is refused without a word of it: %s', (_, text, context) => {
    const path = file(text);
    const problem = refusal(() => loadConfiguration(path, context));
    expect(problem.code).toBe('configuration-invalid');
    expect(problem.message).not.toContain('hunter2');
  });

  it('[S18] is named when it is not there', () => {
    const path = join(folder, 'absent.json');
    const problem = refusal(() => loadConfiguration(path));
    expect(problem.code).toBe('not-found');
    expect(problem.detail).toBe(`${path}: there is no such file, or it cannot be read.`);
  });
});
