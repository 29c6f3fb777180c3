/** Which faults meet which calls: found by recording the runs that they will disturb. */
import { STAGES } from '../../../shared/names.ts';
import type { Lane } from './lane.ts';
import { actorOf, type Call, callsOf, EVERY, type FaultKind, type Plan, SEEN_BY_STAGES, SINGLE } from './plan.ts';
import { discard, duplicate, mixed, refused, release, retried, type Scenario } from './scenarios.ts';

export interface Case {
  readonly scenario: Scenario;
  readonly title: string;
  readonly plan: Plan;
}

const KILL = { kind: 'kill' } as const;
const KILL_AFTER = { kind: 'kill', afterEffect: true } as const;

/** Each of these calls, met by each of these faults, besides what is planned anyway. */
function crossed(scenario: Scenario, base: Plan, calls: readonly Call[], kinds: readonly FaultKind[]): Case[] {
  const before = base.map(({ at }) => `${at} dies, then `).join('');
  return calls.flatMap((at) =>
    kinds.map(({ name, ...fault }) => ({
      scenario,
      title: `${scenario.name}: ${before}${at} ${name}`,
      plan: [...base, { at, ...fault }],
    })),
  );
}

async function record(lane: Lane, scenario: Scenario, base: Plan = []): Promise<readonly Call[]> {
  const { calls, broken } = await lane.attempt(scenario, `${scenario.name}, recorded`, base);
  if (broken.length > 0) throw new Error(`${scenario.name}: ${broken.join('; ')}`);
  return calls;
}

/** The calls of a run that nothing disturbs. */
export async function recordWarm(lane: Lane): Promise<readonly Call[]> {
  // Once before, so that what a cold function asks for is not among them.
  await record(lane, mixed);
  return record(lane, mixed);
}

export const everyCall = (warm: readonly Call[]): Case[] => crossed(mixed, [], warm, EVERY);

/** What only a function asks for that has just been started. */
export async function coldCalls(lane: Lane, warm: readonly Call[]): Promise<Case[]> {
  const usual = new Set(warm.map(kindOf));
  const cases: Case[] = [];
  for (const stage of STAGES) {
    const base = [{ at: warm.find((call) => actorOf(call) === stage) ?? '', fault: KILL }];
    const calls = await record(lane, mixed, base);
    const cold = calls.filter((call) => !usual.has(kindOf(call)));
    cases.push(...crossed(mixed, base, cold, SINGLE));
  }
  return cases;
}

/**
 * The calls of a second attempt, which finds what a first one has committed before it died: a chunk, the end of the stage, a
 * part of the seal, the end of the run.
 */
export async function secondAttempts(lane: Lane, warm: readonly Call[]): Promise<Case[]> {
  const cases: Case[] = [];
  for (const stage of STAGES) {
    for (const at of commitsOf(warm, stage)) {
      const base = [{ at, fault: KILL_AFTER }];
      const disturbed = await record(lane, mixed, base);
      const repeated = disturbed.slice(disturbed.indexOf(at) + 1).filter((call) => actorOf(call) === stage);
      cases.push(...crossed(mixed, base, repeated, SEEN_BY_STAGES));
    }
  }
  return cases;
}

/** Calls that the run of a mixed file does not make: of a refusal, a duplicate, a release, a discard. */
export async function otherWays(lane: Lane): Promise<Case[]> {
  const cases: Case[] = [];
  for (const [scenario, actor] of [
    [refused, 'ingestion'],
    [duplicate, 'reconciliation'],
    [release, 'custody'],
    [discard, 'custody'],
  ] as const) {
    await record(lane, scenario);
    const calls = (await record(lane, scenario)).filter((call) => actorOf(call) === actor);
    cases.push(...crossed(scenario, [], calls, EVERY));
  }
  return cases;
}

/** Egress dies until its retries are used up: the calls of the seal of a failed run, and of the execution that takes it up. */
export async function takenUp(lane: Lane, kinds: readonly FaultKind[]): Promise<Case[]> {
  const base = [1, 2, 3, 4].map((ordinal) => ({ at: `egress DynamoDB.UpdateItem ${ordinal}`, fault: KILL }));
  const calls = await record(lane, retried, base);
  const from = calls.indexOf(base.at(-1)?.at ?? '') + 1;
  return crossed(retried, base, calls.slice(from), kinds);
}

const kindOf = (call: Call): string => call.slice(0, call.lastIndexOf(' '));

/** The writes that commit something, by their place among the writes of the stage. */
function commitsOf(calls: readonly Call[], stage: (typeof STAGES)[number]): Call[] {
  const writes = callsOf(calls, stage, 'S3.PutObject');
  const updates = callsOf(calls, stage, 'DynamoDB.UpdateItem');
  // Chunks, the manifest, the end of the stage. Of egress: parts, records and problems, the chunk, as many manifests as parts, the end.
  const chunk = stage === 'egress' ? writes[writes.length / 2] : writes.at(-3);
  const commits = stage === 'seal' ? [...writes, updates.at(-1)] : [chunk, writes.at(-1)];
  return commits.filter((call) => call !== undefined);
}
