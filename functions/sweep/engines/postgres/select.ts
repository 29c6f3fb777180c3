import type { Bounds } from './bounds.ts';
import type { CatalogColumn, TableName } from './catalog.ts';
import { identifier, relationName } from './quote.ts';

/** A query for COPY, which takes no parameters, and the settings that carry its values instead (`current_setting`). */
export interface BoundQuery {
  readonly sql: string;
  readonly settings: Readonly<Record<string, string>>;
}

const FROM = 'parapet.from';
const TO = 'parapet.to';
const KEYS = 'parapet.keys';

/** The rows of a part. `key` is the columns that keys bound, in the order of the key. */
export function selectPart(
  name: TableName,
  columns: readonly string[],
  key: readonly CatalogColumn[],
  bounds: Bounds,
): BoundQuery {
  const { conditions, settings } = within(bounds, key);
  const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : '';
  return { sql: `SELECT ${list(columns)} FROM ${relationName(name)} t${where}`, settings };
}

/** The rows of keys, given as lists of texts. No key is looked up twice. */
export function selectKeys(
  name: TableName,
  columns: readonly string[],
  key: readonly CatalogColumn[],
  keys: readonly (readonly string[])[],
): BoundQuery {
  const wanted = key.map((column, index) => `(w.k->>${index})::${typeOf(column)} AS k${index}`);
  const matches = key.map((column, index) => `t.${identifier(column.name)} = k.k${index}`);
  const sql = `SELECT ${list(columns)} FROM (
      SELECT DISTINCT ${wanted.join(', ')}
      FROM pg_catalog.jsonb_array_elements(pg_catalog.current_setting('${KEYS}')::pg_catalog.jsonb) AS w(k)
    ) k JOIN ${relationName(name)} t ON ${matches.join(' AND ')}`;
  return { sql, settings: { [KEYS]: JSON.stringify(keys) } };
}

/** Of no column, an empty list: rows are counted even then. */
const list = (columns: readonly string[]): string => columns.join(', ');

function within(
  bounds: Bounds,
  key: readonly CatalogColumn[],
): { conditions: string[]; settings: Record<string, string> } {
  if (bounds.by === 'blocks') {
    // Whole numbers, and ours.
    const conditions = [`t.ctid >= '(${bounds.from},0)'::pg_catalog.tid`];
    if (!bounds.open) conditions.push(`t.ctid < '(${bounds.to},0)'::pg_catalog.tid`);
    return { conditions, settings: {} };
  }
  const conditions: string[] = [];
  const settings: Record<string, string> = {};
  if (bounds.by === 'keys' && bounds.from !== undefined) {
    conditions.push(`${row(key)} >= ${point(FROM, key)}`);
    settings[FROM] = JSON.stringify(bounds.from);
  }
  if (bounds.by === 'keys' && bounds.to !== undefined) {
    conditions.push(`${row(key)} < ${point(TO, key)}`);
    settings[TO] = JSON.stringify(bounds.to);
  }
  return { conditions, settings };
}

const row = (key: readonly CatalogColumn[]): string =>
  `ROW(${key.map(({ name }) => `t.${identifier(name)}`).join(', ')})`;

function point(setting: string, key: readonly CatalogColumn[]): string {
  const values = key.map(
    (column, index) => `(pg_catalog.current_setting('${setting}')::pg_catalog.json->>${index})::${typeOf(column)}`,
  );
  return `ROW(${values.join(', ')})`;
}

/** As `format_type` spells it, with an empty search path: quoted and qualified where that is needed. */
function typeOf(column: CatalogColumn): string {
  return column.type;
}
