/** The matrix for a person to read. */
import {
  DATABASE_OBJECTS,
  type DatabaseRights,
  DEEDS,
  PEOPLE,
  roleOf,
  SERVICE_ACCOUNTS,
} from '../../infra/people/matrix.ts';

export function matrixLines(): string[] {
  return [
    ...PEOPLE.flatMap((person) => {
      const { description, deeds, database, emergency, tendsSessions } = roleOf(person);
      return [
        `${person}: ${description}`,
        ...deeds.map((deed) => `  AWS         ${DEEDS[deed]}`),
        ...(database === undefined ? [] : rightsLines(database)),
        ...(tendsSessions ? ['  PostgreSQL  ends sessions of others'] : []),
        ...(emergency ? ['  only for minutes, on a second factor of minutes ago, with an alarm'] : []),
        '',
      ];
    }),
    ...Object.entries(SERVICE_ACCOUNTS).flatMap(
      ([name, { description, database, connections, statementTimeoutMs }]) => [
        `service account ${name}: ${description}`,
        ...rightsLines(database),
        `  ${connections} sessions at once, ${statementTimeoutMs / 1000} s a statement, read-only`,
        '',
      ],
    ),
  ].slice(0, -1);
}

function rightsLines(rights: DatabaseRights): string[] {
  return Object.entries(DATABASE_OBJECTS).flatMap(([object, meaning]) => {
    const verbs = rights[object as keyof DatabaseRights];
    return verbs === undefined ? [] : [`  PostgreSQL  ${verbs.join(', ')}: ${meaning}`];
  });
}
