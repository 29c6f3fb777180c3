import { ENVIRONMENT, type EnvironmentName } from '../../shared/environment.ts';
import { Problem } from '../../shared/problem.ts';

export type Environment<Name extends EnvironmentName> = Readonly<Record<Name, string>>;

/**
 * The variables that a handler needs, all present and none empty. Throws `configuration-invalid`, naming every missing one:
 * there are no defaults, so that a stage never runs against a resource that nobody named.
 */
export function readEnvironment<Name extends EnvironmentName>(
  names: readonly Name[],
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Environment<Name> {
  const missing = names.filter((name) => !variables[ENVIRONMENT[name]]);
  if (missing.length > 0) {
    throw new Problem('configuration-invalid', {
      detail: `Missing: ${missing.map((name) => ENVIRONMENT[name]).join(', ')}.`,
    });
  }
  const values: Partial<Record<Name, string>> = {};
  for (const name of names) values[name] = variables[ENVIRONMENT[name]] ?? '';
  return values as Environment<Name>;
}
