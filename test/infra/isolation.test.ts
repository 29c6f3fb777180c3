import { beforeAll, describe, expect, it } from 'vitest';
import { ACTORS, capital } from '../../infra/principals.ts';
import type { Caller } from '../../local/service.ts';
import type { Actor } from '../../shared/names.ts';
import { DEEDS, RUN } from './deeds.ts';
import { type Simulation, simulate } from './simulation.ts';
import { configuration } from './templates.ts';

let simulation: Simulation;
beforeAll(() => {
  simulation = simulate(configuration('production'));
});

const inside = (actor: Actor, service: string): Caller =>
  simulation.callers.ofFunction(`parapet-test-${actor}`, service);

describe('[B19] boundaries between stages', () => {
  it.each(DEEDS)('$what: only $allowed', ({ service, requests, allowed }) => {
    const able = ACTORS.filter((actor) => simulation.may(inside(actor, service), requests(simulation)));
    expect(able).toEqual(ACTORS.filter((actor) => allowed.includes(actor)));
  });

  it('[B19] gives every stage a role, a security group, a log group and a key to write under of its own', () => {
    const functions = ACTORS.map((actor) =>
      simulation.deployment.find('AWS::Lambda::Function', `${capital(actor)}Function`),
    );
    const distinct = (values: readonly unknown[]): number => new Set(values.map((value) => JSON.stringify(value))).size;
    expect(distinct(functions.map(({ properties }) => properties.Role))).toBe(ACTORS.length);
    expect(distinct(functions.map(({ properties }) => properties.VpcConfig))).toBe(ACTORS.length);
    expect(distinct(functions.map(({ properties }) => properties.LoggingConfig))).toBe(ACTORS.length);
    const keys = ['IngestionKey', 'ReconciliationKey', 'ProcessingKey', 'ExportsKey', 'SealSigningKey', 'CustodyKey'];
    expect(distinct(keys.map((key) => simulation.arn('AWS::KMS::Key', key)))).toBe(ACTORS.length);
  });

  it.each(DEEDS.filter(({ allowed }) => allowed.length > 0))(
    '$what: refused with the credentials of $allowed outside the network',
    ({ service, requests, allowed }) => {
      for (const actor of allowed) {
        const { context, ...caller } = inside(actor, service);
        const { 'aws:SourceVpc': _vpc, 'aws:SourceVpce': _endpoint, ...elsewhere } = context;
        expect(simulation.may({ ...caller, context: elsewhere }, requests(simulation)), actor).toBe(false);
      }
    },
  );
});

describe('[B08] the ledger', () => {
  it.each(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'])(
    '[B08] can be written by no stage: %s',
    (action) => {
      const able = ACTORS.filter((actor) =>
        simulation.may(inside(actor, 'dynamodb'), simulation.table(`dynamodb:${action}`, 'LedgerTable')),
      );
      expect(able).toEqual([]);
    },
  );
});

const VAULT = {
  'kms:EncryptionContext:purpose': 'vault',
  'kms:EncryptionContext:stage': 'ingestion',
  'kms:EncryptionContext:run': RUN,
};

describe('[B22] detokenising', () => {
  it.each([
    [
      'read what lies in the vault',
      's3',
      (s: Simulation) => s.get('VaultBucket', `segments/${RUN}/a/0.json`, 'VaultKey'),
    ],
    ['open the key of a chunk', 'kms', (s: Simulation) => s.key('kms:Decrypt', 'VaultKey', VAULT)],
    ['read the keys of subjects', 'dynamodb', (s: Simulation) => s.table('dynamodb:BatchGetItem', 'SubjectKeysTable')],
  ] as const)('[B22] [P10] is the egress role’s alone: nobody else may %s', (_what, service, requests) => {
    const able = ACTORS.filter((actor) => simulation.may(inside(actor, service), requests(simulation)));
    expect(able).toEqual(['egress']);
  });

  it('[B22] cannot write what it resolves', () => {
    expect(simulation.may(inside('egress', 's3'), simulation.put('VaultBucket', 'segments/x', 'VaultKey'))).toBe(false);
    expect(
      simulation.may(inside('egress', 'dynamodb'), simulation.table('dynamodb:BatchWriteItem', 'SubjectKeysTable')),
    ).toBe(false);
  });

  it('[B22] refuses people and the root user the vault and the working bucket', () => {
    const people = ['uploader', 'operator', 'steward'].map((name) =>
      simulation.callers.ofPerson(`parapet-test-${name}`, 'someone'),
    );
    for (const caller of [...people, simulation.callers.root()]) {
      expect(
        simulation.may(caller, simulation.get('VaultBucket', `segments/${RUN}/a/0.json`, 'VaultKey')),
        caller.name,
      ).toBe(false);
      expect(
        simulation.may(caller, simulation.get('WorkingBucket', `processed/${RUN}/a/0.ndjson`, 'ProcessingKey')),
        caller.name,
      ).toBe(false);
      expect(simulation.may(caller, simulation.secret()), caller.name).toBe(false);
    }
  });
});
