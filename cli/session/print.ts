/** A run, as a person reads it. */
import type { ReportedProblem, RunReport } from './report.ts';

/** Problems that are shown of one run; the rest are counted, and `--json` has them all. */
const SHOWN = 8;

export function reportLines(report: RunReport): string[] {
  const { records } = report;
  return [
    `run ${report.run}: ${report.outcome}`,
    `  records: ${records.received} received, ${records.exported} exported, ${records.quarantined} quarantined`,
    ...report.stages.map(
      ({ stage, outcome, received, passed, quarantined }) =>
        `  ${stage.padEnd(14)} ${outcome.padEnd(8)} ${received} in, ${passed} on, ${quarantined} quarantined`,
    ),
    ...report.exports.map(({ destination, key, records: count }) => `  export to ${destination}: ${count} in ${key}`),
    ...problemLines(report.problems),
    ...report.quarantine.map(
      ({ key, records: count, state }) =>
        `  quarantine: ${count} ${count === 1 ? 'record' : 'records'} ${state} in ${key}`,
    ),
    ...(report.seal === null || report.seal === undefined
      ? []
      : [`  seal: generation ${report.seal.generation}, ${report.seal.treeSize} entries, ${report.seal.key}`]),
  ];
}

function problemLines(problems: readonly ReportedProblem[]): string[] {
  const lines = problems.slice(0, SHOWN).map(({ record, code, pointer, rule }) => {
    const place = record === null ? 'submission' : `record ${record}`;
    return `  ${place}: ${code}${pointer ? ` at ${pointer}` : ''}${rule ? ` (${rule})` : ''}`;
  });
  return problems.length > SHOWN ? [...lines, `  and ${problems.length - SHOWN} more problems`] : lines;
}
