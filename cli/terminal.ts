/** What a command writes. Its answer goes to standard output, everything else to standard error. */
import type { ProblemDocument } from '../shared/problem.ts';

/** What every command's options hold: `--json` is declared for all of them by cli/program.ts. */
export interface OutputOptions {
  readonly json?: boolean;
}

/** The command's answer: lines for a person; or, with `--json`, one object on the last line of standard output. */
export function answer({ json = false }: OutputOptions, lines: readonly string[], machine: object): void {
  process.stdout.write(json ? `${JSON.stringify(machine)}\n` : lines.map((line) => `${line}\n`).join(''));
}

/** What happens meanwhile, and what a person should know besides. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** A problem: its document for a program; for a person its code, sentence, detail and pointers. */
export function reportProblem({ json = false }: OutputOptions, document: ProblemDocument): void {
  if (json) process.stdout.write(`${JSON.stringify(document)}\n`);
  else for (const line of problemLines(document)) note(line);
}

export function problemLines({ type, title, detail, errors = [] }: ProblemDocument): string[] {
  // A detail that only lists the errors would say them twice.
  const listed = errors.map(({ pointer, rule }) => `${pointer || '/'}: ${rule}`).join('; ');
  return [
    `${type.replace('urn:parapet:problem:', '')}: ${title}`,
    ...(detail === undefined || detail === listed ? [] : [`  ${detail}`]),
    ...errors.map(({ pointer, rule, code }) => `  ${pointer || '/'}: ${rule} (${code})`),
  ];
}
