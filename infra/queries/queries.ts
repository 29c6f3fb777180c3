/**
 * The questions of an investigator, one SQL file each. Written in what Athena (Trino) and DuckDB share but for three functions,
 * so that a test runs them as they are. Places in double braces are filled here; question marks are Athena's execution
 * parameters, which the console asks for in this order.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface InvestigationQuery {
  /** The file's name without its ending. */
  readonly name: string;
  /** The question. */
  readonly title: string;
  /** What every question mark stands for, in order. */
  readonly parameters: readonly string[];
  readonly sql: string;
}

/** What the places stand for. Values may be CDK tokens. */
export interface Places {
  /** Table of the trail, quoted as SQL wants it. */
  readonly trail: string;
  /** ARNs. */
  readonly keys: readonly string[];
  /** Names of the roles of the stages. */
  readonly stages: readonly string[];
}

const PARAMETER = /^-- Parameter \d+: (.+)$/gm;

/** @throws Error for a file whose parameters are not described one by one, or that has an unknown place. */
export function investigationQueries(places: Places): InvestigationQuery[] {
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => {
      const text = readFileSync(join(import.meta.dirname, file), 'utf8');
      const title = /^-- (.+)$/m.exec(text)?.[1];
      const parameters = [...text.matchAll(PARAMETER)].map((match) => match[1] ?? '');
      const marks = text.replaceAll(/--.*|'[^']*'/g, '').split('?').length - 1;
      if (title === undefined || marks !== parameters.length) {
        throw new Error(`${file}: ${marks} parameters, of which ${parameters.length} are described`);
      }
      // Without the head, whose own question marks nobody shall take for parameters.
      const sql = filled(file, text.replace(/^(?:--.*\n)+/, ''), places);
      return { name: file.replace(/\.sql$/, ''), title, parameters, sql };
    });
}

function filled(file: string, text: string, places: Places): string {
  const literals = (values: readonly string[]): string => values.map((value) => `'${value}'`).join(', ');
  const of: Readonly<Record<string, string>> = {
    trail: places.trail,
    keys: literals(places.keys),
    stages: literals(places.stages),
  };
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = of[name];
    if (value === undefined) throw new Error(`${file}: no place is called ${name}`);
    return value;
  });
}
