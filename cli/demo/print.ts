/** What the demonstration shows a person, and what it tells a program. */
import type { ReportedProblem } from '../session/report.ts';
import { evidenceFiles } from '../sweep/evidence.ts';
import type { Submitted } from './scenario.ts';
import type { DemoSweep } from './sweeps.ts';

export interface DemoResult {
  readonly submissions: readonly Submitted[];
  /** None where another endpoint keeps the data. */
  readonly sweeps: readonly DemoSweep[];
  readonly iam: {
    readonly calls: number;
    readonly denied: number;
    readonly unusedGrants: readonly string[];
    /** The other endpoint, where it decides on storage, tables, keys and secrets. */
    readonly elsewhere?: string;
  };
  readonly durationMs: number;
}

const HEADINGS: Record<Submitted['sample']['kind'], string> = {
  good: 'Good files, in the four formats',
  mixed: 'Mixed files: the good records go on, the others are quarantined with a reason',
  hostile: 'Hostile and broken files',
  credential: 'Credentials that must be refused, each with one mistake',
  duplicate: 'The same submission twice',
};

/** The JSON object that programs build on: `npm start -- --json`. */
export function demoJson({ submissions, sweeps, iam, durationMs }: DemoResult) {
  const totals = { submissions: submissions.length, received: 0, exported: 0, quarantined: 0 };
  for (const { report } of submissions) {
    totals.received += report.records.received;
    totals.exported += report.records.exported;
    totals.quarantined += report.records.quarantined;
  }
  return {
    submissions: submissions.map(({ sample, report, evidence }) => ({
      file: sample.name,
      run: report.run,
      outcome: report.outcome,
      records: report.records,
      problems: report.problems.map(({ record, code, pointer }) => ({ record, code, pointer })),
      seal: evidence,
    })),
    totals,
    sweeps: sweeps.map(({ verdict: { contract, counts, divergences, ...verdict }, report }) => ({
      contract: `${contract.dataset}.v${contract.version}`,
      verdict: verdict.verdict,
      rows: counts,
      divergences: { missing: divergences.missing, extra: divergences.extra, changed: divergences.changed },
      durationMs: verdict.durationMs,
      report,
    })),
    iam,
    durationMs,
  };
}

export function demoLines(result: DemoResult, folder: string): string[] {
  const { submissions, sweeps, iam } = result;
  const { totals } = demoJson(result);
  const lines: string[] = [];
  for (const kind of Object.keys(HEADINGS) as (keyof typeof HEADINGS)[]) {
    const group = submissions.filter(({ sample }) => sample.kind === kind);
    if (group.length === 0) continue;
    lines.push('', HEADINGS[kind]);
    for (const submitted of group) lines.push(...submissionLines(submitted));
  }
  lines.push('', 'The ledger in PostgreSQL against its copy in DynamoDB, as its schedule would sweep it');
  for (const swept of sweeps) lines.push(...sweepLines(swept));
  if (sweeps.length === 0)
    lines.push('! not swept: another endpoint keeps the data, and sweeps run on the embedded cloud’s own alone');
  const surprises = [
    ...submissions.filter(({ asExpected }) => !asExpected).map(({ sample }) => sample.name),
    ...sweeps.filter(({ asExpected }) => !asExpected).map(({ what }) => `the ledger ${what}`),
  ];
  lines.push(
    '',
    `${totals.submissions} submissions: ${totals.received} records received, ${totals.exported} exported, ${totals.quarantined} quarantined`,
    `${submissions.length} seals verified with the public key alone; evidence in ${folder}/evidence/<run>`,
    iam.elsewhere === undefined
      ? `IAM: ${iam.calls} calls decided, ${iam.denied} denied, ${iam.unusedGrants.length} grants not used in this run`
      : `IAM: ${iam.calls} calls decided here, ${iam.denied} denied; on storage, tables, keys and secrets ${iam.elsewhere} decides`,
    ...(surprises.length === 0 ? [] : [`NOT AS EXPECTED: ${surprises.join(', ')}`]),
  );
  return lines;
}

/** What is missing is missing at the target, and what is extra is extra there. */
const SIDED = { missing: 'missing at the target', extra: 'extra at the target', changed: 'changed' } as const;

function sweepLines({ what, verdict, report, asExpected }: DemoSweep): string[] {
  const { counts, divergences, reasons } = verdict;
  const keys = divergences.list.map(
    ({ kind, key }) => `${SIDED[kind]} ${key.map(({ value, token }) => value ?? token).join('/')}`,
  );
  return [
    `${asExpected ? ' ' : '!'} ${what.padEnd(46)} ${verdict.verdict.padEnd(12)} ${counts.source} and ${counts.target} rows, ${verdict.durationMs} ms`,
    ...(keys.length === 0 ? [] : [`    ${keys.slice(0, 5).join(', ')}`]),
    ...reasons.map(({ code }) => `    why: ${code}`),
    `    sealed: ${evidenceFiles(report).verdict}, page ${report}`,
  ];
}

function submissionLines({ sample, report, verified, asExpected }: Submitted): string[] {
  const { received, exported, quarantined } = report.records;
  const mark = asExpected ? ' ' : '!';
  const records = received === 0 ? '' : `${exported} exported, ${quarantined} quarantined of ${received}`;
  const refusedAt =
    report.outcome === 'refused' ? report.problems.find(({ record }) => record === null)?.stage : undefined;
  const boundaries = report.stages
    .map(({ stage, passed }) => (stage === refusedAt ? `refused at ${stage}` : `${stage} ${passed}`))
    .join(' → ');
  return [
    `${mark} ${sample.name.padEnd(24)} ${(report.outcome ?? '').padEnd(16)} ${records}`,
    `    ${boundaries}${boundaries ? ' → ' : ''}seal of ${verified.checkpoint.size} entries, run ${report.run}`,
    ...problemLine(report.problems),
    ...destinationLine(report.exports),
    ...report.quarantine.map(({ key, records: count }) => `    quarantine: ${count} in ${key}`),
  ];
}

/** Codes with how often and where they stand; never more than one line. */
function problemLine(problems: readonly ReportedProblem[]): string[] {
  const counts = new Map<string, number>();
  // What refuses a submission is said of each of its records as well: told once, as how many records it was.
  const ofRecords = new Set(problems.filter(({ record }) => record !== null).map(({ code }) => code));
  for (const { record, code, pointer } of problems) {
    if (record === null && ofRecords.has(code)) continue;
    const name = pointer === '' ? code : `${code} ${pointer}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const shown = [...counts].slice(0, 5).map(([name, count]) => (count === 1 ? name : `${count} × ${name}`));
  if (shown.length === 0) return [];
  return [`    why: ${shown.join(', ')}${counts.size > 5 ? `, and ${counts.size - 5} other reasons` : ''}`];
}

function destinationLine(exports: Submitted['report']['exports']): string[] {
  if (exports.length === 0) return [];
  const counts = new Map<string, number>();
  for (const { destination, records } of exports) counts.set(destination, (counts.get(destination) ?? 0) + records);
  return [`    exported to: ${[...counts].map(([name, count]) => `${name} ${count}`).join(', ')}`];
}
