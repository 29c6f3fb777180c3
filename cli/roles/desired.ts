/** What the matrix means in one database: roles, memberships, privileges and views. The script makes it, the check looks for it. */
import {
  type DatabaseRights,
  type DatabaseVerb,
  PEOPLE,
  roleOf,
  SERVICE_ACCOUNTS,
  type ServiceAccountName,
} from '../../infra/people/matrix.ts';
import { groupOf, KEEPER, logInsOf, OWNER, SCHEMAS, TOKEN_KEY } from './names.ts';
import { type DataTable, type DesiredView, viewsOf } from './views.ts';

export interface DatabaseDescription {
  readonly database: string;
  readonly tables: readonly DataTable[];
  /** Sessions at once of each service account, where it is not the matrix’s number. */
  readonly connections?: Readonly<Partial<Record<ServiceAccountName, number>>>;
}

export interface DesiredRole {
  readonly role: string;
  /** `group`: nobody logs in as it. `log-in`: rotation says whether, and by which password. `keeper`: logs in, and keeps log-ins. */
  readonly kind: 'group' | 'log-in' | 'keeper';
  readonly settings: Readonly<Record<string, string>>;
  readonly connections?: number;
}

export interface Membership {
  readonly role: string;
  readonly member: string;
  /** Whether the member has what the role has. Without it, it may only hand the role on. */
  readonly inherits: boolean;
  readonly administers: boolean;
}

/** One grantee on one object. */
export interface Privilege {
  readonly grantee: string;
  readonly on:
    | { readonly kind: 'database' }
    | { readonly kind: 'schema'; readonly schema: string }
    | { readonly kind: 'table'; readonly schema: string; readonly table: string; readonly columns?: readonly string[] }
    /** Every table there, now and later. */
    | { readonly kind: 'tables'; readonly schema: string };
  readonly privileges: readonly string[];
}

export interface Desired {
  readonly database: string;
  /** Schemas of the contracts. */
  readonly dataSchemas: readonly string[];
  readonly dataTables: readonly DataTable[];
  readonly roles: readonly DesiredRole[];
  readonly memberships: readonly Membership[];
  readonly privileges: readonly Privilege[];
  readonly views: readonly DesiredView[];
}

interface Holder {
  readonly role: string;
  readonly rights: DatabaseRights;
}

/** Ends sessions of others, a superuser's excepted (PostgreSQL's manual, section 21.5). It shows nobody's statements. */
const SIGNALS = 'pg_signal_backend';

export function desiredState(description: DatabaseDescription): Desired {
  const accounts = Object.keys(SERVICE_ACCOUNTS) as ServiceAccountName[];
  const people = PEOPLE.filter((person) => roleOf(person).database !== undefined);
  const holders: Holder[] = [
    ...people.map((person) => ({ role: groupOf(person), rights: roleOf(person).database ?? {} })),
    ...accounts.map((account) => ({ role: groupOf(account), rights: SERVICE_ACCOUNTS[account].database })),
  ];
  const group = (role: string): DesiredRole => ({ role, kind: 'group', settings: {} });
  const logIns = accounts.flatMap((account): DesiredRole[] => {
    const { statementTimeoutMs, connections, readOnly } = SERVICE_ACCOUNTS[account];
    const settings = {
      default_transaction_read_only: readOnly ? 'on' : 'off',
      idle_in_transaction_session_timeout: String(statementTimeoutMs),
      search_path: '',
      statement_timeout: String(statementTimeoutMs),
    };
    const limit = description.connections?.[account] ?? connections;
    return logInsOf(account).map((role) => ({ role, kind: 'log-in', settings, connections: limit }));
  });
  const kept = [...holders.map(({ role }) => role), ...logIns.map(({ role }) => role)];
  const tending = people.filter((person) => roleOf(person).tendsSessions).map(groupOf);
  return {
    database: description.database,
    dataSchemas: [...new Set(description.tables.map(({ schema }) => schema))].sort(),
    dataTables: description.tables,
    roles: [
      group(OWNER),
      ...holders.map(({ role }) => group(role)),
      ...logIns,
      { role: KEEPER, kind: 'keeper', settings: {}, connections: 4 },
    ],
    memberships: [
      ...accounts.flatMap((account) =>
        logInsOf(account).map((member) => ({ role: groupOf(account), member, inherits: true, administers: false })),
      ),
      ...kept.map((role) => ({ role, member: KEEPER, inherits: false, administers: true })),
      ...[...tending, KEEPER].map((member) => ({ role: SIGNALS, member, inherits: true, administers: false })),
    ],
    privileges: [
      ...[...holders.map(({ role }) => role), KEEPER].map(
        (grantee): Privilege => ({
          grantee,
          on: { kind: 'database' },
          privileges: ['CONNECT'],
        }),
      ),
      ...holders.flatMap((holder) => privilegesOf(holder, description.tables)),
      ...ownersReading(description.tables),
    ],
    views: viewsOf(description.tables, { schema: SCHEMAS.tokens, table: TOKEN_KEY }),
  };
}

const TABLE_PRIVILEGES: Readonly<Record<DatabaseVerb, readonly string[]>> = {
  read: ['SELECT'],
  write: ['INSERT', 'UPDATE', 'DELETE'],
  make: [],
};

function privilegesOf({ role: grantee, rights }: Holder, tables: readonly DataTable[]): Privilege[] {
  const { data = [], ...ours } = rights;
  const schemas = [...new Set(tables.map(({ schema }) => schema))].sort();
  const on = (verbs: readonly DatabaseVerb[]): string[] => verbs.flatMap((verb) => TABLE_PRIVILEGES[verb]);
  return [
    ...(data.length === 0
      ? []
      : [
          ...schemas.map((schema): Privilege => ({ grantee, on: { kind: 'schema', schema }, privileges: ['USAGE'] })),
          ...tables.map(
            ({ schema, table }): Privilege => ({
              grantee,
              on: { kind: 'table', schema, table },
              privileges: on(data),
            }),
          ),
        ]),
    ...Object.entries(ours).flatMap(([object, verbs]): Privilege[] => {
      const schema = SCHEMAS[object as keyof typeof SCHEMAS];
      const use = verbs.includes('make') ? ['USAGE', 'CREATE'] : ['USAGE'];
      return [
        { grantee, on: { kind: 'schema', schema }, privileges: use },
        { grantee, on: { kind: 'tables', schema }, privileges: on(verbs) },
      ];
    }),
  ];
}

/** Views read as their owner: it may read the columns that they show or tokenise, and no other. */
function ownersReading(tables: readonly DataTable[]): Privilege[] {
  const schemas = [...new Set(tables.map(({ schema }) => schema))].sort();
  return [
    ...schemas.map(
      (schema): Privilege => ({
        grantee: OWNER,
        on: { kind: 'schema', schema },
        privileges: ['USAGE'],
      }),
    ),
    ...tables.map(
      ({ schema, table, columns }): Privilege => ({
        grantee: OWNER,
        on: { kind: 'table', schema, table, columns: columns.map((column) => column.native) },
        privileges: ['SELECT'],
      }),
    ),
  ];
}
