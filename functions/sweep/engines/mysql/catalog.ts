/** What the server's catalogue says of one table. */
import { isMysqlType } from '../../../../shared/canonical/mysql/text-protocol.ts';
import { Problem } from '../../../../shared/problem.ts';
import type { RelationSchema } from '../engine.ts';
import type { Session } from './session.ts';

export interface CatalogColumn {
  readonly name: string;
  /** `information_schema.columns.data_type`: without length and sign. */
  readonly dataType: string;
  /** With both: `bigint(20) unsigned`. What contracts name. */
  readonly columnType: string;
  readonly nullable: boolean;
  /** Of texts. Names of the server's own, letters and digits. */
  readonly charset: string | undefined;
  readonly collation: string | undefined;
  readonly precision: number | undefined;
  readonly scale: number | undefined;
}

export interface CatalogKey {
  readonly name: string;
  readonly columns: readonly CatalogColumn[];
}

export interface Catalog {
  readonly columns: readonly CatalogColumn[];
  /** Unique indexes over whole columns that are not NULL; the primary key first. */
  readonly keys: readonly CatalogKey[];
}

/** The name is compared byte by byte: on most systems, tables that differ in case only are different tables. */
const COLUMNS = `
  SELECT column_name, data_type, column_type, is_nullable, character_set_name, collation_name, numeric_precision, numeric_scale
  FROM information_schema.columns
  WHERE BINARY table_schema = BINARY @p0 AND BINARY table_name = BINARY @p1
  ORDER BY ordinal_position`;
const INDEXES = `
  SELECT index_name, column_name, sub_part
  FROM information_schema.statistics
  WHERE BINARY table_schema = BINARY @p0 AND BINARY table_name = BINARY @p1 AND non_unique = 0
  ORDER BY index_name <> 'PRIMARY', index_name, seq_in_index`;

/** Throws Problem('not-found') when there is no such table, or none that may be seen. */
export async function readCatalog(session: Session, schema: string, table: string): Promise<Catalog> {
  await session.bind([{ text: schema }, { text: table }]);
  const columns = (await session.rows(COLUMNS)).map(columnOf);
  if (columns.length === 0) throw new Problem('not-found', { detail: 'There is no such table.' });
  const byName = new Map(columns.map((column) => [column.name, column]));
  const parts = new Map<string, (CatalogColumn | undefined)[]>();
  for (const [index, name, prefix] of await session.rows(INDEXES)) {
    const column = name === null || name === undefined ? undefined : byName.get(name);
    // An index over an expression or over a prefix keeps no column unique.
    const whole = prefix === null && column?.nullable === false ? column : undefined;
    parts.set(index ?? '', [...(parts.get(index ?? '') ?? []), whole]);
  }
  const keys = [...parts].flatMap(([name, found]): CatalogKey[] => {
    const whole = found.filter((column) => column !== undefined);
    return whole.length === found.length ? [{ name, columns: whole }] : [];
  });
  return { columns, keys };
}

function columnOf(row: readonly (string | null)[]): CatalogColumn {
  const [name, dataType, columnType, nullable, charset, collation, precision, scale] = row;
  return {
    name: name ?? '',
    dataType: (dataType ?? '').toLowerCase(),
    columnType: columnType ?? '',
    nullable: nullable === 'YES',
    charset: charset ?? undefined,
    collation: collation ?? undefined,
    precision: precision === null || precision === undefined ? undefined : Number(precision),
    scale: scale === null || scale === undefined ? undefined : Number(scale),
  };
}

const isBinary = (collation: string): boolean => collation === 'binary' || collation.endsWith('_bin');

export function schemaOf({ columns, keys }: Catalog): RelationSchema {
  return {
    columns: columns.map(({ name, dataType, columnType, nullable, collation }) => ({
      name,
      // A type without a canonical form is called so, that no contract can name it by accident.
      type: isMysqlType(dataType) ? columnType : `?${columnType}`,
      nullable,
      ...(collation === undefined || isBinary(collation) ? {} : { collation }),
    })),
    uniqueKeys: keys.map((key) => key.columns.map(({ name }) => name)),
    sampled: false,
  };
}

/**
 * The server's own id, and the table on it. MySQL has `server_uuid`; MariaDB has `server_uid` from 10.10 on, and before that only the
 * host's name and port.
 */
export async function readIdentity(session: Session, schema: string, table: string): Promise<string> {
  const rows = await session.rows(
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('server_uuid', 'server_uid', 'hostname', 'port', 'datadir')",
  );
  const variables = new Map(rows.map(([name, value]) => [name ?? '', value ?? '']));
  const named = ['hostname', 'port', 'datadir'].map((name) => variables.get(name) ?? '').join(' ');
  const server = variables.get('server_uuid') ?? variables.get('server_uid') ?? named;
  return `mysql ${server} ${JSON.stringify([schema, table])}`;
}
