/** What differs between a database and the matrix: nothing is changed to find out. */
import type { Session } from '../../functions/sweep/engines/postgres/session.ts';
import { Problem } from '../../shared/problem.ts';
import type { Desired, DesiredRole, Privilege } from './desired.ts';
import { makersIn, name, OWNER, qualified, SCHEMAS } from './names.ts';

export interface Drift {
  /** `missing`: the matrix says so and the database does not. `extra`: the other way round. */
  readonly kind: 'missing' | 'extra';
  readonly what: string;
}

type Facts = ReadonlySet<string>;

export async function driftOf(session: Session, desired: Desired): Promise<readonly Drift[]> {
  const [[found] = []] = await session.query('SELECT current_database()');
  if (found !== desired.database) {
    throw new Problem('usage-invalid', {
      detail: 'The address is of another database than the one that is asked about.',
    });
  }
  const [expected, actual] = [await expectedFacts(session, desired), await actualFacts(session, desired)];
  const missing = [...expected].filter((fact) => !actual.has(fact));
  const extra = [...actual].filter((fact) => !expected.has(fact));
  return [
    ...missing.sort().map((what): Drift => ({ kind: 'missing', what })),
    ...extra.sort().map((what): Drift => ({ kind: 'extra', what })),
  ];
}

const PUBLIC = 'everybody';

async function expectedFacts(session: Session, desired: Desired): Promise<Facts> {
  const tables = await session.query(
    `SELECT n.nspname, c.relname, pg_catalog.pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname = ANY (string_to_array($1, ','))`,
    [Object.values(SCHEMAS).join(',')],
  );
  const inSchema = (schema: string): readonly { table: string; owner: string }[] =>
    tables
      .filter(([where]) => where === schema)
      .map(([, table, owner]) => ({ table: table ?? '', owner: owner ?? '' }));
  return new Set([
    ...desired.roles.flatMap(roleFacts),
    ...desired.memberships.map(({ role, member, inherits, administers }) =>
      membershipFact(role, member, inherits, administers),
    ),
    ...desired.privileges.flatMap((privilege) => privilegeFacts(privilege, inSchema)),
    ...desired.views.map(({ schema, view }) => `view ${schema}.${view} as the contract has it`),
  ]);
}

const membershipFact = (role: string, member: string, inherits: boolean, administers: boolean): string =>
  `${member} is a member of ${role}${inherits ? ', with what it has' : ''}${administers ? ', and hands it on' : ''}`;

function roleFacts({ role, kind, settings, connections }: DesiredRole): string[] {
  return [
    `role ${role}`,
    ...(kind === 'keeper' ? [`${role} makes roles`, `${role} logs in`] : []),
    ...(connections === undefined ? [] : [`${role} has at most ${connections} sessions`]),
    ...Object.entries(settings).map(([setting, value]) => `${role} has ${setting}=${value === '' ? '""' : value}`),
  ];
}

function privilegeFacts(
  { grantee, on, privileges }: Privilege,
  inSchema: (schema: string) => readonly { table: string; owner: string }[],
): string[] {
  switch (on.kind) {
    case 'database':
      return privileges.map((privilege) => `${grantee} may ${privilege} on the database`);
    case 'schema':
      return privileges.map((privilege) => `${grantee} may ${privilege} on schema ${on.schema}`);
    case 'table':
      return privileges.flatMap((privilege) =>
        (on.columns ?? ['']).map(
          (column) => `${grantee} may ${privilege} on ${on.schema}.${on.table}${column === '' ? '' : `.${column}`}`,
        ),
      );
    case 'tables':
      return privileges.flatMap((privilege) => [
        ...inSchema(on.schema)
          .filter(({ owner }) => owner !== grantee)
          .map(({ table }) => `${grantee} may ${privilege} on ${on.schema}.${table}`),
        ...makersIn(on.schema)
          .filter((maker) => maker !== grantee)
          .map((maker) => `${grantee} may ${privilege} on what ${maker} makes in ${on.schema}`),
      ]);
  }
}

async function actualFacts(session: Session, desired: Desired): Promise<Facts> {
  const roles = desired.roles.map(({ role }) => role);
  const schemas = [...new Set(['public', ...Object.values(SCHEMAS), ...desired.dataSchemas])];
  const [roleList, schemaList] = [JSON.stringify(roles), JSON.stringify(schemas)];
  const kinds = new Map(desired.roles.map(({ role, kind }) => [role, kind]));
  const facts: string[] = [];
  for (const [role = '', fact = ''] of await texts(session, ROLE_FACTS, [roleList])) {
    // Whether a log-in is open is rotation's matter.
    if (fact === ' logs in' && kinds.get(role) === 'log-in') continue;
    facts.push(fact.startsWith('role ') ? fact : `${role}${fact}`);
  }
  for (const [role = '', member = '', inherits, administers] of await texts(session, MEMBERSHIPS, [roleList])) {
    facts.push(membershipFact(role, member, inherits === 'true', administers === 'true'));
  }
  for (const [grantee = '', privilege = '', where = ''] of await texts(session, PRIVILEGES, [roleList, schemaList])) {
    facts.push(`${grantee} may ${privilege} on ${where}`);
  }
  facts.push(...(await viewFacts(session, desired)));
  return new Set(facts);
}

async function texts(session: Session, sql: string, values: readonly string[]): Promise<readonly string[][]> {
  return (await session.query(sql, values)).map((row) => row.map((value) => value ?? ''));
}

const NAMED = '(SELECT jsonb_array_elements_text($1::jsonb) AS name)';

const ROLE_FACTS = `
  SELECT r.rolname, f.fact FROM pg_catalog.pg_roles r JOIN ${NAMED} AS n ON n.name = r.rolname
  CROSS JOIN LATERAL (
    SELECT 'role ' || r.rolname AS fact
    UNION ALL SELECT ' is a superuser' WHERE r.rolsuper
    UNION ALL SELECT ' makes databases' WHERE r.rolcreatedb
    UNION ALL SELECT ' makes roles' WHERE r.rolcreaterole
    UNION ALL SELECT ' replicates' WHERE r.rolreplication
    UNION ALL SELECT ' passes row security' WHERE r.rolbypassrls
    UNION ALL SELECT ' logs in' WHERE r.rolcanlogin
    UNION ALL SELECT ' has at most ' || r.rolconnlimit || ' sessions' WHERE r.rolconnlimit <> -1
    UNION ALL SELECT ' has ' || setting FROM unnest(r.rolconfig) AS setting
  ) AS f`;

/** Of the roles in others, and of others in the roles, log-ins that somebody has leased excepted: those end by themselves. */
const MEMBERSHIPS = `
  SELECT g.rolname, m.rolname, bool_or(a.inherit_option)::text, bool_or(a.admin_option)::text
  FROM pg_catalog.pg_auth_members a
  JOIN pg_catalog.pg_roles g ON g.oid = a.roleid JOIN pg_catalog.pg_roles m ON m.oid = a.member
  WHERE m.rolname IN (SELECT name FROM ${NAMED} AS n)
  GROUP BY 1, 2`;

/** Entries of access lists, of the roles and of everybody; a list that is null is the default of its kind. */
const PRIVILEGES = `
  WITH named AS (SELECT r.oid, r.rolname FROM pg_catalog.pg_roles r JOIN ${NAMED} AS n ON n.name = r.rolname),
  schemas AS (SELECT s.oid, s.nspname, s.nspowner, s.nspacl FROM pg_catalog.pg_namespace s
              WHERE s.nspname IN (SELECT jsonb_array_elements_text($2::jsonb))),
  entries AS (
    SELECT e.grantee, e.privilege_type, 'the database' AS place, d.datdba AS owner
    FROM pg_catalog.pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) e
    WHERE d.datname = current_database()
    UNION ALL
    SELECT e.grantee, e.privilege_type, 'schema ' || s.nspname, s.nspowner
    FROM schemas s, aclexplode(coalesce(s.nspacl, acldefault('n', s.nspowner))) e
    UNION ALL
    SELECT e.grantee, e.privilege_type, s.nspname || '.' || c.relname, c.relowner
    FROM pg_catalog.pg_class c JOIN schemas s ON s.oid = c.relnamespace, aclexplode(c.relacl) e
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT e.grantee, e.privilege_type, s.nspname || '.' || c.relname || '.' || a.attname, c.relowner
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN schemas s ON s.oid = c.relnamespace,
         aclexplode(a.attacl) e
    WHERE NOT a.attisdropped
    UNION ALL
    SELECT e.grantee, e.privilege_type, 'routine ' || s.nspname || '.' || p.proname, p.proowner
    FROM pg_catalog.pg_proc p JOIN schemas s ON s.oid = p.pronamespace, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) e
    UNION ALL
    SELECT e.grantee, e.privilege_type, 'what ' || o.rolname || ' makes in ' || s.nspname, o.oid
    FROM pg_catalog.pg_default_acl d JOIN schemas s ON s.oid = d.defaclnamespace JOIN pg_catalog.pg_roles o ON o.oid = d.defaclrole,
         aclexplode(d.defaclacl) e
    WHERE d.defaclobjtype = 'r'
  )
  SELECT DISTINCT coalesce(n.rolname, '${PUBLIC}'), e.privilege_type, e.place
  FROM entries e LEFT JOIN named n ON n.oid = e.grantee
  WHERE e.grantee <> e.owner AND (e.grantee = 0 OR n.oid IS NOT NULL)`;

/**
 * PostgreSQL keeps a view parsed and prints it its own way: the expected one is made beside it, printed, and rolled back. Where that is
 * not allowed, nothing is known of the views, which is said.
 */
async function viewFacts(session: Session, { views }: Desired): Promise<string[]> {
  if (views.length === 0) return [];
  const facts: string[] = [];
  for (const { schema, view, query } of views) {
    const printed = async (where: string): Promise<string | null> => {
      const [[definition = null] = []] = await session.query(
        "SELECT pg_catalog.pg_get_viewdef(to_regclass($1)) || coalesce((SELECT array_to_string(reloptions, ',') || pg_get_userbyid(relowner) FROM pg_catalog.pg_class WHERE oid = to_regclass($1)), '')",
        [where],
      );
      return definition;
    };
    const there = await printed(qualified(schema, view));
    if (there === null) continue;
    await session.query('BEGIN READ WRITE');
    try {
      await session.query(`SET LOCAL ROLE ${name(OWNER)}`);
      const beside = qualified(schema, `check ${view}`.slice(0, 63));
      await session.query(`CREATE VIEW ${beside} WITH (security_barrier = true) AS ${query}`);
      if ((await printed(beside)) === there) facts.push(`view ${schema}.${view} as the contract has it`);
      else facts.push(`view ${schema}.${view} is another`);
    } finally {
      await session.query('ROLLBACK');
    }
  }
  return facts;
}
