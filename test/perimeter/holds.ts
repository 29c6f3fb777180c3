/** What the perimeter of every deployment has to be: asked of the configurations one by one, as a proof is a million answers in memory. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Mutation, mutate, type Proof, prove } from '../../cli/perimeter/proof.ts';
import { matrixOf, type Row } from '../../cli/perimeter/report/matrix.ts';
import type { DeploymentConfiguration } from '../../infra/config.ts';
import { deploy } from './deployments.ts';

const matrices = new WeakMap<Proof, readonly Row[]>();

/** Everything deployed. */
function rowsOf(proof: Proof): readonly Row[] {
  const rows = matrices.get(proof) ?? matrixOf(proof, 'deployed');
  matrices.set(proof, rows);
  return rows;
}

/** Ids of the parties that may do the action on every target like this, everything deployed. */
function able(proof: Proof, action: string, target: RegExp): string[] {
  const rows = rowsOf(proof).filter(
    (row) => row.deviation === undefined && row.action === action && target.test(row.target),
  );
  expect(rows, `${action} on ${target}`).not.toEqual([]);
  return proof.world.parties.all
    .filter((_, index) => rows.some(({ cells }) => cells[index] === 'allowed' || cells[index] === 'open'))
    .map(({ id }) => id);
}

const isInsider = (id: string): boolean => /^(root|administrator|deployer|configured uploader)/.test(id);

export function holds(name: string, config: DeploymentConfiguration): void {
  describe(`the perimeter of a ${name}`, () => {
    let kept: Proof | undefined;
    let mutation: Mutation;
    beforeAll(() => {
      kept = prove(deploy(config), config);
      mutation = mutate(kept);
    });
    afterAll(() => {
      kept = undefined;
    });
    const proof = (): Proof => {
      if (kept === undefined) throw new Error('nothing is proven');
      return kept;
    };

    it('[S01] [S03] [B19] [P04] allows and refuses in every case what the tables say', () => {
      expect(proof().surprises).toEqual([]);
    });

    it('[B19] has every role, bucket, key and action of the templates in its tables, and nothing else in them', () => {
      expect(proof().gaps).toEqual([]);
    });

    it('asks everybody about everything: parties by targets by actions, in every view', () => {
      const { counts, world } = proof();
      for (const { cases } of Object.values(counts)) expect(cases).toBeGreaterThan(10_000);
      expect(counts.deployed.cases).toBeGreaterThan(world.parties.all.length * world.targets.length * 5);
      expect(Object.values(counts).reduce((sum, { cases }) => sum + cases, 0)).toBeGreaterThan(1_000_000);
    });

    it('[S01] lets nobody of the templates but the state machines invoke a stage', () => {
      const machines = able(proof(), 'lambda:InvokeFunction', /^function\/(?!custom|salt-rotation|database-rotation)/);
      const sweeping = proof().world.sweeping ? ['sweep machine', 'sweep closing machine'] : [];
      expect(machines.filter((id) => !isInsider(id))).toEqual([
        ...sweeping,
        'submission machine',
        'custodian machine',
        'closing machine',
      ]);
      const rotating = able(proof(), 'lambda:InvokeFunction', /^function\/salt-rotation/);
      expect(rotating.filter((id) => !isInsider(id))).toEqual(['Secrets Manager for the salts']);
      if (!proof().world.sweeping) return;
      const turning = able(proof(), 'lambda:InvokeFunction', /^function\/database-rotation/);
      expect(turning.filter((id) => !isInsider(id))).toEqual(['Secrets Manager for the databases']);
    });

    it('[B22] lets egress alone resolve tokens, and nobody read the salts but who makes tokens and who makes salts', () => {
      expect(able(proof(), 's3:GetObject', /^vault\//)).toEqual(['egress']);
      expect(able(proof(), 'kms:Decrypt', /^key\/vault as /)).toEqual(['egress']);
      expect(able(proof(), 'secretsmanager:GetSecretValue', /^secret\/token-salts/)).toEqual([
        'ingestion',
        'salt-rotation',
      ]);
    });

    it('[B17] lets no person download an export: it is read by the root user or not at all', () => {
      expect(able(proof(), 's3:GetObject', /^exports\//)).toEqual(['root']);
      expect(able(proof(), 's3:PutObject', /^exports\//)).toEqual(['egress', 'root']);
    });

    it('[B08] lets no stage write the ledger', () => {
      for (const action of ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem']) {
        const writers = able(proof(), `dynamodb:${action}`, /^table\/ledger/);
        expect(
          writers.every((id) => ['steward', 'root'].includes(id)),
          action,
        ).toBe(true);
      }
    });

    it('[S03] [B19] leaves stolen credentials of a stage nothing but its log and its traces', () => {
      const { world } = proof();
      const rows = rowsOf(proof());
      for (const [index, { id, kind }] of world.parties.all.entries()) {
        if (kind !== 'stolen') continue;
        const may = rows.filter(({ cells }) => cells[index] === 'allowed').map(({ action }) => action);
        expect([...new Set(may)].sort(), id).toEqual([
          'logs:CreateLogStream',
          'logs:PutLogEvents',
          'xray:PutTelemetryRecords',
          'xray:PutTraceSegments',
        ]);
      }
    });

    it('[S03] leaves strangers, other accounts and services on their behalf nothing at all', () => {
      const { world } = proof();
      const rows = rowsOf(proof());
      for (const [index, { id, kind, ours }] of world.parties.all.entries()) {
        if (kind !== 'outsider' && ours) continue;
        const may = rows.filter(({ cells }) => cells[index] === 'allowed' || cells[index] === 'open');
        expect(
          may.map(({ action, target }) => `${action} ${target}`),
          id,
        ).toEqual([]);
      }
    });

    it('[P04] asks a second factor of whoever takes a person’s role', () => {
      const rows = rowsOf(proof()).filter(({ target }) =>
        /^trust\/(uploader|operator|steward|admin|break-glass)/.test(target),
      );
      const administrator = proof().world.parties.all.findIndex(({ id }) => id === 'administrator');
      const may = (deviation: string | undefined): readonly unknown[] =>
        rows
          .filter((row) => row.action === 'sts:AssumeRole' && row.deviation === deviation)
          .map(({ cells }) => cells[administrator]);
      const each = (word: string): readonly string[] => Array.from({ length: 5 }, () => word);
      expect(may(undefined)).toEqual(each('allowed'));
      expect(may('without a second factor')).toEqual(each('refused'));
      expect(may('with a lasting access key')).toEqual(each('refused'));
    });

    it('[P04] opens the emergency’s role for minutes, on a second factor of minutes ago', () => {
      const administrator = proof().world.parties.all.findIndex(({ id }) => id === 'administrator');
      const may = (role: string, deviation: string): unknown =>
        rowsOf(proof()).find(
          (row) => row.target === `trust/${role}` && row.deviation === deviation && row.action === 'sts:AssumeRole',
        )?.cells[administrator];
      for (const deviation of ['for an hour', 'on a factor of an hour ago']) {
        expect(may('break-glass', deviation)).toBe('refused');
        expect(may('operator', deviation)).toBe('allowed');
      }
    });

    it('[B19] [S03] notices mistakes: whichever statement is dropped or widened, in at least 98 of 100 cases', () => {
      expect(mutation.verdicts.length).toBeGreaterThan(2_000);
      expect(mutation.caught / mutation.verdicts.length).toBeGreaterThanOrEqual(0.98);
      for (const size of ['whole', 'part'] as const) {
        const mine = mutation.verdicts.filter(({ mutant }) => mutant.size === size);
        const caught = mine.filter(({ caughtBy }) => caughtBy !== undefined);
        expect(caught.length / mine.length, size).toBeGreaterThanOrEqual(0.98);
      }
    });

    it('[B19] misses no mistake but those that change nothing, for a reason that somebody has written down', () => {
      const unexplained = mutation.survivors.filter(({ because }) => because === undefined);
      expect(unexplained.map(({ verdict }) => `${verdict.mutant.statement}: ${verdict.mutant.change}`)).toEqual([]);
      expect(mutation.stale).toEqual([]);
    });

    it('makes mistakes in every statement of every policy', () => {
      const { policies } = proof().world;
      const mutated = new Set(mutation.verdicts.map(({ mutant }) => `${mutant.entry.id}#${mutant.index}`));
      const statements = policies.all.flatMap(({ id, document }) =>
        document.Statement.map((_, index) => `${id}#${index}`),
      );
      expect(statements.filter((statement) => !mutated.has(statement))).toEqual([]);
    });
  });
}
