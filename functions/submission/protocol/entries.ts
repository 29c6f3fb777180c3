import { resourceOfRecord } from '../../../shared/audit/entry.ts';
import type { AuditEvent } from '../../../shared/audit/segment.ts';
import type { VerifiedCredential } from '../../../shared/credential/claims.ts';
import { submitterDigest } from '../../../shared/credential/claims.ts';
import { sha256Hex } from '../../../shared/digest.ts';
import { canonicalJson } from '../../../shared/json/canonical.ts';
import type { StageResult } from '../../../shared/messages.ts';
import type { Stage } from '../../../shared/names.ts';
import type { Origin } from '../../../shared/origin.ts';
import { PROBLEMS, type ProblemCode } from '../../../shared/problem.ts';
import type { Rejection } from './quarantine.ts';
import type { StageEnd } from './stage-log.ts';

/** Who asked, as the audit log may name them. */
export function whoOf(credential: Pick<VerifiedCredential, 'issuer' | 'subject'> & { readonly digest: string }) {
  return { subject: submitterDigest(credential), credential: credential.digest };
}

export function whoOfOrigin({ submitter: { issuer, subject, credential } }: Origin) {
  return whoOf({ issuer, subject, digest: credential });
}

/** A person of the deployment's own, as the audit log may name them. */
export function operatorOf(arn: string) {
  return { subject: sha256Hex(canonicalJson(['operator', arn])) };
}

/** An address as an entry may hold it: what is none is not copied into a log that nobody can mend. */
export function sourceOf(address: string): string {
  return /^[0-9A-Za-z.:-]{1,100}$/.test(address) ? address : 'unknown';
}

export function accepted(origin: Origin): AuditEvent {
  return {
    action: 'submission.accepted',
    outcome: 'allowed',
    resource: 'submission',
    who: whoOfOrigin(origin),
    source: sourceOf(origin.source.address),
    payload: origin.payload.sha256,
    contract: origin.contract,
  };
}

export function refused(origin: Origin, problem: ProblemCode): AuditEvent {
  return {
    action: 'submission.refused',
    outcome: 'denied',
    resource: 'submission',
    problem,
    who: whoOfOrigin(origin),
    source: sourceOf(origin.source.address),
    payload: origin.payload.sha256,
    contract: origin.contract,
  };
}

export function quarantined({ record, errors, digest }: Rejection): AuditEvent {
  return {
    action: 'record.quarantined',
    outcome: 'denied',
    resource: resourceOfRecord(record),
    problem: errors[0]?.code ?? 'internal-failure',
    payload: digest,
  };
}

/** What a stage answers, from the entry that holds: the same whether this attempt wrote it or an earlier one. */
export function resultOf(stage: Stage, run: string, end: StageEnd): StageResult {
  return {
    stage,
    run,
    outcome: end.outcome,
    counts: end.counts,
    ...(end.manifest === undefined ? {} : { manifest: end.manifest }),
    ...(end.problem === undefined ? {} : { problem: { code: end.problem, status: PROBLEMS[end.problem].status } }),
  };
}

const NOTHING = { received: 0, passed: 0, quarantined: 0 };

export function settled(stage: Stage, run: string): StageResult {
  return { stage, run, outcome: 'settled', counts: NOTHING };
}
