import { beforeAll, describe, expect, it } from 'vitest';
import { ACTORS } from '../../infra/principals.ts';
import type { AccessRequest, Caller } from '../../local/service.ts';
import type { Actor } from '../../shared/names.ts';
import { once, RUN } from './deeds.ts';
import { type Simulation, simulate } from './simulation.ts';
import { configuration } from './templates.ts';

let simulation: Simulation;
beforeAll(() => {
  simulation = simulate(configuration('production'));
});

const inside = (actor: Actor, service: string): Caller =>
  simulation.callers.ofFunction(`parapet-test-${actor}`, service);

describe('strangers', () => {
  it('refuses an administrator of the account what no role was named for', () => {
    const everything = { action: 's3:GetObject' };
    for (const [bucket, key] of [
      ['VaultBucket', 'VaultKey'],
      ['WorkingBucket', 'IngestionKey'],
      ['ExportsBucket', 'ExportsKey'],
    ] as const) {
      const [request] = simulation.get(bucket, 'x', key);
      const administrator: Caller = {
        ...simulation.callers.root(),
        kind: 'root',
        context: { 'aws:PrincipalArn': 'arn:aws:iam::000000000000:role/Admin' },
      };
      if (!request) throw new Error('no request');
      expect(simulation.may(administrator, [{ ...request, ...everything }]), bucket).toBe(false);
    }
  });

  it('[P09] [T02] refuses plain HTTP and TLS before 1.2 at every bucket', () => {
    const root = simulation.callers.root();
    for (const bucket of ['LandingBucket', 'QuarantineBucket', 'ExportsBucket', 'AuditBucket', 'TrailBucket']) {
      const ask = (more: AccessRequest['context']): boolean =>
        simulation.may(root, simulation.bucket('s3:ListBucket', bucket, more));
      expect(ask({}), bucket).toBe(true);
      expect(ask({ 'aws:SecureTransport': 'false' }), bucket).toBe(false);
      expect(ask({ 's3:TlsVersion': '1.1' }), bucket).toBe(false);
    }
  });
});

describe('[B05] the audit log', () => {
  const entry = `entries/${RUN}/10-ingestion/000000.ndjson`;
  it('[B05] takes no entry without If-None-Match, not even from its writer', () => {
    expect(simulation.may(inside('ingestion', 's3'), simulation.put('AuditBucket', entry, 'AuditKey', once))).toBe(
      true,
    );
    expect(simulation.may(inside('ingestion', 's3'), simulation.put('AuditBucket', entry, 'AuditKey'))).toBe(false);
  });

  it('[B05] takes no entry under a shorter or a weaker retention', () => {
    const put = (mode: string, days: string): boolean =>
      simulation.may(
        inside('ingestion', 's3'),
        simulation.put('AuditBucket', entry, 'AuditKey', {
          ...once,
          's3:object-lock-mode': mode,
          's3:object-lock-remaining-retention-days': days,
        }),
      );
    expect(put('COMPLIANCE', '2557')).toBe(true);
    expect(put('COMPLIANCE', '2556')).toBe(true);
    expect(put('COMPLIANCE', '1')).toBe(false);
    expect(put('GOVERNANCE', '2557')).toBe(false);
  });

  it.each(['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:BypassGovernanceRetention'])(
    '[B05] lets nobody do %s',
    (action) => {
      const [request] = simulation.get('AuditBucket', entry, 'AuditKey', action);
      if (!request) throw new Error('no request');
      for (const caller of [...ACTORS.map((actor) => inside(actor, 's3')), simulation.callers.root()]) {
        expect(simulation.may(caller, [request]), caller.name).toBe(false);
      }
    },
  );
});

describe('[P06] keys of objects', () => {
  it('[P06] takes no object under a key of the caller’s own (SSE-C), whoever puts it', () => {
    const put = (caller: Caller, bucket: string, key: string, more = {}): boolean =>
      simulation.may(caller, simulation.put(bucket, 'x', key, more));
    const uploader = simulation.callers.root();
    const customer = {
      's3:x-amz-server-side-encryption': undefined,
      's3:x-amz-server-side-encryption-aws-kms-key-id': undefined,
      's3:x-amz-server-side-encryption-customer-algorithm': 'AES256',
    };
    expect(put(uploader, 'LandingBucket', 'LandingKey')).toBe(true);
    expect(put(uploader, 'LandingBucket', 'LandingKey', customer)).toBe(false);
  });

  it('[P06] refuses a put under another key than the prefix’s, under none, or without SSE-KMS', () => {
    const put = (key: string | null, more = {}): boolean =>
      simulation.may(
        inside('ingestion', 's3'),
        simulation.put('WorkingBucket', `ingested/${RUN}/a/0.ndjson`, key, more),
      );
    expect(put('IngestionKey')).toBe(true);
    expect(put('ReconciliationKey')).toBe(false);
    expect(put(null)).toBe(false);
    expect(put('IngestionKey', { 's3:x-amz-server-side-encryption': 'AES256' })).toBe(false);
  });
});
