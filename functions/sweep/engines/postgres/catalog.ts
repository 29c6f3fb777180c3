import { isPostgresType } from '../../../../shared/canonical/postgres/binary.ts';
import { Problem } from '../../../../shared/problem.ts';
import type { RelationSchema } from '../engine.ts';
import { relationName } from './quote.ts';
import type { Session } from './session.ts';

export interface TableName {
  readonly schema: string;
  readonly table: string;
}

export interface CatalogColumn {
  readonly name: string;
  /** With length, precision and scale, as `format_type` spells it. */
  readonly type: string;
  /** `pg_type.typname` of the type that its values are sent as; undefined when there is no exact way to read them. */
  readonly sent: string | undefined;
  /** Whether they are sent as text because they are cast to it. */
  readonly cast: boolean;
  readonly nullable: boolean;
  /** Only where it takes texts for equal that are not the same bytes. */
  readonly collation: string | undefined;
}

/** What the catalogue says of a table. */
export interface CatalogTable {
  readonly oid: string;
  readonly columns: readonly CatalogColumn[];
  readonly uniqueKeys: readonly (readonly string[])[];
  /** Columns of every B-tree index over whole columns, in the order of the index. */
  readonly indexes: readonly (readonly string[])[];
  /** A plain table or materialized view without children: its rows lie in its own blocks, and nowhere else. */
  readonly plain: boolean;
  /** Whether parts of it can be sampled: it is no view and no foreign table. */
  readonly sampled: boolean;
  readonly estimatedRows: number;
}

/** Types that are printed without loss, and whose text does not depend on a setting. */
const PRINTED = new Set(['citext', 'inet', 'cidr', 'macaddr', 'macaddr8', 'xml']);

const TABLE = `
  SELECT c.oid::text, c.relkind::text, c.reltuples::text,
    EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid)::text
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'm', 'v', 'f')`;

/**
 * Whether the server itself keeps NULL out. From version 18 on, a constraint may be there that nobody has held against the rows yet (`NOT
 * VALID`); and of a foreign table it is only said. Whoever believed it would read ranges of a key, and no row without one.
 */
const keepsNullOut = (column: string): string => `(${column}.attnotnull
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint nn
      WHERE nn.conrelid = ${column}.attrelid AND nn.contype = 'n' AND NOT nn.convalidated AND ${column}.attnum = ANY (nn.conkey))
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_class f WHERE f.oid = ${column}.attrelid AND f.relkind = 'f'))::text`;

// A domain is sent as what it is a domain over. Through JSON, because PostgreSQL 11 has no collation that is not deterministic, nor the column.
const COLUMNS = `
  WITH RECURSIVE base AS (
    SELECT a.attnum, a.atttypid AS typid FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::oid
    UNION ALL
    SELECT b.attnum, t.typbasetype FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.typid WHERE t.typtype = 'd'
  )
  SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), t.typname, t.typtype::text, ${keepsNullOut('a')},
    (t.typnamespace = 'pg_catalog'::regnamespace)::text,
    (SELECT l.collname FROM pg_catalog.pg_collation l
      WHERE l.oid = a.attcollation AND pg_catalog.to_jsonb(l) ->> 'collisdeterministic' = 'false')
  FROM pg_catalog.pg_attribute a
  JOIN base b ON b.attnum = a.attnum
  JOIN pg_catalog.pg_type t ON t.oid = b.typid AND t.typtype <> 'd'
  WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
  ORDER BY a.attnum`;

const INDEXES = `
  SELECT i.indexrelid::text, a.attname, i.indisprimary::text, (i.indisunique AND i.indimmediate)::text, ${keepsNullOut('a')}
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
  JOIN pg_catalog.pg_am m ON m.oid = x.relam AND m.amname = 'btree'
  CROSS JOIN LATERAL unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k(attnum, place)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
  WHERE i.indrelid = $1::oid AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
  ORDER BY i.indisprimary DESC, i.indexrelid, k.place`;

export async function readCatalog(session: Session, name: TableName): Promise<CatalogTable> {
  const [table] = await session.query(TABLE, [name.schema, name.table]);
  const [oid, kind, tuples, hasChildren] = table ?? [];
  if (oid === undefined || oid === null)
    throw new Problem('not-found', { detail: 'There is no table at the endpoint.' });
  const columns = await session.query(COLUMNS, [oid]);
  const indexes = indexesOf(await session.query(INDEXES, [oid]));
  return {
    oid,
    columns: columns.map(([column, type, typname, typtype, notNull, builtIn, collation]) => ({
      name: column ?? '',
      type: type ?? '',
      ...sentAs(typname ?? '', typtype ?? '', builtIn === 'true'),
      nullable: notNull !== 'true',
      collation: collation ?? undefined,
    })),
    uniqueKeys: indexes.filter(({ unique }) => unique).map((index) => index.columns),
    indexes: indexes.map((index) => index.columns),
    plain: (kind === 'r' || kind === 'm') && hasChildren !== 'true',
    sampled: kind === 'r' || kind === 'm' || kind === 'p',
    // −1: never analyzed.
    estimatedRows: Math.max(0, Number(tuples)),
  };
}

/** A type's binary format is read only when it is the built-in type of that name. An enumeration's values are its labels. */
function sentAs(typname: string, typtype: string, builtIn: boolean): Pick<CatalogColumn, 'sent' | 'cast'> {
  if (builtIn && isPostgresType(typname)) return { sent: typname, cast: false };
  return typtype === 'e' || PRINTED.has(typname) ? { sent: 'text', cast: true } : { sent: undefined, cast: false };
}

function indexesOf(rows: readonly (readonly (string | null)[])[]): { columns: string[]; unique: boolean }[] {
  const indexes = new Map<string, { columns: string[]; unique: boolean }>();
  for (const [oid, column, , unique, notNull] of rows) {
    const index = indexes.get(oid ?? '') ?? { columns: [], unique: unique === 'true' };
    index.columns.push(column ?? '');
    // A unique index lets NULLs repeat.
    if (notNull !== 'true') index.unique = false;
    indexes.set(oid ?? '', index);
  }
  return [...indexes.values()];
}

export function schemaOf({ columns, uniqueKeys }: CatalogTable): RelationSchema {
  return {
    columns: columns.map(({ name, type, nullable, collation }) => ({
      name,
      type,
      nullable,
      ...(collation === undefined ? {} : { collation }),
    })),
    uniqueKeys,
    sampled: false,
  };
}

/** The blocks of a plain table. */
export async function countBlocks(session: Session, name: TableName): Promise<number> {
  const [row] = await session.query(
    "SELECT (pg_catalog.pg_relation_size($1::regclass) / pg_catalog.current_setting('block_size')::int)::text",
    [relationName(name)],
  );
  return Number(row?.[0] ?? 0);
}
